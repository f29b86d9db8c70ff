#include "cost/surrogate/net/surrogate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/files/hdf5_file.h"
#include "base/files/hdf5_image.h"
#include "base/text/error.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class SurrogateTest : public testing::Test {
 protected:
  static Surrogate train() {
    TrainingOptions options;
    options.hidden = {32, 16};
    options.epochs = 5;
    return train_surrogate(synthetic_data(1500, 1), options).model;
  }
  static void draw(std::size_t count, std::vector<Choices>& network,
                   std::vector<Choices>& hardware) {
    const Dataset data = synthetic_data(count, 9);
    for (std::size_t i = 0; i < count; ++i) {
      network.push_back(data.network(i));
      hardware.push_back(data.hardware(i));
    }
  }
  TemporaryFolder folder_;
};

TEST_F(SurrogateTest, FileGivesTheSamePredictions) {
  const Surrogate model = train();
  model.save(folder_.path() / "model.h5");
  const Surrogate loaded = Surrogate::load(folder_.path() / "model.h5");
  std::vector<Choices> network, hardware;
  draw(2500, network, hardware);  // more than one batch
  const auto a = model.predict(network, hardware), b = loaded.predict(network, hardware);
  ASSERT_EQ(a.size(), 2500U);
  ASSERT_EQ(b.size(), 2500U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].costs.latency_ms, b[i].costs.latency_ms);
    EXPECT_EQ(a[i].costs.energy_mj, b[i].costs.energy_mj);
    EXPECT_EQ(a[i].feasible_probability, b[i].feasible_probability);
    EXPECT_GT(a[i].costs.latency_ms, 0);
    EXPECT_GT(a[i].costs.energy_mj, 0);
    EXPECT_GE(a[i].feasible_probability, 0);
    EXPECT_LE(a[i].feasible_probability, 1);
  }
  EXPECT_EQ(loaded.report(), model.report());
  EXPECT_TRUE(loaded.knows_feasibility());
  loaded.save(folder_.path() / "again.h5");
  EXPECT_EQ(folder_.read("again.h5"), folder_.read("model.h5"));
}

TEST_F(SurrogateTest, APredictionDoesNotDependOnItsNeighbours) {
  const Surrogate model = train();
  std::vector<Choices> network, hardware;
  draw(1100, network, hardware);
  const auto together = model.predict(network, hardware);
  for (const std::size_t size : {1, 2, 3, 5, 16, 37, 1023}) {
    for (std::size_t begin = 0; begin + size <= 1100; begin += size) {
      const auto some = model.predict(std::span(network).subspan(begin, size),
                                      std::span(hardware).subspan(begin, size));
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(some[i].costs.latency_ms, together[begin + i].costs.latency_ms) << size;
        ASSERT_EQ(some[i].costs.energy_mj, together[begin + i].costs.energy_mj) << size;
        ASSERT_EQ(some[i].feasible_probability, together[begin + i].feasible_probability) << size;
      }
    }
  }
  EXPECT_TRUE(model.predict({}, {}).empty());
}

TEST_F(SurrogateTest, DamagedAndForeignFilesAreErrors) {
  train().save(folder_.path() / "model.h5");
  synthetic_data(60, 1).save(folder_.path() / "data.h5");
  std::string bytes = folder_.read("model.h5");
  folder_.write("cut.h5", bytes.substr(0, bytes.size() - 40));
  bytes[bytes.size() - 40] ^= 1;
  folder_.write("flip.h5", bytes);
  const auto error = [&](const std::string& name) {
    return message_of<InputError>([&] { Surrogate::load(folder_.path() / name); });
  };
  EXPECT_THAT(error("cut.h5"), testing::AllOf(HasSubstr("cut.h5"), HasSubstr("truncated")));
  EXPECT_THAT(error("flip.h5"), testing::AllOf(HasSubstr("flip.h5"), HasSubstr("checksum")));
  EXPECT_THAT(error("data.h5"), HasSubstr("has schema dovetail.dataset/2"));
  EXPECT_THAT(error("none.h5"), HasSubstr("none.h5"));
}

TEST_F(SurrogateTest, AModelThatNoTrainingLeavesIsRefused) {
  const auto file = folder_.path() / "model.h5";
  train().save(file);
  const Hdf5Image image(folder_.read("model.h5").substr(512));
  const Hdf5Image::Array& stored = *image.array("parameters");
  std::vector<float> parameters(stored.data.size() / sizeof(float));
  std::memcpy(parameters.data(), stored.data.data(), stored.data.size());
  parameters[7] = std::numeric_limits<float>::quiet_NaN();
  const auto write = [&](const std::string& from, const std::string& to) {
    Hdf5Writer writer(file, "dovetail.surrogate/4");
    for (const char* name :
         {"network_space", "hardware_space", "network", "technology", "report"}) {
      std::string text = *image.attribute(name);
      const std::size_t at = text.find(from);
      if (!from.empty() && at != std::string::npos) text.replace(at, from.size(), to);
      writer.attribute(name, text);
    }
    writer.array<float>("parameters", parameters, stored.shape[0], stored.shape[1]);
    writer.commit();
  };
  write("", "");
  EXPECT_THAT(message_of<InputError>([&] { Surrogate::load(file); }),
              HasSubstr("array 'parameters': found nan, allowed finite numbers"));
  for (const auto& [from, to] : {std::pair{"[32,16]", "[4000000000,4000000000]"},
                                 {"\"members\":1", "\"members\":4000000000"}}) {
    write(from, to);
    EXPECT_THAT(message_of<InputError>([&] { Surrogate::load(file); }),
                HasSubstr("which are not in the file"));
  }
}

TEST_F(SurrogateTest, OtherSpacesAreRefused) {
  const Surrogate model = train();
  const SpaceDescription network = synthetic_network_space(), hardware = synthetic_hardware_space();
  EXPECT_NO_THROW(model.require_spaces(network.decisions, hardware.decisions));
  EXPECT_NO_THROW(model.require_spaces(network, hardware));
  EXPECT_THROW(model.require_spaces(hardware.decisions, hardware.decisions), InputError);
  EXPECT_THROW(model.require_spaces(network.decisions, network.decisions), InputError);
  SpaceDescription other = hardware;
  other.definition = "another base accelerator";
  EXPECT_THROW(model.require_spaces(network, other), InputError);
}

TEST_F(SurrogateTest, ChoicesOutsideTheSpacesAreRefused) {
  const Surrogate model = train();
  const std::vector<Choices> network = {{0, 0, 0, 0, 0, 0, 0, 0, 0}}, hardware = {{0, 0, 0}};
  EXPECT_NO_THROW(model.predict(network, hardware));
  EXPECT_THROW(model.predict(std::vector<Choices>{{9, 0, 0, 0, 0, 0, 0, 0, 0}}, hardware),
               InputError);
  EXPECT_THROW(model.predict(network, std::vector<Choices>{{0, 0}}), InputError);
  EXPECT_THROW(model.predict(network, {}), std::invalid_argument);
}

}  // namespace
}  // namespace dovetail

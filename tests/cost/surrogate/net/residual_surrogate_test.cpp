// The residual form of the surrogate: logarithm of the roofline plus a network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/files/hdf5_file.h"
#include "base/files/hdf5_image.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "cost/surrogate/net/relaxed_surrogate.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/roofline/roofline_baseline.h"
#include "cost/surrogate/training/fine_tuning.h"
#include "cost/surrogate/training/trainer.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ResidualSurrogate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    networks_ =
        std::make_unique<NetworkSpace>(NetworkSpace::load(resolve_config("spaces", "ofa_mbv3")));
    accelerators_ =
        std::make_unique<DesignSpace>(DesignSpace::load(resolve_config("spaces", "nahas_edge")));
    baseline_ =
        make_roofline_baseline(*networks_, *accelerators_, "16nm", RooflineRoof::kComputeAndIo);
  }
  static void TearDownTestSuite() {
    baseline_.reset();
    networks_.reset();
    accelerators_.reset();
  }

  /// Labels that are the roofline times what a pair gives.
  static Dataset labelled(std::size_t rows, double (*latency_ratio)(const Choices& hardware)) {
    Dataset data({describe(*networks_), describe(*accelerators_), 0, "closed form", "16nm"});
    for (std::size_t i = 0; i < rows; ++i) {
      Rng rng(3, i);
      const Choices network = networks_->canonical(networks_->decisions().sample(rng));
      const Choices hardware = accelerators_->decisions().sample(rng);
      const CostBaseline roofline =
          baseline_->of(std::span(&network, 1), std::span(&hardware, 1)).front();
      Costs label;
      label.area_mm2 = 1;
      label.latency_ms = latency_ratio(hardware) * roofline.latency_ms;
      label.energy_mj = roofline.energy_mj;
      label.cycles = 1;
      data.append(network, hardware, label);
    }
    return data;
  }

  static TrainingOptions quick(bool residual) {
    TrainingOptions options;
    options.hidden = {16, 8};
    options.epochs = 3;
    if (residual) options.baseline = baseline_;
    return options;
  }

  static std::vector<CostPrediction> predictions(const Surrogate& model, const Dataset& data) {
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < data.rows(); ++r) rows.push_back(r);
    return predict_rows(model, data, rows);
  }

  static std::unique_ptr<NetworkSpace> networks_;
  static std::unique_ptr<DesignSpace> accelerators_;
  static std::shared_ptr<const RooflineBaseline> baseline_;
  TemporaryFolder folder_;
};

std::unique_ptr<NetworkSpace> ResidualSurrogate::networks_;
std::unique_ptr<DesignSpace> ResidualSurrogate::accelerators_;
std::shared_ptr<const RooflineBaseline> ResidualSurrogate::baseline_;

double one(const Choices&) {
  return 1;
}
double by_hardware(const Choices& hardware) {
  return 1.5 + 0.2 * hardware[0] - 0.1 * hardware[1];
}

TEST_F(ResidualSurrogate, WithANetworkOfZerosIsTheRoofline) {
  const Dataset data = labelled(300, one);
  auto impl = std::make_unique<Surrogate::Impl>(data.header().network, data.header().hardware,
                                                std::vector<std::size_t>{16, 8}, 2);
  impl->baseline = baseline_;
  const Surrogate model(std::move(impl));
  const auto found = predictions(model, data);
  for (std::size_t r = 0; r < data.rows(); ++r) {
    EXPECT_EQ(found[r].costs.latency_ms, data.label(r).latency_ms);
    EXPECT_EQ(found[r].costs.energy_mj, data.label(r).energy_mj);
  }
}

TEST_F(ResidualSurrogate, LearnsTheRatioAlone) {
  const Dataset data = labelled(500, by_hardware);
  const TrainedSurrogate plain = train_surrogate(data, quick(false)),
                         residual = train_surrogate(data, quick(true));
  EXPECT_FALSE(plain.model.residual());
  EXPECT_TRUE(residual.model.residual());
  EXPECT_THAT(residual.model.report(), HasSubstr("\"form\": \"residual\""));
  EXPECT_THAT(plain.model.report(), testing::Not(HasSubstr("\"form\"")));
  // Energies are the roofline to the last digits, so what is left is rounding and the network's
  // start, which is of the order of 0.1.
  EXPECT_LT(residual.report.errors.costs[0].mape_percent,
            0.5 * plain.report.errors.costs[0].mape_percent);
  EXPECT_LT(residual.report.errors.costs[1].mape_percent,
            0.5 * plain.report.errors.costs[1].mape_percent);
  EXPECT_GT(residual.report.errors.costs[0].kendall_tau, plain.report.errors.costs[0].kendall_tau);
}

TEST_F(ResidualSurrogate, FileGivesTheSamePredictions) {
  const Dataset data = labelled(300, by_hardware);
  const Surrogate model = train_surrogate(data, quick(true)).model;
  model.save(folder_.path() / "m.h5");
  EXPECT_THAT(folder_.read("m.h5"), StartsWith("dovetail.surrogate/5 "));
  const Surrogate loaded = Surrogate::load(folder_.path() / "m.h5");
  EXPECT_TRUE(loaded.residual());
  const auto a = predictions(model, data), b = predictions(loaded, data);
  for (std::size_t r = 0; r < data.rows(); ++r) {
    EXPECT_EQ(a[r].costs.latency_ms, b[r].costs.latency_ms);
    EXPECT_EQ(a[r].costs.energy_mj, b[r].costs.energy_mj);
  }
  loaded.save(folder_.path() / "again.h5");
  EXPECT_EQ(folder_.read("again.h5"), folder_.read("m.h5"));
  train_surrogate(data, quick(false)).model.save(folder_.path() / "plain.h5");
  EXPECT_THAT(folder_.read("plain.h5"), StartsWith("dovetail.surrogate/4 "));
}

TEST_F(ResidualSurrogate, FileKeepsWhichRoofItIsOn) {
  const Dataset data = labelled(200, by_hardware);
  TrainingOptions options = quick(false);
  options.baseline =
      make_roofline_baseline(*networks_, *accelerators_, "16nm", RooflineRoof::kCompute);
  const Surrogate model = train_surrogate(data, options).model;
  EXPECT_THAT(model.report(), HasSubstr("\"form\": \"residual_compute\""));
  model.save(folder_.path() / "m.h5");
  const Surrogate loaded = Surrogate::load(folder_.path() / "m.h5");
  const auto a = predictions(model, data), b = predictions(loaded, data);
  for (std::size_t r = 0; r < data.rows(); ++r) {
    EXPECT_EQ(a[r].costs.latency_ms, b[r].costs.latency_ms);
    EXPECT_EQ(a[r].costs.energy_mj, b[r].costs.energy_mj);
  }
}

TEST_F(ResidualSurrogate, UnknownFormsAndOtherRooflinesAreRefused) {
  const auto file = folder_.path() / "m.h5";
  train_surrogate(labelled(200, one), quick(true)).model.save(file);
  const Hdf5Image image(folder_.read("m.h5").substr(512));
  const Hdf5Image::Array& stored = *image.array("parameters");
  std::vector<float> parameters(stored.data.size() / sizeof(float));
  std::memcpy(parameters.data(), stored.data.data(), stored.data.size());
  const auto error = [&](const std::string& form, const std::string& roofline) {
    Hdf5Writer writer(file, "dovetail.surrogate/5");
    for (const char* name :
         {"network_space", "hardware_space", "network", "technology", "report"}) {
      writer.attribute(name, *image.attribute(name));
    }
    writer.attribute("form", form);
    if (!roofline.empty()) writer.attribute("roofline", roofline);
    writer.array<float>("parameters", parameters, stored.shape[0], stored.shape[1]);
    writer.commit();
    return message_of<InputError>([&] { Surrogate::load(file); });
  };
  EXPECT_THAT(error("ratio", *image.attribute("roofline")),
              AllOf(HasSubstr("m.h5"), HasSubstr("form"), HasSubstr("found 'ratio'"),
                    HasSubstr("allowed residual, residual_compute")));
  EXPECT_THAT(error("residual", ""), HasSubstr("has no attribute 'roofline'"));
  EXPECT_THAT(error("residual", "{}"), HasSubstr("m.h5: not a roofline"));
  const std::string other =
      make_roofline_baseline(NetworkSpace::load(resolve_config("spaces", "nahas_s1")),
                             *accelerators_, "16nm", RooflineRoof::kComputeAndIo)
          ->to_json_text();
  EXPECT_THAT(error("residual", other), HasSubstr("is for another network space"));
}

TEST_F(ResidualSurrogate, TrainingWantsTheRooflineOfItsData) {
  TrainingOptions options = quick(false);
  options.baseline =
      make_roofline_baseline(NetworkSpace::load(resolve_config("spaces", "nahas_s1")),
                             *accelerators_, "16nm", RooflineRoof::kComputeAndIo);
  EXPECT_THAT(message_of<InputError>([&] { train_surrogate(labelled(100, one), options); }),
              HasSubstr("is for another network space"));
}

TEST_F(ResidualSurrogate, AnyNumberOfWorkersGivesTheSameBytes) {
  const Dataset data = labelled(200, by_hardware);
  TrainingOptions options = quick(true);
  options.ensemble = 3;
  for (const int workers : {1, 2}) {
    TrainingControl control;
    control.workers = workers;
    train_surrogate(data, options, control)
        .model.save(folder_.path() / (std::to_string(workers) + ".h5"));
  }
  EXPECT_EQ(folder_.read("1.h5"), folder_.read("2.h5"));
}

TEST_F(ResidualSurrogate, IsTunedByMeasurements) {
  const Dataset data = labelled(300, by_hardware);
  const Surrogate model = train_surrogate(data, quick(true)).model;
  const auto before = predictions(model, data);
  Measurements measurements;
  for (std::size_t r = 0; r < 20; ++r) {
    measurements.network.push_back(data.network(r));
    measurements.hardware.push_back(data.hardware(r));
    measurements.costs.push_back({3 * before[r].costs.latency_ms, before[r].costs.energy_mj});
  }
  const FineTuned tuned = fine_tune(model, measurements);
  EXPECT_TRUE(tuned.model.residual());
  const auto after = predictions(tuned.model, data);
  for (std::size_t r = 0; r < data.rows(); ++r) {
    EXPECT_NEAR(after[r].costs.latency_ms / before[r].costs.latency_ms, 3, 0.01);
    EXPECT_NEAR(after[r].costs.energy_mj / before[r].costs.energy_mj, 1, 1e-6);
  }
  tuned.model.save(folder_.path() / "tuned.h5");
  EXPECT_TRUE(Surrogate::load(folder_.path() / "tuned.h5").tuned());
}

TEST_F(ResidualSurrogate, HasNoGradientByItsChoices) {
  const auto model =
      std::make_shared<const Surrogate>(train_surrogate(labelled(200, one), quick(true)).model);
  EXPECT_THAT(message_of<InputError>([&] { RelaxedSurrogate relaxed(model); }),
              AllOf(HasSubstr("residual form"), HasSubstr("--form plain")));
}

}  // namespace
}  // namespace dovetail

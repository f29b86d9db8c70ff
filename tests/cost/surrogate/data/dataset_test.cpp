#include "cost/surrogate/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

void expect_equal(const Dataset& a, const Dataset& b) {
  ASSERT_EQ(a.rows(), b.rows());
  EXPECT_EQ(a.header().seed, b.header().seed);
  EXPECT_EQ(a.header().simulator, b.header().simulator);
  EXPECT_EQ(a.header().technology, b.header().technology);
  EXPECT_EQ(to_json_text(a.header().network), to_json_text(b.header().network));
  EXPECT_EQ(to_json_text(a.header().hardware), to_json_text(b.header().hardware));
  for (std::size_t i = 0; i < a.rows(); ++i) {
    EXPECT_EQ(a.network(i), b.network(i));
    EXPECT_EQ(a.hardware(i), b.hardware(i));
    EXPECT_EQ(a.label(i).reason, b.label(i).reason);
    EXPECT_EQ(a.label(i).cycles, b.label(i).cycles);
    EXPECT_EQ(a.label(i).area_mm2, b.label(i).area_mm2);
    if (a.label(i).feasible()) {
      EXPECT_EQ(a.label(i).latency_ms, b.label(i).latency_ms);
      EXPECT_EQ(a.label(i).energy_mj, b.label(i).energy_mj);
    } else {
      EXPECT_TRUE(std::isnan(b.label(i).latency_ms));
      EXPECT_TRUE(std::isnan(b.label(i).energy_mj));
    }
  }
}

TEST(Dataset, RoundTrip) {
  const TemporaryFolder folder;
  Dataset data = synthetic_data(300, 18446744073709551615ULL);
  ASSERT_GT(data.feasible_rows(), 200U);
  ASSERT_LT(data.feasible_rows(), 300U);
  const std::string fingerprint = data.save(folder.path() / "data.h5");
  const Dataset loaded = Dataset::load(folder.path() / "data.h5");
  expect_equal(data, loaded);
  EXPECT_EQ(loaded.fingerprint(), fingerprint);
  EXPECT_EQ(folder.count(), 1U);
}

TEST(Dataset, SameRowsGiveSameBytesAndOneChangeAnotherFingerprint) {
  const TemporaryFolder folder;
  Dataset a = synthetic_data(50, 1), b = synthetic_data(51, 1), c = synthetic_data(50, 2);
  b.truncate(50);
  EXPECT_EQ(a.save(folder.path() / "a.h5"), b.save(folder.path() / "b.h5"));
  EXPECT_EQ(folder.read("a.h5"), folder.read("b.h5"));
  EXPECT_NE(c.save(folder.path() / "c.h5"), a.fingerprint());
}

TEST(Dataset, EmptyRoundTrip) {
  const TemporaryFolder folder;
  synthetic_data(0, 3).save(folder.path() / "data.h5");
  EXPECT_EQ(Dataset::load(folder.path() / "data.h5").rows(), 0U);
}

TEST(Dataset, RefusesRowsThatCannotBe) {
  Dataset data = synthetic_data(1, 0);
  const Choices network = data.network(0), hardware = data.hardware(0);
  Costs good = synthetic_label(network, {0, 3, 0});
  EXPECT_THROW(data.append({9}, hardware, good), InputError);
  EXPECT_THROW(data.append(network, {0, 99, 0}, good), InputError);
  Costs left_out;
  left_out.reason = InfeasibleReason::kOverMaxArea;
  EXPECT_THAT(message_of<InputError>([&] { data.append(network, hardware, left_out); }),
              HasSubstr("unknown reason 'over_max_area'"));
  Costs no_latency;
  EXPECT_THROW(data.append(network, hardware, no_latency), InputError);
  Costs no_energy = good;
  no_energy.energy_mj = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(message_of<InputError>([&] { data.append(network, hardware, no_energy); }),
              HasSubstr("energy_mj nan"));
  for (const double area : {std::numeric_limits<double>::quiet_NaN(), -1.0, 0.0}) {
    Costs no_area = good;
    no_area.area_mm2 = area;
    EXPECT_THAT(message_of<InputError>([&] { data.append(network, hardware, no_area); }),
                HasSubstr("area_mm2"));
  }
  Costs no_cycles = good;
  no_cycles.cycles = -1;
  EXPECT_THAT(message_of<InputError>([&] { data.append(network, hardware, no_cycles); }),
              HasSubstr("cycles"));
  Costs both = good;
  both.reason = InfeasibleReason::kLocalMemoryTooSmall;
  EXPECT_THROW(data.append(network, hardware, both), InputError);
  EXPECT_EQ(data.rows(), 1U);
}

TEST(Dataset, AFileOfAnotherSchemaIsRefusedByItsSchema) {
  const TemporaryFolder folder;
  synthetic_data(60, 0).save(folder.path() / "data.h5");
  std::string bytes = folder.read("data.h5");
  const std::size_t at = bytes.find("dovetail.dataset/2");
  ASSERT_LT(at, 512U);
  bytes[at + 17] = '1';  // without energies
  const auto file = folder.write("old.h5", bytes);
  EXPECT_THAT(message_of<InputError>([&] { Dataset::load(file); }),
              testing::AllOf(HasSubstr("old.h5"), HasSubstr("dovetail.dataset/1"),
                             HasSubstr("dovetail.dataset/2")));
}

TEST(Dataset, DamagedFileIsAnErrorWithItsName) {
  const TemporaryFolder folder;
  synthetic_data(100, 0).save(folder.path() / "data.h5");
  std::string bytes = folder.read("data.h5");
  const auto error = [&](const std::string& name, const std::string& content) {
    const auto file = folder.write(name, content);
    return message_of<InputError>([&] { Dataset::load(file); });
  };
  EXPECT_THAT(error("cut.h5", bytes.substr(0, bytes.size() / 2)),
              testing::AllOf(HasSubstr("cut.h5"), HasSubstr("truncated")));
  bytes[bytes.size() - 100] ^= 4;
  EXPECT_THAT(error("flip.h5", bytes), testing::AllOf(HasSubstr("flip.h5"), HasSubstr("checksum")));
}

}  // namespace
}  // namespace dovetail

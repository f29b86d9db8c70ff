// A model (dovetail.surrogate/4) with what `dovetail validate --csv` said of it and of the
// simulator, as a program of version 0.1.0 wrote them.
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/text/text.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/net/surrogate.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

TEST(OldSurrogate, OpensAndPredictsTheSame) {
  const std::filesystem::path assets =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/cost/surrogate/net/assets";
  const Surrogate model = Surrogate::load(assets / "surrogate_4.h5");
  const NetworkSpace networks = NetworkSpace::load(assets / "tiny_networks.yaml");
  const DesignSpace accelerators = DesignSpace::load(assets / "tiny_edge.yaml");
  model.require_spaces(describe(networks), describe(accelerators));
  EXPECT_EQ(model.members(), 2U);
  EXPECT_TRUE(model.predicts_area());
  EXPECT_FALSE(model.residual());

  LabellingOptions options;
  options.first_stream = kValidationStream;
  Dataset pairs = empty_dataset(networks, accelerators, options);
  label_pairs(pairs, networks, accelerators, 40, options, {});
  const auto lines = split(read_file(assets / "surrogate_4_parity.csv"), '\n');
  std::size_t line = 1;  // after the header
  for (std::size_t r = 0; r < pairs.rows(); ++r) {
    const Costs& simulated = pairs.label(r);
    if (!simulated.feasible()) continue;
    const Choices network = pairs.network(r), hardware = pairs.hardware(r);
    const CostPrediction prediction =
        model.predict(std::span(&network, 1), std::span(&hardware, 1))[0];
    const auto cells = split(lines.at(line++), ',');
    ASSERT_EQ(cells.size(), 4U);
    EXPECT_EQ(std::stod(cells[0]), simulated.latency_ms);
    EXPECT_NEAR(simulated.energy_mj / std::stod(cells[2]), 1, 1e-6);  // of seven digits
    // Sums of floats depend on the processor.
    EXPECT_NEAR(prediction.costs.latency_ms / std::stod(cells[1]), 1, 1e-5);
    EXPECT_NEAR(prediction.costs.energy_mj / std::stod(cells[3]), 1, 1e-5);
    EXPECT_TRUE(prediction.costs.spread.has_value());
  }
  EXPECT_EQ(line + 1, lines.size());
}

}  // namespace
}  // namespace dovetail

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/text.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "cost/surrogate/rivals/additive.h"
#include "cost/surrogate/rivals/comparison.h"
#include "cost/surrogate/rivals/roofline.h"
#include "cost/surrogate/roofline/roofline_bound.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Pairs of shipped spaces with costs in closed form.
class Rivals : public testing::Test {
 protected:
  using CostOf = std::function<double(const Choices& network, const Choices& hardware)>;

  Dataset labelled(std::size_t rows, const CostOf& latency_ms) const {
    DatasetHeader header{describe(networks), describe(accelerators), 0, "closed form", "16nm"};
    Dataset data(header);
    for (std::size_t i = 0; i < rows; ++i) {
      Rng rng(5, i);
      const Choices network = networks.canonical(networks.decisions().sample(rng));
      const Choices hardware = accelerators.decisions().sample(rng);
      Costs label;
      label.area_mm2 = 1;
      if (rng.uniform() < 0.05) {
        label.reason = InfeasibleReason::kWeightsDoNotFit;
      } else {
        label.latency_ms = latency_ms(network, hardware);
        label.energy_mj = 2 * label.latency_ms;
        label.cycles = 1;
      }
      data.append(network, hardware, label);
    }
    return data;
  }

  RegressionMetrics errors(const Rival& rival, const Dataset& data) const {
    std::vector<Choices> network, hardware;
    std::vector<double> truth, predicted;
    for (std::size_t r = 0; r < data.rows(); ++r) {
      if (!data.label(r).feasible()) continue;
      network.push_back(data.network(r));
      hardware.push_back(data.hardware(r));
      truth.push_back(data.label(r).latency_ms);
    }
    for (const CostPrediction& p : rival.predict(network, hardware)) {
      predicted.push_back(p.costs.latency_ms);
    }
    return regression_metrics(truth, predicted);
  }

  /// Small models that fit in a moment.
  RivalSetup quick_setup() const {
    RivalSetup setup{networks, accelerators};
    setup.mlp.epochs = 3;
    setup.mlp.hidden = {32, 32};
    setup.trees.rounds = 300;
    setup.trees.learning_rate = 0.2;
    return setup;
  }

  NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  DesignSpace accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
};

/// Index + 1 of each choice that has an effect, decision by decision.
double sum_of_active(const SpaceDescription& space, const Choices& choices) {
  const auto active = space.active(choices);
  double sum = 0;
  for (std::size_t d = 0; d < choices.size(); ++d) {
    if (active[d]) sum += static_cast<double>((1 + choices[d]) * (1 + d % 3));
  }
  return sum;
}

TEST_F(Rivals, AdditiveModelsRecoverWhatIsAdditive) {
  const SpaceDescription network = describe(networks), hardware = describe(accelerators);
  const Dataset sums = labelled(1500, [&](const Choices& n, const Choices& h) {
    return 1 + sum_of_active(network, n) + 3 * sum_of_active(hardware, h);
  });
  const Dataset products = labelled(1500, [&](const Choices& n, const Choices& h) {
    return std::exp(0.01 * sum_of_active(network, n) - 0.1 * sum_of_active(hardware, h));
  });
  struct Case {
    AdditiveTarget target;
    const Dataset& fits;
    const Dataset& does_not;
  };
  for (const Case& c : {Case{AdditiveTarget::kCost, sums, products},
                        Case{AdditiveTarget::kLogCost, products, sums}}) {
    AdditiveRival rival(network, hardware, c.target);
    rival.fit(c.fits);
    EXPECT_LT(errors(rival, c.fits).max_percent, 0.1);
    rival.fit(c.does_not);
    EXPECT_GT(errors(rival, c.does_not).max_percent, 1);
  }
}

TEST_F(Rivals, AdditiveModelsRefuseNothingToFit) {
  Dataset none = labelled(0, {});
  AdditiveRival rival(none.header().network, none.header().hardware, AdditiveTarget::kCost);
  EXPECT_THROW(rival.fit(none), InputError);
}

TEST_F(Rivals, RooflineFindsItsFactor) {
  const Dataset data = labelled(60, [&](const Choices& n, const Choices& h) {
    return 3.5 * roofline_ms(networks.build(n), accelerators.decode(h));
  });
  RooflineRival rival(networks, accelerators);
  rival.fit(data);
  EXPECT_NEAR(rival.factor(), 3.5, 1e-9);
  EXPECT_LT(errors(rival, data).max_percent, 1e-6);
}

/// Two factors that no additive model has: a ridge where work and memory meet.
double not_additive(const Choices& n, const Choices& h) {
  const double work = 1 + n[40] + n[41] + n[42], units = 1 + h[0] + h[1];
  return std::max(4 * work / units, 1 + h[2] * 0.5);
}

TEST_F(Rivals, ComparisonMeasuresAllOnOneHeldOutPart) {
  const Dataset data = labelled(3000, not_additive);
  ComparisonOptions options;
  options.labels = {2000, 500, 2000};
  const RivalSetup setup = quick_setup();
  std::size_t told = 0;
  const Comparison comparison =
      compare_rivals(data, setup, options, [&](const ComparisonRow&) { ++told; });
  EXPECT_EQ(comparison.held_out, 300U);
  ASSERT_EQ(comparison.rows.size(), 2 * rival_kinds().size());
  EXPECT_EQ(told, comparison.rows.size());
  std::map<std::pair<std::string, std::size_t>, double> mape;
  for (const ComparisonRow& row : comparison.rows) {
    EXPECT_EQ(row.costs[0].count, comparison.held_out_feasible) << row.model;
    EXPECT_EQ(row.costs[1].count, row.model == "roofline" ? 0 : comparison.held_out_feasible);
    EXPECT_GT(row.us_per_prediction, 0);
    mape[{row.model, row.labels}] = row.costs[0].mape_percent;
  }
  EXPECT_EQ(comparison.rows.front().labels, 500U);
  // What bends needs a model that bends, and profits from labels.
  EXPECT_LT((mape[{"mlp", 2000}]), 0.5 * (mape[{"log_linear", 2000}]));
  EXPECT_LT((mape[{"mlp", 2000}]), (mape[{"mlp", 500}]));
  if (missing_rivals().empty()) {
    EXPECT_LT((mape[{"boosted_trees", 2000}]), 0.5 * (mape[{"log_linear", 2000}]));
  }
  const auto lines = split(to_csv(comparison), '\n');
  // schema, build, units, header; last line break
  EXPECT_EQ(lines.size(), 4 + 2 * (2 * rival_kinds().size() - 1) + 1);
}

TEST_F(Rivals, ErrorsAreTheSameTwice) {
  const Dataset data = labelled(800, not_additive);
  ComparisonOptions options;
  options.seed = 3;
  const RivalSetup setup = quick_setup();
  const Comparison a = compare_rivals(data, setup, options, {});
  const Comparison b = compare_rivals(data, setup, options, {});
  options.seed = 4;
  const Comparison c = compare_rivals(data, setup, options, {});
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    EXPECT_EQ(a.rows[i].labels, 720U);
    EXPECT_EQ(a.rows[i].costs[0].rmse, b.rows[i].costs[0].rmse) << a.rows[i].model;
    EXPECT_NE(a.rows[i].costs[0].rmse, c.rows[i].costs[0].rmse) << a.rows[i].model;
  }
}

TEST_F(Rivals, ComparisonRefusesWhatCannotBe) {
  const Dataset data = labelled(100, not_additive);
  const RivalSetup setup = quick_setup();
  const auto message = [&](const std::function<void(ComparisonOptions&)>& change) {
    ComparisonOptions options;
    change(options);
    return message_of<InputError>([&] { compare_rivals(data, setup, options, {}); });
  };
  EXPECT_THAT(message([](auto& o) { o.labels = {91}; }), AllOf(HasSubstr("91"), HasSubstr("90")));
  EXPECT_THAT(message([](auto& o) { o.labels = {0}; }), HasSubstr("found 0"));
  EXPECT_THAT(message([](auto& o) { o.models = {"lookup"}; }), HasSubstr("lookup_table"));
  EXPECT_THAT(message([](auto& o) { o.held_out_fraction = 1; }), HasSubstr("fraction"));
}

TEST_F(Rivals, AStopEndsAFit) {
  const Dataset data = labelled(400, not_additive);
  ComparisonOptions options;
  options.models = {"mlp"};
  RivalSetup setup = quick_setup();
  setup.keep_going = [] { return false; };
  EXPECT_THROW(compare_rivals(data, setup, options, {}), RunError);
}

}  // namespace
}  // namespace dovetail

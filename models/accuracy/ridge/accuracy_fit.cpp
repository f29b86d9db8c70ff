#include "models/accuracy/ridge/accuracy_fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/numbers/statistics.h"
#include "base/text/error.h"
#include "models/accuracy/measured/representatives.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

/// Fewer networks than this leave nothing to choose a penalty by or to measure an error on.
constexpr std::size_t kFewestNetworks = 20;

std::vector<RidgeExample> examples_of(const MeasuredAccuracies& table, const NetworkSpace& space) {
  const ChoiceFeatures features(space.decisions());
  std::vector<RidgeExample> examples;
  for (const MeasuredNetwork& n : table.networks) {
    examples.push_back({features.of(n.choices, space.active(n.choices)), n.top1_percent});
  }
  return examples;
}

std::vector<RidgeExample> select(const std::vector<RidgeExample>& all,
                                 const std::vector<std::size_t>& which) {
  std::vector<RidgeExample> some;
  for (const std::size_t i : which) some.push_back(all[i]);
  return some;
}

HeldOutError error_on(const PairRidge& ridge, const std::vector<RidgeExample>& examples) {
  std::vector<double> truth, predicted;
  for (const RidgeExample& e : examples) {
    truth.push_back(e.value);
    predicted.push_back(ridge.predict(e.features));
  }
  const RegressionMetrics m = regression_metrics(truth, predicted);
  return {m.rmse, m.kendall_tau};
}

struct Choice {
  RidgePenalty penalty;
  double rmse = 0;
};

Choice choose_penalty(const std::vector<RidgeExample>& train, const AccuracyFitOptions& options) {
  std::vector<RidgePenalty> grid;
  for (const double w : options.pair_weights) {
    for (const double l : options.lambdas) grid.push_back({l, w});
  }
  const std::vector<double> rmse = cross_validate(train, grid, options.folds);
  const auto best = std::min_element(rmse.begin(), rmse.end());
  return {grid[static_cast<std::size_t>(best - rmse.begin())], *best};
}

/// What the predictor makes of networks whose accuracy is not in its range.
LeftOutReport judge_left_out(const RidgeModel& model, const NetworkSpace& space,
                             const MeasuredAccuracies& left_out, double above) {
  LeftOutReport report;
  report.above_percent = above;
  report.networks = left_out.networks.size();
  double squares = 0;
  for (const RidgeExample& e : examples_of(left_out, space)) {
    const double top1 = model.ridge.predict(e.features);
    if (!model.all_seen(e.features) || !model.in_range(top1)) continue;
    ++report.accepted;
    squares += (top1 - e.value) * (top1 - e.value);
  }
  if (report.accepted > 0) {
    report.accepted_rmse_points = std::sqrt(squares / static_cast<double>(report.accepted));
  }
  return report;
}

RandomNetworksReport draw_random_networks(const RidgeModel& model, const NetworkSpace& space,
                                          std::size_t count) {
  constexpr std::uint64_t kSeed = 1;
  RandomNetworksReport report;
  report.count = count;
  report.seed = kSeed;
  if (count == 0) return report;
  const ChoiceFeatures features(space.decisions());
  const Representatives representatives(space);
  std::vector<double> predictions;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Rng rng(kSeed, i);
    const Choices choices = representatives.of(space.canonical(space.decisions().sample(rng)));
    const auto active = features.of(choices, space.active(choices));
    const double top1 = model.ridge.predict(active);
    refused += model.all_seen(active) && model.in_range(top1) ? 0 : 1;
    predictions.push_back(top1);
  }
  std::sort(predictions.begin(), predictions.end());
  const auto at = [&](double share) {
    return predictions[static_cast<std::size_t>(share * static_cast<double>(count - 1))];
  };
  report.refused_percent = 100 * static_cast<double>(refused) / static_cast<double>(count);
  report.p1 = at(0.01);
  report.p50 = at(0.50);
  report.p99 = at(0.99);
  report.max = predictions.back();
  return report;
}

}  // namespace

AboveSplit split_above(const MeasuredAccuracies& table, double percent) {
  AboveSplit split;
  for (const MeasuredNetwork& n : table.networks) {
    MeasuredAccuracies& side = n.top1_percent > percent ? split.above : split.left_out;
    side.networks.push_back(n);
    side.rows += n.measured;
  }
  return split;
}

AccuracySplit split_networks(std::size_t networks, std::uint64_t seed, double held_out_fraction) {
  std::vector<std::size_t> order(networks);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed);
  for (std::size_t i = networks; i > 1; --i) std::swap(order[i - 1], order[rng.index(i)]);
  const auto held_out =
      static_cast<std::ptrdiff_t>(std::lround(held_out_fraction * static_cast<double>(networks)));
  AccuracySplit split;
  split.held_out.assign(order.begin(), order.begin() + held_out);
  split.train.assign(order.begin() + held_out, order.end());
  return split;
}

HeldOutError measure_error(const PairRidge& ridge, const MeasuredAccuracies& table,
                           const NetworkSpace& space, const std::vector<std::size_t>& networks) {
  return error_on(ridge, select(examples_of(table, space), networks));
}

RidgeModel fit_accuracy(const MeasuredAccuracies& table, const NetworkSpace& space,
                        const AccuracyFitOptions& options,
                        const std::function<void(std::size_t, std::size_t)>& progress) {
  if (options.above) {
    const AboveSplit split = split_above(table, *options.above);
    AccuracyFitOptions rest = options;
    rest.above.reset();
    RidgeModel model = fit_accuracy(split.above, space, rest, progress);
    model.left_out = judge_left_out(model, space, split.left_out, *options.above);
    return model;
  }
  const std::size_t count = table.networks.size();
  if (count < kFewestNetworks) {
    throw InputError(fmt::format("{} measured networks are too few for a fit; {} are needed", count,
                                 kFewestNetworks));
  }
  const std::vector<RidgeExample> all = examples_of(table, space);
  const std::size_t features = ChoiceFeatures(space.decisions()).count();
  RidgeModel model;
  model.space = space.name();
  model.decisions = space.decisions();
  model.rows = table.rows;
  model.networks = count;
  model.split_seed = options.seed;
  for (std::size_t repeat = 0; repeat <= options.other_splits; ++repeat) {
    const std::uint64_t seed = options.seed + repeat;
    const AccuracySplit split = split_networks(count, seed, options.held_out_fraction);
    const std::vector<RidgeExample> train = select(all, split.train);
    const Choice choice = choose_penalty(train, options);
    const PairRidge ridge = fit_pair_ridge(train, features, choice.penalty);
    if (repeat > 0) {
      model.other_splits.push_back(
          {seed, choice.penalty, error_on(ridge, select(all, split.held_out))});
    } else {
      model.train = split.train.size();
      model.held_out = split.held_out.size();
      model.penalty = choice.penalty;
      model.cross_validation_rmse = choice.rmse;
      model.ridge = ridge;
      model.round_coefficients();
      model.held_out_error = error_on(model.ridge, select(all, split.held_out));
      const auto [low, high] = std::minmax_element(
          train.begin(), train.end(),
          [](const RidgeExample& a, const RidgeExample& b) { return a.value < b.value; });
      model.fitted_min = low->value;
      model.fitted_max = high->value;
      model.margin = kMarginInRmse * model.held_out_error.rmse_points;
    }
    if (progress) progress(repeat + 1, options.other_splits + 1);
  }
  model.random_networks = draw_random_networks(model, space, options.random_networks);
  return model;
}

}  // namespace dovetail

#include "nas/experiments/gradient/gradient_problem.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text/error.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "nas/strategy/relaxed_choices.h"

namespace dovetail {
namespace {

constexpr std::size_t kAreaExamples = 600;
constexpr RidgePenalty kAreaPenalty{0.01, 0.3};

const NetworkSpace& networks_of(const SearchSpace& space) {
  return *space.network().space;
}

/// Throws unless the predictor is of the networks of the space.
RidgeModel checked(RidgeModel accuracy, const SearchSpace& space) {
  require_same_decisions(networks_of(space).decisions(), accuracy.decisions, "network",
                         "the predictor of accuracies");
  return accuracy;
}

}  // namespace

GradientProblem::GradientProblem(const SearchSpace& space, RidgeModel accuracy,
                                 SimulationCosts& simulation, double max_area_mm2)
    : space_(space),
      accuracy_(checked(std::move(accuracy), space)),
      simulation_(simulation),
      max_area_mm2_(max_area_mm2),
      network_decisions_(networks_of(space).decisions().size()),
      features_(space.decisions()),
      network_features_(networks_of(space).decisions()),
      top1_(accuracy_.ridge, networks_of(space).decisions(), describe(networks_of(space)).guards) {
  list_areas();
}

void GradientProblem::list_areas() {
  const DesignSpace& designs = *space_.hardware().space;
  const std::optional<std::uint64_t> count = designs.decisions().count();
  if (!count || *count > kMostAccelerators) {
    throw InputError(
        fmt::format("space '{}': has more than the {} accelerators whose areas are "
                    "listed",
                    designs.name(), kMostAccelerators));
  }
  for (std::uint64_t i = 0; i < *count; ++i) {
    const Choices design = designs.decisions().from_index(i);
    area_mm2_.push_back(simulation_.area_mm2(designs.decode(design)));
    if (area_mm2_.back() <= max_area_mm2_) within_area_.push_back(design);
  }
  if (within_area_.empty()) {
    throw InputError(fmt::format("no accelerator of '{}' has at most {} mm2; the smallest has {}",
                                 designs.name(), max_area_mm2_,
                                 *std::ranges::min_element(area_mm2_)));
  }
  Rng rng(0);
  std::vector<RidgeExample> examples;
  for (std::size_t i = 0; i < kAreaExamples; ++i) {
    const std::uint64_t index = rng.index(*count);
    const Choices design = designs.decisions().from_index(index);
    RidgeExample example{{}, std::log(area_mm2_[index])};
    for (std::size_t d = 0; d < design.size(); ++d) {
      example.features.push_back(
          static_cast<std::uint16_t>(features_.index(network_decisions_ + d, design[d])));
    }
    examples.push_back(std::move(example));
  }
  log_area_.emplace(fit_pair_ridge(examples, features_.count(), kAreaPenalty), space_.decisions(),
                    std::span<const Guard>());
}

double GradientProblem::add_top1_gradient(std::span<const double> probabilities, double weight,
                                          std::span<double> gradient) const {
  return top1_.add_gradient(probabilities.first(top1_.features()), weight,
                            gradient.first(top1_.features()));
}

double GradientProblem::add_area_gradient(std::span<const double> probabilities, double weight,
                                          std::span<double> gradient) const {
  const double excess = log_area_->value(probabilities) - std::log(max_area_mm2_);
  if (excess <= 0) return 0;
  log_area_->add_gradient(probabilities, weight, gradient);
  return excess;
}

Choices GradientProblem::most_likely(std::span<const double> probabilities) const {
  std::vector<double> logs;
  for (const double p : probabilities) logs.push_back(std::log(std::max(p, 1e-300)));
  Choices pair = likeliest_choices(networks_of(space_).decisions(), probabilities);
  const Choices* best = nullptr;
  double best_log = -std::numeric_limits<double>::infinity();
  for (const Choices& design : within_area_) {
    double log = 0;
    for (std::size_t d = 0; d < design.size(); ++d) {
      log += logs[features_.index(network_decisions_ + d, design[d])];
    }
    if (log <= best_log) continue;
    best_log = log;
    best = &design;
  }
  pair.insert(pair.end(), best->begin(), best->end());
  return pair;
}

Choices GradientProblem::draw_uniform(Rng& rng) const {
  Choices pair = networks_of(space_).decisions().sample(rng);
  const Choices& design = within_area_[rng.index(within_area_.size())];
  pair.insert(pair.end(), design.begin(), design.end());
  return pair;
}

double GradientProblem::top1_percent(const Choices& pair) const {
  const Choices network(pair.begin(),
                        pair.begin() + static_cast<std::ptrdiff_t>(network_decisions_));
  return accuracy_.ridge.predict(
      network_features_.of(network, networks_of(space_).active(network)));
}

double GradientProblem::area_mm2(const Choices& pair) const {
  const Choices design(pair.begin() + static_cast<std::ptrdiff_t>(network_decisions_), pair.end());
  return area_mm2_[space_.hardware().space->decisions().index_of(design)];
}

PredictedPair GradientProblem::predict(const Choices& pair, DifferentiableCosts& costs) const {
  const Choices network(pair.begin(),
                        pair.begin() + static_cast<std::ptrdiff_t>(network_decisions_));
  const auto features = network_features_.of(network, networks_of(space_).active(network));
  PredictedPair found{pair, accuracy_.ridge.predict(features), false, costs.latency_ms(pair),
                      area_mm2(pair)};
  found.extrapolated = !accuracy_.all_seen(features) || !accuracy_.in_range(found.top1_percent);
  return found;
}

std::vector<std::optional<double>> GradientProblem::simulate(
    const std::vector<Choices>& pairs) const {
  std::vector<Pair> asked;
  for (const Choices& pair : pairs) {
    const Candidate candidate = space_.decode(pair);
    asked.push_back({candidate.network, candidate.hardware});
  }
  std::vector<std::optional<double>> found;
  for (const PairCosts& costs : simulation_.costs(asked)) {
    const Costs& c = costs.checked();
    found.push_back(c.feasible() ? std::optional(c.latency_ms) : std::nullopt);
  }
  return found;
}

}  // namespace dovetail

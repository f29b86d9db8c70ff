#include "nas/experiments/gradient/lambda_tuning.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/numbers/random.h"
#include "base/numbers/samples.h"
#include "base/text/names.h"
#include "nas/strategy/gaussian_process.h"
#include "nas/strategy/normal.h"

namespace dovetail {
namespace {

constexpr std::size_t kInitial = 4;  // drawn lambdas before the first process
constexpr std::size_t kGrid = 200;   // lambdas among which the next is chosen
constexpr double kUnsure = 0.3;      // of the deviation of what was found: worth asking at
constexpr std::array kShares{0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0};

const std::array<std::pair<LambdaMethod, std::string>, 4> kMethods{
    {{LambdaMethod::kBayesian, "bo"},
     {LambdaMethod::kMultiFidelity, "mfbo"},
     {LambdaMethod::kRandom, "random"},
     {LambdaMethod::kBisection, "bisect"}}};

/// The searches of one tuning; positions are where log lambda lies in its range, 0 to 1.
class LambdaTuner {
 public:
  using Search = std::function<LambdaTrial(double, std::size_t)>;
  LambdaTuner(const LambdaTuning& tuning, const Search& search)
      : tuning_(tuning), search_(search), rng_(tuning.seed) {}

  std::vector<LambdaTrial> run() {
    switch (tuning_.method) {
      case LambdaMethod::kRandom:
        while (ask(rng_.uniform(), 1)) continue;
        break;
      case LambdaMethod::kBisection:
        bisect();
        break;
      case LambdaMethod::kBayesian:
      case LambdaMethod::kMultiFidelity:
        model();
        break;
    }
    return std::move(trials_);
  }

 private:
  bool multi_fidelity() const { return tuning_.method == LambdaMethod::kMultiFidelity; }

  /// False if there are no steps left for it.
  bool ask(double position, double share) {
    const auto steps =
        static_cast<std::size_t>(std::lround(share * static_cast<double>(tuning_.full_steps)));
    if (steps == 0 || spent_ + steps + held_back_ > tuning_.budget_steps) return false;
    spent_ += steps;
    const double range = std::log(tuning_.largest / tuning_.smallest);
    trials_.push_back(search_(tuning_.smallest * std::exp(position * range), steps));
    positions_.push_back(position);
    shares_.push_back(share);
    return true;
  }

  void bisect() {
    double low = 0, high = 1;
    while (ask((low + high) / 2, 1)) {
      const bool holds = trials_.back().latency_ms <= tuning_.target_latency_ms;
      (holds ? high : low) = (low + high) / 2;
    }
  }

  void model() {
    // Of several fidelities the last search is a full one of the lambda that looks best, so that
    // the answer is never one that was only seen short.
    if (multi_fidelity()) held_back_ = std::min(tuning_.full_steps, tuning_.budget_steps);
    ask_initial();
    while (trials_.size() >= kInitial && ask_by_model()) continue;
    if (!multi_fidelity()) return;
    held_back_ = 0;
    if (trials_.empty()) {
      ask(0.5, 1);
    } else {
      ask(position_of_best_mean(), 1);
    }
  }

  void ask_initial() {
    for (std::size_t i = 0; i < kInitial; ++i) {
      // Where fidelities differ the first trials are spread over them, too.
      const double share =
          multi_fidelity() ? kShares[i * (kShares.size() - 1) / (kInitial - 1)] : 1;
      // One in each quarter of the range.
      if (!ask((static_cast<double>(i) + rng_.uniform()) / kInitial, share)) return;
    }
  }

  Points points(std::span<const double> positions, std::span<const double> shares) const {
    Points result{multi_fidelity() ? 2U : 1U, {}};
    for (std::size_t i = 0; i < positions.size(); ++i) {
      result.numbers.push_back(positions[i]);
      if (multi_fidelity()) result.numbers.push_back(shares[i]);
    }
    return result;
  }

  /// The objectives found, negated: less is better.
  std::vector<double> target() const {
    std::vector<double> values;
    for (const LambdaTrial& t : trials_) {
      values.push_back(-lambda_objective(t, tuning_.target_latency_ms));
    }
    return values;
  }

  GaussianProcess fitted(const std::vector<double>& target) const {
    const Points known = points(positions_, shares_);
    KernelFit fit;
    for (std::size_t i = 0; i < known.width; ++i) fit.group_of.push_back(i);
    fit.groups = known.width;
    return {known, target, fit_kernel(known, target, fit, {})};
  }

  double position_of_best_mean() {
    std::vector<double> grid;
    for (std::size_t i = 0; i < kGrid; ++i) {
      grid.push_back((static_cast<double>(i) + rng_.uniform()) / kGrid);
    }
    const std::vector<double> means =
        fitted(target()).predict(points(grid, std::vector<double>(kGrid, 1))).means;
    return grid[static_cast<std::size_t>(std::ranges::min_element(means) - means.begin())];
  }

  bool ask_by_model() {
    const std::vector<double> target = this->target();
    const GaussianProcess process = fitted(target);
    const double position = next_position(process, target);
    return ask(position, multi_fidelity() ? next_share(process, position, target) : 1);
  }

  double next_position(const GaussianProcess& process, const std::vector<double>& target) {
    std::vector<double> grid, full(kGrid, 1);
    for (std::size_t i = 0; i < kGrid; ++i) {
      grid.push_back((static_cast<double>(i) + rng_.uniform()) / kGrid);
    }
    const auto prediction = process.predict(points(grid, full));
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (shares_[i] == 1) best = std::min(best, target[i]);
    }
    // Until a full search was asked for, the best that the process expects of one.
    if (!std::isfinite(best)) best = *std::ranges::min_element(prediction.means);
    std::size_t chosen = 0;
    double most = -1;
    for (std::size_t i = 0; i < kGrid; ++i) {
      const double gain =
          expected_shortfall(best, prediction.means[i], prediction.deviations[i], false);
      if (gain > most) {
        most = gain;
        chosen = i;
      }
    }
    return grid[chosen];
  }

  double next_share(const GaussianProcess& process, double position,
                    const std::vector<double>& target) const {
    const std::vector<double> same(kShares.size(), position);
    const auto prediction = process.predict(points(same, kShares));
    const double deviation = Spread::of(target).deviation;
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      if (prediction.deviations[i] > kUnsure * std::sqrt(kShares[i]) * deviation) return kShares[i];
    }
    return 1;
  }

  const LambdaTuning& tuning_;
  const Search& search_;
  Rng rng_;
  std::size_t spent_ = 0, held_back_ = 0;  // steps
  std::vector<LambdaTrial> trials_;
  std::vector<double> positions_, shares_;  // of the trials
};

}  // namespace

double lambda_objective(const LambdaTrial& trial, double target_latency_ms) {
  return trial.latency_ms <= target_latency_ms
             ? trial.top1_percent
             : trial.top1_percent * target_latency_ms / trial.latency_ms;
}

std::span<const LambdaMethod> lambda_methods() {
  static const std::vector<LambdaMethod> all = [] {
    std::vector<LambdaMethod> list;
    for (const auto& [method, name] : kMethods) list.push_back(method);
    return list;
  }();
  return all;
}

std::string to_string(LambdaMethod method) {
  return name_in(kMethods, method);
}

LambdaMethod lambda_method_of_name(const std::string& name) {
  return value_in(kMethods, name, "method of tuning lambda");
}

std::vector<LambdaTrial> tune_lambda(
    const LambdaTuning& tuning,
    const std::function<LambdaTrial(double lambda, std::size_t steps)>& search) {
  return LambdaTuner(tuning, search).run();
}

const LambdaTrial& best_full_trial(std::span<const LambdaTrial> trials, std::size_t full_steps,
                                   double target_latency_ms) {
  const LambdaTrial* best = nullptr;
  for (const LambdaTrial& trial : trials) {
    if (trial.steps != full_steps) continue;
    if (best == nullptr ||
        lambda_objective(trial, target_latency_ms) > lambda_objective(*best, target_latency_ms)) {
      best = &trial;
    }
  }
  if (best == nullptr) throw std::invalid_argument("best_full_trial: no search at full length");
  return *best;
}

double lambda_at(double smallest, double largest, std::size_t i, std::size_t count) {
  if (count < 2) return smallest;
  return smallest *
         std::pow(largest / smallest, static_cast<double>(i) / static_cast<double>(count - 1));
}

}  // namespace dovetail

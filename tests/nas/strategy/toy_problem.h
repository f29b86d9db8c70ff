#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "nas/strategy/strategy.h"

namespace dovetail {

/// A discrete ZDT1 (Zitzler, Deb, Thiele 2000) with holes: x0 has 31 choices, `others` have 8.
/// Minimise f1 = x0 and f2 = g (1 - sqrt(f1 / g)), g = 1 + 9 mean(x1..); the true front has g = 1.
/// The last decision has no effect while x1 is 0; candidates with x2 = 5 are infeasible; where
/// x3 is above 6/7 a constraint is violated. None of this touches the true front.
class ToyDomain : public SearchDomain {
 public:
  explicit ToyDomain(int others = 12) {
    std::vector<Decision> decisions;
    decisions.push_back(decision("x0", 31));
    for (int i = 1; i <= others; ++i) decisions.push_back(decision(fmt::format("x{}", i), 8));
    decisions_ = DecisionSpace(std::move(decisions));
  }

  const DecisionSpace& decisions() const override { return decisions_; }
  std::vector<bool> active(const Choices& choices) const override {
    std::vector<bool> active(choices.size(), true);
    active.back() = choices[1] != 0;
    return active;
  }

  std::vector<double> reference() const override { return hypervolume_reference(); }

  static Outcome outcome(const Choices& choices) {
    Outcome outcome;
    if (choices[2] == 5) return outcome;
    double sum = 0;
    const std::size_t effective = choices.size() - 2;  // all but x0 and the last
    for (std::size_t i = 1; i <= effective; ++i) sum += choices[i] / 7.0;
    const double g = 1 + 9 * sum / static_cast<double>(effective);
    const double f1 = choices[0] / 30.0;
    outcome.valid = true;
    outcome.violation = choices[3] == 7 ? 0.1 : 0;
    outcome.excesses = {std::log(choices[3] == 7 ? 1.1 : 0.9)};
    outcome.objectives = {f1, g * (1 - std::sqrt(f1 / g))};
    outcome.reward = -outcome.objectives[0] - outcome.objectives[1];
    return outcome;
  }

  /// Of the true front: f1 = i/30, f2 = 1 - sqrt(f1).
  static std::vector<std::vector<double>> true_front() {
    std::vector<std::vector<double>> front;
    for (int i = 0; i <= 30; ++i) front.push_back({i / 30.0, 1 - std::sqrt(i / 30.0)});
    return front;
  }
  static std::vector<double> hypervolume_reference() { return {1.1, 5}; }
  /// Of the best reward: f1 + f2 = 1 + f1 - sqrt(f1) at f1 = 1/4, nearest choices 7/30 and 8/30.
  static double best_reward() {
    const auto value = [](double f1) { return -1 - f1 + std::sqrt(f1); };
    return std::max(value(7 / 30.0), value(8 / 30.0));
  }

 private:
  static Decision decision(const std::string& name, int choices) {
    Decision decision;
    decision.name = name;
    for (int i = 0; i < choices; ++i) {
      decision.choices.push_back(std::to_string(i));
      decision.values.push_back(i);
    }
    return decision;
  }
  DecisionSpace decisions_;
};

}  // namespace dovetail

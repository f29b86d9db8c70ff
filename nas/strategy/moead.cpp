#include "nas/strategy/moead.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <utility>

#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

/// `count` weight vectors of `objectives` numbers that sum to 1, evenly spread: the points of the
/// simplex lattice that has enough of them, thinned to every so many (two objectives: all).
std::vector<std::vector<double>> even_weights(std::size_t count, std::size_t objectives) {
  std::vector<std::vector<double>> lattice;
  for (std::size_t divisions = 1; lattice.size() < count; ++divisions) {
    lattice.clear();
    std::vector<std::size_t> parts(objectives, 0);
    const auto fill = [&](const auto& self, std::size_t k, std::size_t left) -> void {
      if (k + 1 == objectives) {
        parts[k] = left;
        std::vector<double> weights;
        for (const std::size_t part : parts) {
          weights.push_back(static_cast<double>(part) / static_cast<double>(divisions));
        }
        lattice.push_back(std::move(weights));
        return;
      }
      for (std::size_t part = 0; part <= left; ++part) {
        parts[k] = part;
        self(self, k + 1, left - part);
      }
    };
    fill(fill, 0, divisions);
    if (objectives == 1) lattice.resize(count, {1});
  }
  std::vector<std::vector<double>> weights;
  for (std::size_t i = 0; i < count; ++i) weights.push_back(lattice[i * lattice.size() / count]);
  return weights;
}

class Moead : public Strategy {
 public:
  Moead(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        population_(static_cast<std::size_t>(parameters.at("population"))),
        neighbours_(std::min(static_cast<std::size_t>(parameters.at("neighbours")), population_)),
        replaced_(static_cast<std::size_t>(parameters.at("replaced"))),
        mutations_(parameters.at("mutations")),
        rng_(seed),
        seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      const std::size_t subproblem = asked_++ % population_;
      std::optional<Choices> choices = members_.size() < population_ || near_.empty()
                                           ? seen_.first_candidate(rng_)
                                           : seen_.make_new(child(near_[subproblem]), rng_);
      if (!choices) break;
      subproblems_.push_back(subproblem);
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t subproblem = subproblems_.front();
      subproblems_.pop_front();
      learn(subproblem, {candidates[i], outcomes[i]});
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      learn(i % population_, {candidates[i], outcomes[i]});
    }
  }

  std::size_t preferred_batch() const override { return 16; }

 private:
  struct Member {
    Choices choices;
    Outcome outcome;
  };

  void learn(std::size_t subproblem, const Member& member) {
    if (member.outcome.valid && weights_.empty()) decompose(member.outcome.objectives.size());
    if (members_.size() < population_) {
      members_.push_back(member);
    } else if (member.outcome.valid) {
      replace(near_[subproblem], member);
    }
  }

  void decompose(std::size_t objectives) {
    weights_ = even_weights(population_, objectives);
    for (const auto& weights : weights_) {
      std::vector<std::size_t> order(population_);
      std::iota(order.begin(), order.end(), 0u);
      const auto distance = [&](std::size_t other) {
        double sum = 0;
        for (std::size_t k = 0; k < objectives; ++k) {
          sum += std::pow(weights[k] - weights_[other][k], 2);
        }
        return sum;
      };
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
      order.resize(neighbours_);
      near_.push_back(std::move(order));
    }
  }

  Choices child(const std::vector<std::size_t>& near) {
    const Choices& a = members_[near[rng_.index(near.size())]].choices;
    const Choices& b = members_[near[rng_.index(near.size())]].choices;
    Choices choices = uniform_crossover(a, b, rng_);
    step_each(domain_.decisions(), choices, mutations_ / static_cast<double>(choices.size()), rng_);
    return choices;
  }

  /// Best and worst of each objective in the population.
  void update_ranges() {
    low_.assign(weights_.front().size(), std::numeric_limits<double>::infinity());
    high_.assign(low_.size(), -std::numeric_limits<double>::infinity());
    for (const Member& member : members_) {
      for (std::size_t k = 0; member.outcome.valid && k < low_.size(); ++k) {
        low_[k] = std::min(low_[k], member.outcome.objectives[k]);
        high_[k] = std::max(high_[k], member.outcome.objectives[k]);
      }
    }
  }

  double tchebycheff(const Outcome& outcome, const std::vector<double>& weights) const {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const double range = high_[k] > low_[k] ? high_[k] - low_[k] : 1;
      const double weight = std::max(weights[k], 1e-6);
      largest = std::max(largest, weight * (outcome.objectives[k] - low_[k]) / range);
    }
    return largest;
  }

  bool better(const Outcome& a, const Outcome& b, const std::vector<double>& weights) const {
    if (a.violation != b.violation) return a.violation < b.violation;
    return a.valid && tchebycheff(a, weights) < tchebycheff(b, weights);
  }

  void replace(std::vector<std::size_t> near, const Member& member) {
    update_ranges();
    rng_.shuffle(near);
    std::size_t replaced = 0;
    for (const std::size_t s : near) {
      if (replaced == replaced_) break;
      if (!better(member.outcome, members_[s].outcome, weights_[s])) continue;
      members_[s] = member;
      ++replaced;
    }
  }

  const SearchDomain& domain_;
  std::size_t population_, neighbours_, replaced_;
  double mutations_;
  Rng rng_;
  SeenCandidates seen_;
  std::vector<std::vector<double>> weights_;    // of the subproblems, once objectives are known
  std::vector<std::vector<std::size_t>> near_;  // of each, the subproblems nearest to it
  std::vector<Member> members_;                 // one a subproblem
  std::vector<double> low_, high_;
  std::size_t asked_ = 0;
  std::deque<std::size_t> subproblems_;  // of the candidates not yet told
};

}  // namespace

std::unique_ptr<Strategy> make_moead(const SearchDomain& domain,
                                     const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Moead>(domain, parameters, seed);
}

}  // namespace dovetail

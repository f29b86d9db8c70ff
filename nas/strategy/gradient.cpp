#include "nas/strategy/gradient.h"

#include <cmath>

#include "base/numbers/random.h"
#include "nas/strategy/pair_models.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

constexpr double kRefitGrowth = 1.25;  // of what was told, after which penalties are chosen again
constexpr int kDraws = 100;            // at most, for a sample that holds the limits

class GradientStrategy : public Strategy {
 public:
  GradientStrategy(const SearchDomain& domain, const StrategyParameters& parameters,
                   std::uint64_t seed)
      : domain_(domain),
        relaxation_(relaxations()[static_cast<std::size_t>(parameters.at("relaxation"))]),
        initial_(static_cast<std::size_t>(parameters.at("initial"))),
        most_points_(static_cast<std::size_t>(parameters.at("points"))),
        samples_(static_cast<std::size_t>(parameters.at("samples"))),
        penalty_(parameters.at("penalty")),
        rng_(seed),
        seen_(domain),
        models_(domain) {
    relaxed_.steps = static_cast<std::size_t>(parameters.at("steps"));
    relaxed_.learning_rate = parameters.at("learning_rate");
  }

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    if (seen_.count() >= initial_ && any_valid_) {
      learn();
      while (asked.size() < count && search(count, asked)) {
      }
      return asked;
    }
    while (asked.size() < count) {
      std::optional<Choices> choices = seen_.first_candidate(rng_);
      if (!choices) break;
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      told_.push_back({candidates[i], outcomes[i]});
      any_valid_ = any_valid_ || outcomes[i].valid;
      any_acceptable_ = any_acceptable_ || outcomes[i].acceptable();
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    tell(candidates, outcomes);
  }

  /// Small, since all of it is asked for by one fit.
  std::size_t preferred_batch() const override { return 8; }

 private:
  /// From half the best and half the latest.
  void learn() {
    if (learned_ == told_.size()) return;
    learned_ = told_.size();
    const bool anew =
        static_cast<double>(learned_) >= kRefitGrowth * static_cast<double>(chosen_at_);
    if (anew) chosen_at_ = learned_;
    const std::vector<std::size_t> best = best_on_front(told_, most_points_ / 2);
    models_.learn(told_figures(told_, points_to_learn(told_.size(), best, most_points_), {}), anew);
  }

  /// One descent, with weights of its own; adds its likeliest choices and samples, up to `count`
  /// in all. False if the space is used up.
  bool search(std::size_t count, std::vector<Choices>& asked) {
    relaxed_.seed = rng_.bits();
    const std::vector<double> reached =
        descend(relaxation_, domain_.decisions(), relaxed_, models_.loss(weights(), penalty_));
    for (std::size_t i = 0; i <= samples_ && asked.size() < count; ++i) {
      std::optional<Choices> choices = seen_.make_new(wanted(reached, i == 0), rng_);
      if (!choices) return false;
      asked.push_back(std::move(*choices));
    }
    return true;
  }

  /// The likeliest choices or a sample; another sample while that one is asked for already or
  /// predicted to violate: what holds in the mean need not hold at a point.
  Choices wanted(std::span<const double> reached, bool likeliest) {
    Choices choices = likeliest ? likeliest_choices(domain_.decisions(), reached)
                                : draw_choices(domain_.decisions(), reached, rng_);
    for (int draws = 0; draws < kDraws; ++draws) {
      if (seen_.would_be_new(choices) && !models_.predicts_violation(choices)) break;
      choices = draw_choices(domain_.decisions(), reached, rng_);
    }
    return choices;
  }

  /// Uniform on the simplex; 0 while nothing is acceptable, so that only the limits count.
  std::vector<double> weights() {
    std::vector<double> weights(models_.objectives(), 0);
    if (!any_acceptable_) return weights;
    double sum = 0;
    for (double& weight : weights) sum += weight = -std::log(1 - rng_.uniform());
    for (double& weight : weights) weight /= sum;
    return weights;
  }

  const SearchDomain& domain_;
  Relaxation relaxation_;
  std::size_t initial_, most_points_, samples_;
  double penalty_;
  RelaxationOptions relaxed_;
  Rng rng_;
  SeenCandidates seen_;
  PairModels models_;
  std::vector<ToldCandidate> told_;
  std::size_t learned_ = 0, chosen_at_ = 0;  // candidates told by then
  bool any_valid_ = false, any_acceptable_ = false;
};

}  // namespace

std::unique_ptr<Strategy> make_gradient(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<GradientStrategy>(domain, parameters, seed);
}

}  // namespace dovetail

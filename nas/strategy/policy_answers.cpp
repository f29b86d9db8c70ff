#include "nas/strategy/policy_answers.h"

#include <set>
#include <utility>

namespace dovetail {
namespace {

constexpr int kMostDraws = 1000;  // for a candidate that is new: a policy may be sure of itself

class PolicyAnswers : public Strategy {
 public:
  PolicyAnswers(const SearchDomain& domain, IndependentPolicy policy, std::uint64_t seed)
      : domain_(domain), policy_(std::move(policy)), rng_(seed) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    if (asked_.empty()) take(policy_.most_likely(), asked);
    for (int draws = 0; asked.size() < count && draws < kMostDraws; ++draws) {
      if (take(policy_.draw(rng_), asked)) draws = 0;
    }
    return asked;
  }
  void tell(std::span<const Choices>, std::span<const Outcome>) override {}
  std::size_t preferred_batch() const override { return 16; }

 private:
  bool take(const Choices& choices, std::vector<Choices>& asked) {
    const Choices canonical = domain_.canonical(choices);
    if (!asked_.insert(canonical).second) return false;
    asked.push_back(canonical);
    return true;
  }

  const SearchDomain& domain_;
  IndependentPolicy policy_;
  Rng rng_;
  std::set<Choices> asked_;
};

}  // namespace

std::unique_ptr<Strategy> make_policy_answers(const SearchDomain& domain, IndependentPolicy policy,
                                              std::uint64_t seed) {
  return std::make_unique<PolicyAnswers>(domain, std::move(policy), seed);
}

}  // namespace dovetail

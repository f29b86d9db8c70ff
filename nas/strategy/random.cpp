#include "nas/strategy/random.h"

#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class RandomStrategy : public Strategy {
 public:
  RandomStrategy(const SearchDomain& domain, std::uint64_t seed) : rng_(seed), seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      std::optional<Choices> choices = seen_.sample_new(rng_);
      if (!choices) break;
      asked.push_back(std::move(*choices));
    }
    return asked;
  }
  void start_from(std::span<const Choices> candidates, std::span<const Outcome>) override {
    seen_.start_from(candidates);
  }
  void tell(std::span<const Choices>, std::span<const Outcome>) override {}
  std::size_t preferred_batch() const override { return 256; }

 private:
  Rng rng_;
  SeenCandidates seen_;
};

}  // namespace

std::unique_ptr<Strategy> make_random(const SearchDomain& domain, const StrategyParameters&,
                                      std::uint64_t seed) {
  return std::make_unique<RandomStrategy>(domain, seed);
}

}  // namespace dovetail

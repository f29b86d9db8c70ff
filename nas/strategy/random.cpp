#include "nas/strategy/random.h"

#include "base/numbers/random.h"

namespace dovetail {
namespace {

class RandomStrategy : public Strategy {
 public:
  RandomStrategy(const SearchDomain& domain, std::uint64_t seed) : domain_(domain), rng_(seed) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) asked.push_back(domain_.decisions().sample(rng_));
    return asked;
  }
  void tell(std::span<const Choices>, std::span<const Outcome>) override {}
  std::size_t preferred_batch() const override { return 256; }

 private:
  const SearchDomain& domain_;
  Rng rng_;
};

}  // namespace

std::unique_ptr<Strategy> make_random(const SearchDomain& domain, const StrategyParameters&,
                                      std::uint64_t seed) {
  return std::make_unique<RandomStrategy>(domain, seed);
}

}  // namespace dovetail

#include "nas/strategy/exhaustive.h"

#include <fmt/core.h>

#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

class Exhaustive : public Strategy {
 public:
  Exhaustive(const SearchDomain& domain, std::uint64_t points) : domain_(domain), points_(points) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    for (; asked.size() < count && next_ < points_; ++next_) {
      Choices choices = domain_.point(next_);
      if (domain_.canonical(choices) == choices) asked.push_back(std::move(choices));
    }
    return asked;
  }
  void tell(std::span<const Choices>, std::span<const Outcome>) override {}
  std::size_t preferred_batch() const override { return 256; }

 private:
  const SearchDomain& domain_;
  std::uint64_t points_, next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_exhaustive(const SearchDomain& domain,
                                          const StrategyParameters& parameters, std::uint64_t) {
  const double most = parameters.at("max_points");
  const double points = domain.cardinality();
  if (points > most) {
    throw InputError(fmt::format(
        "strategy 'exhaustive': found a space of {:g} points, allowed {:g} (max_points); fix one "
        "side (scope: hardware), or use another strategy",
        points, most));
  }
  return std::make_unique<Exhaustive>(domain, *domain.count());
}

}  // namespace dovetail

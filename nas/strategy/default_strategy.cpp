#include "nas/strategy/default_strategy.h"

#include <fmt/core.h>

#include <algorithm>

namespace dovetail {
namespace {

constexpr std::size_t kGenerations = 40;  // that a population should live through

}  // namespace

DefaultStrategy default_strategy(std::size_t evaluations, double points) {
  const auto named = [](const char* name, std::string why) {
    const StrategyInfo& info = find_strategy(name);
    return DefaultStrategy{&info, info.defaults(), std::move(why)};
  };
  if (points <= static_cast<double>(evaluations)) {
    DefaultStrategy chosen = named(
        "exhaustive", fmt::format("the space has {:.0f} points, no more than evaluations", points));
    double& most = chosen.parameters.at("max_points");
    most = std::max(most, points);
    return chosen;
  }
  if (evaluations <= kMostModelled) {
    return named("ehvi", fmt::format("best known for up to {} evaluations", kMostModelled));
  }
  DefaultStrategy chosen =
      named("nsga2", fmt::format("best known for more than {} evaluations", kMostModelled));
  chosen.parameters.at("population") =
      static_cast<double>(std::clamp<std::size_t>(evaluations / kGenerations, 20, 100));
  return chosen;
}

}  // namespace dovetail

#pragma once

#include <string>

#include "nas/experiments/explore/choice.h"

namespace dovetail {

/// For the terminal: how many configurations are left by what, the front of the set (a spread of
/// it, if it is long), and what is chosen: its figures beside the limits, the runner-up and why it
/// lost, what breaks a limit by the least, and what each network alone would need.
std::string choice_text(std::span<const Exploration> explorations, const ChoiceQuery& query,
                        const SetChoice& choice, const DesignSpace& space);

/// "area_mm2 <= 15, latency_ms@resnet18 <= 5", or "none".
std::string limits_text(const std::vector<SetLimit>& limits);

/// The front of the set: schema dovetail.set_front/1; a row a configuration: those of
/// dovetail.exploration/1 that are of the accelerator, then the figures of the set.
std::string set_front_csv(std::span<const Exploration> explorations, const ChoiceQuery& query,
                          const SetChoice& choice, const DesignSpace& space,
                          const ExploreOptions& options);
/// All configurations within the limits, best first: schema dovetail.choice/1, the same columns.
std::string choice_csv(std::span<const Exploration> explorations, const ChoiceQuery& query,
                       const SetChoice& choice, const DesignSpace& space,
                       const ExploreOptions& options);

}  // namespace dovetail

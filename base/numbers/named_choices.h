#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"

namespace dovetail {

/// Which decisions have an effect at a point.
using ActiveDecisions = std::function<std::vector<bool>(const Choices&)>;

/// The point that people or other programs name by its choices; a number may be written in another
/// way (20.0 for 20), and a decision without an effect at the point be left out: it has its first
/// choice. Throws InputError, which calls the decisions as `key` says ("choices" or nothing).
Choices named_choices(const std::map<std::string, std::string>& named,
                      const DecisionSpace& decisions, const ActiveDecisions& active,
                      const std::string& key = "");

}  // namespace dovetail

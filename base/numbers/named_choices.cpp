#include "base/numbers/named_choices.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

std::optional<std::size_t> position_of(const Decision& decision, const std::string& choice) {
  const auto same = std::ranges::find(decision.choices, choice);
  if (same != decision.choices.end()) return same - decision.choices.begin();
  const auto number = decision.ordered() ? decimal_number(choice) : std::nullopt;
  if (!number) return std::nullopt;
  const auto equal = std::ranges::find(decision.values, *number);
  if (equal == decision.values.end()) return std::nullopt;
  return equal - decision.values.begin();
}

}  // namespace

Choices named_choices(const std::map<std::string, std::string>& named,
                      const DecisionSpace& decisions, const ActiveDecisions& active,
                      const std::string& key) {
  Choices choices(decisions.size(), 0);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    const auto found = named.find(decision.name);
    if (found == named.end()) {
      missing.push_back(i);
      continue;
    }
    const auto position = position_of(decision, found->second);
    if (!position) {
      throw InputError(fmt::format("{}{}: found '{}', allowed {}", key.empty() ? "" : key + ".",
                                   decision.name, found->second, join(decision.choices)));
    }
    choices[i] = static_cast<std::uint16_t>(*position);
  }
  if (named.size() + missing.size() > decisions.size()) {
    for (const auto& [name, choice] : named) decisions.find(name);  // throws for one of them
  }
  if (missing.empty()) return choices;
  const std::vector<bool> needed = active(choices);
  for (const std::size_t i : missing) {
    if (!needed[i]) continue;
    throw InputError(fmt::format("{}'{}' is missing, allowed {}", key.empty() ? "" : key + ": ",
                                 decisions[i].name, join(decisions[i].choices)));
  }
  return choices;
}

}  // namespace dovetail

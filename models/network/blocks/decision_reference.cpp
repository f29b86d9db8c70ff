#include "models/network/blocks/decision_reference.h"

#include <fmt/core.h>

#include "base/text/text.h"

namespace dovetail {
namespace {

/// "[0,0.25]": the value that each choice of the decision stands for.
std::vector<std::string> read_list(const YamlNode& node, const Decision& decision,
                                   const std::string& text) {
  if (text.back() != ']') {
    throw node.error(fmt::format("'${}{}': a list of values is written $DECISION[VALUE, VALUE]",
                                 decision.name, text));
  }
  const std::vector<std::string> words = split(text.substr(1, text.size() - 2), ',');
  if (words.size() != decision.choices.size()) {
    throw node.error(fmt::format("'${}{}': found {} values, decision '{}' has {} choices ({})",
                                 decision.name, text, words.size(), decision.name,
                                 decision.choices.size(), join(decision.choices)));
  }
  return words;
}

}  // namespace

DecisionReference DecisionReference::read(const YamlNode& node, const std::string& text,
                                          const DecisionSpace& decisions) {
  const auto bracket = text.find('[');
  DecisionReference found;
  found.listed = bracket != std::string::npos;
  found.decision = find_decision(node, text.substr(0, bracket), decisions);
  const Decision& decision = decisions[found.decision];
  found.words = found.listed ? read_list(node, decision, text.substr(bracket)) : decision.choices;
  return found;
}

std::string DecisionReference::where(std::size_t choice, const DecisionSpace& decisions) const {
  const Decision& of = decisions[decision];
  return fmt::format(" ({} of ${})", listed ? "for choice " + of.choices[choice] : "a choice",
                     of.name);
}

std::size_t find_decision(const YamlNode& node, const std::string& word,
                          const DecisionSpace& decisions) {
  const std::string name = word.substr(1);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].name == name) return i;
    names.push_back(decisions[i].name);
  }
  if (names.empty()) {
    throw node.error(fmt::format("'{}': a network has no decisions; a network space has", word));
  }
  throw node.error(unknown_name("decision", name, names));
}

}  // namespace dovetail

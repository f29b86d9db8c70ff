#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "base/numbers/decision_space.h"

namespace dovetail {

/// A decision in place of a value: "$k0" stands for its choice, "$se[0, 0.25]" for the value of the
/// list that belongs to its choice.
struct DecisionReference {
  std::size_t decision = 0;
  std::vector<std::string> words{};  // one a choice
  bool listed = false;

  /// Whether a value is one.
  static bool stands_in(const std::string& text) { return text.starts_with('$'); }
  /// Throws InputError at `node` for an unknown decision and a list that is not one of its choices.
  static DecisionReference read(const YamlNode& node, const std::string& text,
                                const DecisionSpace& decisions);
  /// " (for choice yes of $se)": which of its words a message is about.
  std::string where(std::size_t choice, const DecisionSpace& decisions) const;
};

/// The decision called "$NAME"; throws InputError at `node`.
std::size_t find_decision(const YamlNode& node, const std::string& word,
                          const DecisionSpace& decisions);

}  // namespace dovetail

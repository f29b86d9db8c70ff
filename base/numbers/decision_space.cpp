#include "base/numbers/decision_space.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

// What is wrong with a decision; empty if nothing.
std::string defect(const Decision& decision) {
  const auto& choices = decision.choices;
  if (decision.name.empty()) return "a decision needs a name";
  if (choices.empty()) return fmt::format("decision '{}' has no choices", decision.name);
  if (choices.size() > std::numeric_limits<Choices::value_type>::max()) {
    return fmt::format("decision '{}' has {} choices, allowed at most {}", decision.name,
                       choices.size(), std::numeric_limits<Choices::value_type>::max());
  }
  std::vector<std::string> sorted = choices;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    return fmt::format("decision '{}' has the choice {} twice", decision.name, *twice);
  }
  const auto& values = decision.values;
  if (values.empty()) return "";
  if (values.size() != choices.size()) {
    return fmt::format("decision '{}' has {} choices but {} values", decision.name, choices.size(),
                       values.size());
  }
  // Neighbours and encodings take the order of the choices for the order of the values.
  const auto fall = std::adjacent_find(values.begin(), values.end(), std::greater_equal<>());
  if (fall != values.end()) {
    return fmt::format("decision '{}': found {} before {}, allowed numbers that ascend",
                       decision.name, *fall, *(fall + 1));
  }
  return "";
}

/// The names that an item stands for: NAME alone, or with `repeat` NAME0, NAME1, ...; with `first`
/// from that number on.
std::vector<std::string> repeated_names(YamlMap& map, const std::string& name) {
  constexpr int kMostRepeated = 10'000;
  const std::optional<YamlNode> repeat = map.optional("repeat"), first = map.optional("first");
  if (!repeat && first) throw first->error("has no meaning without 'repeat'");
  if (!repeat || name.empty()) return {name};
  const std::int64_t count = repeat->as_int(1, kMostRepeated);
  const std::int64_t from = first ? first->as_int(0, kMostRepeated) : 0;
  std::vector<std::string> names;
  for (std::int64_t i = from; i < from + count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

}  // namespace

DecisionSpace::DecisionSpace(std::vector<Decision> decisions) : decisions_(std::move(decisions)) {
  std::vector<std::string> names;
  for (const Decision& decision : decisions_) {
    if (const std::string wrong = defect(decision); !wrong.empty()) throw InputError(wrong);
    if (std::find(names.begin(), names.end(), decision.name) != names.end()) {
      throw InputError(fmt::format("decision '{}' stands twice in one space", decision.name));
    }
    names.push_back(decision.name);
  }
}

DecisionSpace DecisionSpace::from_yaml(const YamlNode& node) {
  std::vector<Decision> decisions;
  std::set<std::string> names;
  for (const YamlNode& item : node.items()) {
    YamlMap map = item.map();
    Decision decision;
    const YamlNode name = map.required("name");
    decision.name = name.as_string();
    if (auto unit = map.optional("unit")) decision.unit = unit->as_string();
    const YamlNode choices = map.required("choices");
    bool all_numbers = true;
    for (const YamlNode& choice : choices.items()) {
      decision.choices.push_back(choice.as_string());
      all_numbers = all_numbers && choice.is_number();
    }
    if (all_numbers) {
      for (const YamlNode& choice : choices.items()) decision.values.push_back(choice.as_double());
    }
    const std::vector<std::string> all = repeated_names(map, decision.name);
    map.finish();
    if (const std::string wrong = defect(decision); !wrong.empty()) throw choices.error(wrong);
    for (const std::string& own : all) {
      if (!names.insert(own).second) throw name.error(fmt::format("'{}' twice", own));
      decision.name = own;
      decisions.push_back(decision);
    }
  }
  if (decisions.empty()) throw node.error("found no decision, allowed at least one");
  return DecisionSpace(std::move(decisions));
}

std::size_t DecisionSpace::find(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size(); ++i) {
    if (decisions_[i].name == name) return i;
    names.push_back(decisions_[i].name);
  }
  throw InputError(unknown_name("decision", name, names));
}

double DecisionSpace::cardinality() const {
  double points = 1;
  for (const Decision& decision : decisions_)
    points *= static_cast<double>(decision.choices.size());
  return points;
}

std::optional<std::uint64_t> DecisionSpace::count() const {
  std::uint64_t points = 1;
  for (const Decision& decision : decisions_) {
    if (__builtin_mul_overflow(points, decision.choices.size(), &points)) return std::nullopt;
  }
  return points;
}

void DecisionSpace::validate(const Choices& choices) const {
  if (choices.size() != size()) {
    throw InputError(
        fmt::format("found {} choices, allowed {}: one for each decision", choices.size(), size()));
  }
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t allowed = decisions_[i].choices.size();
    if (choices[i] >= allowed) {
      throw InputError(fmt::format("decision '{}': found choice number {}, allowed 0 to {}",
                                   decisions_[i].name, choices[i], allowed - 1));
    }
  }
}

std::uint64_t DecisionSpace::index_of(const Choices& choices) const {
  validate(choices);
  if (!count()) throw std::logic_error("DecisionSpace::index_of: more than 2^64 points");
  std::uint64_t index = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    index = index * decisions_[i].choices.size() + choices[i];
  }
  return index;
}

Choices DecisionSpace::from_index(std::uint64_t index) const {
  const auto points = count();
  if (!points) throw std::logic_error("DecisionSpace::from_index: more than 2^64 points");
  if (index >= *points) {
    throw InputError(fmt::format("found point number {}, allowed 0 to {}", index, *points - 1));
  }
  Choices choices(size());
  for (std::size_t i = size(); i-- > 0;) {
    const std::uint64_t radix = decisions_[i].choices.size();
    choices[i] = static_cast<Choices::value_type>(index % radix);
    index /= radix;
  }
  return choices;
}

Choices DecisionSpace::sample(Rng& rng) const {
  Choices choices(size());
  for (std::size_t i = 0; i < size(); ++i) {
    choices[i] = static_cast<Choices::value_type>(rng.index(decisions_[i].choices.size()));
  }
  return choices;
}

std::vector<Choices> DecisionSpace::neighbours(const Choices& choices) const {
  validate(choices);
  std::vector<Choices> found;
  for (std::size_t i = 0; i < size(); ++i) {
    for (std::size_t c = 0; c < decisions_[i].choices.size(); ++c) {
      const bool one_step = c + 1 == choices[i] || c == choices[i] + std::size_t{1};
      if (c == choices[i] || (decisions_[i].ordered() && !one_step)) continue;
      found.push_back(choices);
      found.back()[i] = static_cast<Choices::value_type>(c);
    }
  }
  return found;
}

std::string DecisionSpace::describe(const Choices& choices) const {
  validate(choices);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < size(); ++i) {
    parts.push_back(decisions_[i].name + "=" + decisions_[i].choices[choices[i]]);
  }
  return join(parts, " ");
}

std::map<std::string, std::string> DecisionSpace::decode(const Choices& choices) const {
  validate(choices);
  std::map<std::string, std::string> named;
  for (std::size_t i = 0; i < size(); ++i) {
    named[decisions_[i].name] = decisions_[i].choices[choices[i]];
  }
  return named;
}

Choices DecisionSpace::encode(const std::map<std::string, std::string>& named) const {
  for (const auto& [name, choice] : named) find(name);  // known names only
  Choices choices;
  for (const Decision& decision : decisions_) {
    const auto given = named.find(decision.name);
    if (given == named.end()) {
      throw InputError(fmt::format("decision '{}' is missing", decision.name));
    }
    const auto at = std::find(decision.choices.begin(), decision.choices.end(), given->second);
    if (at == decision.choices.end()) {
      throw InputError(fmt::format("{}: found '{}', allowed {}", decision.name, given->second,
                                   join(decision.choices)));
    }
    choices.push_back(static_cast<Choices::value_type>(at - decision.choices.begin()));
  }
  return choices;
}

DecisionSpace DecisionSpace::joined(const DecisionSpace& other) const {
  std::vector<Decision> decisions = decisions_;
  decisions.insert(decisions.end(), other.decisions_.begin(), other.decisions_.end());
  return DecisionSpace(std::move(decisions));
}

}  // namespace dovetail

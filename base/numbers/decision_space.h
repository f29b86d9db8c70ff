#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/random.h"

namespace dovetail {

class YamlNode;

/// One named choice among a few: what a search decides.
struct Decision {
  std::string name;
  std::string unit;                  // "" if it has none
  std::vector<std::string> choices;  // as written in files, logs and plots; at least one
  /// Numeric value of each choice if all are numbers (then the choices are ordered), else empty.
  std::vector<double> values;

  bool ordered() const { return !values.empty(); }
};

/// Which choice each decision of a space takes: one index a decision, in the space's order.
using Choices = std::vector<std::uint16_t>;

/// A product of named decisions in a fixed order. What the decisions mean is known elsewhere.
class DecisionSpace {
 public:
  DecisionSpace() = default;
  /// Throws InputError if a name is empty or repeated or a decision has no or repeated choices.
  explicit DecisionSpace(std::vector<Decision> decisions);

  /// Reads {name, choices, unit?, repeat?, first?}, ...; if all choices are numbers it is ordered.
  static DecisionSpace from_yaml(const YamlNode& node);

  std::size_t size() const { return decisions_.size(); }
  const Decision& operator[](std::size_t i) const { return decisions_[i]; }
  const std::vector<Decision>& decisions() const { return decisions_; }
  /// Position of the decision called `name`; throws InputError naming the nearest known one.
  std::size_t find(const std::string& name) const;

  /// Number of points, as a double since some spaces exceed 2^64.
  double cardinality() const;
  /// Number of points if it fits in 64 bits.
  std::optional<std::uint64_t> count() const;

  /// Throws InputError unless `choices` has one valid index for each decision.
  void validate(const Choices& choices) const;
  /// Mixed-radix position, first decision most significant; needs count().
  std::uint64_t index_of(const Choices& choices) const;
  Choices from_index(std::uint64_t index) const;
  /// Uniform over every decision.
  Choices sample(Rng& rng) const;
  /// All points that differ in one decision: by one step where it is ordered, else by any choice.
  std::vector<Choices> neighbours(const Choices& choices) const;

  /// "name=choice name=choice ..." for logs and messages.
  std::string describe(const Choices& choices) const;
  /// The choice of each decision by the decision's name, as written; and back. encode() throws
  /// InputError for an unknown decision, one that is missing, or a choice that it does not have.
  std::map<std::string, std::string> decode(const Choices& choices) const;
  Choices encode(const std::map<std::string, std::string>& named) const;
  /// The decisions of this space followed by those of `other`.
  DecisionSpace joined(const DecisionSpace& other) const;

 private:
  std::vector<Decision> decisions_;
};

}  // namespace dovetail

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/numbers/named_choices.h"

namespace dovetail {

class NetworkSpace;
class DesignSpace;

/// Decision `decision` has an effect only while decision `parent` takes a choice c with
/// allowed[c] (the kernel of a stage's fourth block only while its depth is 4).
struct Guard {
  std::uint16_t decision = 0, parent = 0;
  std::vector<bool> allowed;  // one flag for each choice of `parent`

  bool operator==(const Guard&) const = default;
};

/// What datasets and models keep of a space: enough to encode its points without its YAML.
struct SpaceDescription {
  std::string name;
  DecisionSpace decisions;
  std::vector<Guard> guards;  // a decision is active where all of its guards allow it
  /// What the decisions do not say: of a design space the base accelerator as YAML, of a network
  /// space a checksum of what it builds.
  std::string definition;

  /// Whether each decision has an effect at this point, as far as the guards tell.
  std::vector<bool> active(const Choices& choices) const;
};

/// Finds the guards by probing `active` at random points (fixed seed). A decision whose activity is
/// no conjunction of such conditions gets no guard and counts as always active.
std::vector<Guard> find_guards(const DecisionSpace& decisions, const ActiveDecisions& active);

/// With the guards of NetworkSpace::active().
SpaceDescription describe(const NetworkSpace& space);
SpaceDescription describe(const DesignSpace& space);

/// JSON text: {"name", "decisions": [{"name", "unit", "choices", "values"}], "guards": [...],
/// "definition"}.
std::string to_json_text(const SpaceDescription& space);
/// Reads it back; throws InputError with `file` in its message.
SpaceDescription space_from_json_text(const std::string& text, const std::string& file);

/// Throws InputError naming the first difference in names or choices of decisions. `what` and
/// `file` say whose decisions `found` are ("network", "model.h5").
void require_same_decisions(const DecisionSpace& expected, const DecisionSpace& found,
                            const std::string& what, const std::string& file);
/// The same, and the definitions must agree.
void require_same_space(const SpaceDescription& expected, const SpaceDescription& found,
                        const std::string& what, const std::string& file);

}  // namespace dovetail

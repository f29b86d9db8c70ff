#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/space/network_side.h"

namespace dovetail {

/// Some decisions and the choices that they are left: "narrowed" for a target, or pinned.
struct DecisionLimit {
  std::string decision;              // "se", "net.se"; * stands for anything: "k*"
  std::vector<std::string> choices;  // at least one
  Location where = {};               // for messages; of no file if the program made it

  /// Whether it is about a decision called `name` on the side `side` ("net." or "hw.").
  bool is_about(const std::string& side, const std::string& name) const;
};

/// Which points of one side's space a search may ask for: its candidates.
class SideCandidates {
 public:
  virtual ~SideCandidates() = default;
  /// False if a candidate is every point.
  virtual bool some() const = 0;
  virtual double cardinality() const = 0;
  /// If it fits in 64 bits; each is point(0 .. count - 1).
  virtual std::optional<std::uint64_t> count() const = 0;
  virtual Choices point(std::uint64_t index) const = 0;
  virtual Choices sample(Rng& rng) const = 0;
  /// One step away, or the nearest others.
  virtual std::vector<Choices> neighbours(const Choices& choices) const = 0;
  /// A point itself, or the nearest candidate to it.
  virtual Choices candidate(const Choices& choices) const = 0;
  /// Throws InputError if it is none. `choices` are canonical, `active` says what has an effect.
  virtual void require(const Choices& choices, const std::vector<bool>& active) const = 0;
};

/// All points of `decisions`, which must outlive it, with the choices that `limits` leave. Limits
/// that are about no decision of it are ignored. `side` is "net." or "hw.". Throws InputError for a
/// choice that a decision lacks, and for two limits on one decision.
std::shared_ptr<const SideCandidates> candidates_within(const DecisionSpace& decisions,
                                                        const std::string& side,
                                                        const std::vector<DecisionLimit>& limits);
/// The networks of a list, of which there is one, that are within the limits. Throws InputError as
/// above, and if there are none.
std::shared_ptr<const SideCandidates> candidates_of_list(const NetworkSide& network,
                                                         const std::vector<DecisionLimit>& limits);

/// Throws InputError for a limit that is about no decision of either space (null: not searched).
void require_known_decisions(const std::vector<DecisionLimit>& limits, const DecisionSpace* network,
                             const DecisionSpace* hardware);

}  // namespace dovetail

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/numbers/decision_space.h"
#include "nas/objective/objective.h"
#include "nas/strategy/search_domain.h"

namespace dovetail {

/// Proposes candidates and learns from what became of them.
///
/// Rules that every strategy keeps (tests/nas/strategy/conformance_test.cpp):
/// - It is a function of its parameters, its seed and what it has been told, and of nothing else;
///   so a new one, fed the same calls, asks the same. That is how a study is resumed.
/// - tell() brings the outcomes of candidates in the order in which they were asked for, in pieces
///   of any size; several ask() may come before a tell().
/// - Outcomes that are not valid are part of life, even if all are.
class Strategy {
 public:
  virtual ~Strategy() = default;
  /// At most `count` candidates, at least one unless the strategy has nothing left to ask.
  virtual std::vector<Choices> ask(std::size_t count) = 0;
  /// A hot start (HotNAS: Jiang et al., 2020): candidates that it has not asked for, and what
  /// became of them. To be called once, before the first ask(). Each takes them for what it has:
  /// members of a population, where an ascent or a chain begins, what a model learns from, what a
  /// policy favours. By default they are ignored.
  virtual void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes);
  virtual void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) = 0;
  /// How many candidates it likes to be asked for at once.
  virtual std::size_t preferred_batch() const = 0;
};

}  // namespace dovetail

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nas/strategy/strategy.h"

namespace dovetail {

/// Points as numbers, one after the other.
struct Points {
  std::size_t width = 0;        // numbers of a point
  std::vector<double> numbers;  // `width` a point

  std::size_t count() const { return width == 0 ? 0 : numbers.size() / width; }
  void append(const Points& more);
};

/// Candidates as numbers between which distances mean something: an ordered decision is
/// rank / (choices - 1), another is one-hot times sqrt(1/2), so that two choices of one decision
/// are at most 1 apart. Of the canonical form: decisions without effect do not keep points apart.
class PointEncoding {
 public:
  explicit PointEncoding(const SearchDomain& domain);

  Points encode(std::span<const Choices> candidates) const;
  /// Of each number of a point, the decision that it belongs to.
  const std::vector<std::size_t>& decision_of() const { return decision_of_; }
  std::size_t decisions() const { return domain_.decisions().size(); }

 private:
  const SearchDomain& domain_;
  std::vector<std::size_t> decision_of_;
};

}  // namespace dovetail

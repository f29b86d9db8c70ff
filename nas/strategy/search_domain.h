#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/numbers/random.h"

namespace dovetail {

/// What a strategy may know of the space that it searches.
class SearchDomain {
 public:
  virtual ~SearchDomain() = default;
  virtual const DecisionSpace& decisions() const = 0;
  /// For each decision, whether it has an effect at this point; all have by default.
  virtual std::vector<bool> active(const Choices& choices) const;
  /// What can be told of a candidate's constraint violation without evaluating it (an area is
  /// closed-form): a lower bound of Outcome::violation, so above 0 only if it will be violated.
  /// Nothing by default: then nothing is known.
  virtual std::optional<double> predicted_violation(const Choices& choices) const;
  /// The point that the hypervolume of a front is measured from, in the sense of
  /// Outcome::objectives; empty, the default, if nobody measures one.
  virtual std::vector<double> reference() const { return {}; }

  // By default every point of decisions() is a candidate. Where only some are:

  /// The candidate that stands for a point: itself, or the nearest one.
  virtual Choices candidate(const Choices& choices) const;
  /// How many candidates there are, if it fits in 64 bits, and each of them: all that the domain
  /// has come once, and with them points that differ in inactive decisions alone.
  virtual std::optional<std::uint64_t> count() const;
  virtual Choices point(std::uint64_t index) const;
  /// Their number as a double, since some domains exceed 2^64.
  virtual double cardinality() const;
  /// A candidate; uniform over every decision, or over those that there are.
  virtual Choices sample(Rng& rng) const;
  /// Candidates one step away, or the nearest others.
  virtual std::vector<Choices> neighbours(const Choices& choices) const;

  /// Of the candidate of a point, with inactive decisions set to their first choice: equal
  /// candidates have equal canonical choices.
  Choices canonical(const Choices& choices) const;
};

/// A domain with something changed, which a class that follows says.
class WrappedDomain : public SearchDomain {
 public:
  /// `domain` must outlive it.
  explicit WrappedDomain(const SearchDomain& domain) : wrapped_(domain) {}

  const DecisionSpace& decisions() const override { return wrapped_.decisions(); }
  std::vector<bool> active(const Choices& choices) const override;
  std::optional<double> predicted_violation(const Choices& choices) const override;
  std::vector<double> reference() const override { return wrapped_.reference(); }
  Choices candidate(const Choices& choices) const override;
  std::optional<std::uint64_t> count() const override { return wrapped_.count(); }
  Choices point(std::uint64_t index) const override { return wrapped_.point(index); }
  double cardinality() const override { return wrapped_.cardinality(); }
  Choices sample(Rng& rng) const override { return wrapped_.sample(rng); }
  std::vector<Choices> neighbours(const Choices& choices) const override;

 private:
  const SearchDomain& wrapped_;
};

}  // namespace dovetail

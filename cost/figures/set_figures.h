#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/figures/figures.h"

namespace dovetail {

/// One pair of a set of (network, accelerator) pairs that are designed together: several networks
/// on one chip, one network on several chips.
struct SetMember {
  std::string name;  // no two of a set are called alike
  double weight = 1;
  double reference_ms = Costs::kUnknown;  // what its latency is compared with; NaN: nothing
};

/// A figure of a set, made of a figure of its pairs:
///   KEY@NAME                               that of one pair
///   KEY, KEY_max                           that of the worst pair: a limit on it holds for each
///   KEY_mean, KEY_sum                      mean and sum by weight
///   latency_ratio_max, latency_ratio_mean  latency over each pair's reference: worst, mean by
///                                          weight
/// KEY is a figure of costs. All are better when smaller.
class SetFigure {
 public:
  /// Throws InputError naming the nearest known figure or member, or that a reference is missing.
  static SetFigure parse(const std::string& key, std::span<const SetMember> members);
  /// Keys that every set of these members has, in the order of tables: of each, then of all.
  static std::vector<std::string> keys_of(std::span<const SetMember> members);

  /// Of the costs of the members, in their order; NaN if one that it needs is not known.
  double of(std::span<const Costs* const> costs) const;

  const std::string& key() const { return key_; }
  const std::string& unit() const { return unit_; }
  int decimals() const { return decimals_; }
  /// What it is made of.
  const Figure& of_pairs() const { return *figure_; }
  /// Whether it can be said of one member alone: neither of another one nor a mean or a sum.
  bool is_of(const std::string& member) const;

 private:
  enum class Kind { kWorst, kMean, kSum };

  std::string key_, unit_;
  std::string member_;  // of which alone it is; empty: of all
  int decimals_ = 0;
  const Figure* figure_ = nullptr;  // of each pair
  Kind kind_ = Kind::kWorst;
  /// What each member counts (0: it is left out), and what its figure is divided by.
  std::vector<double> weights_, divisors_;
};

/// Whether a key can only be that of a set, of whichever members: it has one of the forms above
/// that a single pair has not.
bool is_set_key(const std::string& key);
/// The figure of this key as a metric of Costs::of_set; the same for the same key. Throws
/// InputError unless is_set_key().
const Figure& set_metric(const std::string& key);

/// The costs of a set: of one that cannot run the reason, after its name; else the worst of each
/// figure, and `of_set` with `figures`.
Costs costs_of_set(std::span<const SetMember> members, std::span<const SetFigure> figures,
                   std::span<const Costs* const> costs);

}  // namespace dovetail

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nas/experiments/explore/explore_report.h"

namespace dovetail {

/// The figures whose ratios are told: latency, energy, area. All are better when smaller.
std::span<const Figure* const> ratio_figures();

/// How many times as large a figure is after a change as before it, over many pairs; 1: the same,
/// and more is worse. NaN if there is no pair.
struct RatioSpread {
  double best = Costs::kUnknown, first_quartile = Costs::kUnknown, median = Costs::kUnknown,
         third_quartile = Costs::kUnknown, worst = Costs::kUnknown;
};

/// What a change of one parameter does over a whole space: of every pair of configurations that
/// differ in nothing else. A pair is compared where the network runs on both.
struct StepEffect {
  std::size_t decision = 0;      // of the space
  std::size_t from = 0, to = 0;  // its choices
  std::uint64_t pairs = 0;       // the sum of the next five
  std::uint64_t compared = 0;
  std::uint64_t only_from_runs = 0, only_to_runs = 0, neither_runs = 0;
  std::uint64_t left_out = 0;       // one of the two, at least, is above the area limit
  std::vector<RatioSpread> ratios;  // of ratio_figures(), of the pairs compared
  // Of the pairs compared, by their latency.
  std::uint64_t unchanged = 0;         // within 0.1 %
  std::uint64_t faster_1_percent = 0;  // by more than that; those of 2 % are among them
  std::uint64_t faster_2_percent = 0;
  std::uint64_t slower = 0;  // by more than 0.1 %

  /// "8 -> 16".
  std::string name(const DesignSpace& space) const;
};

/// For each parameter with two choices or more, in the order of the space: each step between
/// neighbouring choices, then the whole range from the smallest to the largest, if that is more
/// than one step. Choices among names have the order in which the space lists them. `points` are
/// all configurations of the space, in its order.
std::vector<StepEffect> sensitivity(const std::vector<Costs>& points, const DesignSpace& space);

/// Of all networks: schema dovetail.sensitivity/1, a row a network, parameter and step.
std::string sensitivity_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                            const ExploreOptions& options);
/// For the terminal.
std::string sensitivity_table(const Exploration& exploration, const DesignSpace& space);

}  // namespace dovetail

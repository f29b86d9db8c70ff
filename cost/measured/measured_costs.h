#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "cost/figures/costs.h"
#include "cost/model/pair_domain.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// How a file of measured costs is read.
struct CostFileFormat {
  std::string digits;  // column with one digit a network decision (network_rows.h); empty: none
  /// Columns that are not called like what they hold: of a network decision, of a decision of the
  /// accelerator ("hw.pes_x") or of a figure ("latency_ms", "latency_ms@TARGET").
  std::map<std::string, std::string> columns;
  /// Rows of one pair that disagree: their mean; false: an error that names both.
  bool mean = false;

  bool operator==(const CostFileFormat&) const = default;
};

/// What pairs of networks and accelerators cost, as somebody has measured it: rows of a file of
/// networks (network_rows.h), with a column for each decision of the accelerator if that is
/// searched, and figures, of each target if there are several: `latency_ms` or `inferences_per_s`
/// (latency_ms = 1000 / inferences_per_s), `energy_mj`, `area_mm2`, each if the file has it. An
/// empty cell is a figure that is not known.
class MeasuredCosts {
 public:
  /// `targets` are the names behind the "@" of the figures; one empty name if there are none.
  /// `accelerators` is null if the accelerator is not searched. Both spaces must outlive it. Throws
  /// InputError with file, line and column for figures that are no numbers above 0, unknown keys of
  /// `columns`, rows that disagree.
  MeasuredCosts(const std::filesystem::path& file, const NetworkSpace& networks,
                const DesignSpace* accelerators, const std::vector<std::string>& targets,
                const CostFileFormat& format = {});

  /// Of each target, in their order. Throws InputError, which says so, for a pair that the file
  /// lacks.
  const std::vector<Costs>& of(const Pair& pair) const;
  /// What there are columns of: of each target costs of 1 for these figures.
  const std::vector<Costs>& columns() const { return columns_; }

  const std::string& file() const { return file_; }
  std::size_t size() const { return rows_.size(); }
  /// "network ... on accelerator ...", for messages.
  std::string describe(const Pair& pair) const;

 private:
  std::string key_of(const Pair& pair) const;

  std::string file_;
  const NetworkSpace& networks_;
  const DesignSpace* accelerators_;
  std::vector<Costs> columns_;
  std::unordered_map<std::string, std::vector<Costs>> rows_;  // by key_of()
};

}  // namespace dovetail

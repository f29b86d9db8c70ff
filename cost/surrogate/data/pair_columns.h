#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/text/error.h"
#include "cost/model/pair_domain.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// Where the decisions of pairs stand in a CSV file as `dovetail dataset export-csv` writes it:
/// columns network.DECISION and hardware.DECISION, in any order, each with the choice as the space
/// writes it.
class PairColumns {
 public:
  static constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();

  /// `names` are the cells of the header, `others` the further columns that may be there. Both
  /// spaces are referred to. Throws InputError unless each decision has one column and every column
  /// is known.
  PairColumns(std::vector<std::string> names, const DecisionSpace& network,
              const DecisionSpace& hardware, const std::vector<std::string>& others,
              const Location& where);

  /// The place of a column, or kAbsent.
  std::size_t position(const std::string& name) const;
  /// Throws InputError unless there is one cell for each column.
  void require_count(const std::vector<std::string>& cells, const Location& where) const;
  /// Throws InputError for what is no choice of its decision.
  Pair pair(const std::vector<std::string>& cells, const Location& where) const;

 private:
  std::vector<std::string> names_;
  const DecisionSpace& network_space_;
  const DecisionSpace& hardware_space_;
  std::vector<std::size_t> network_, hardware_;  // of each decision
};

/// The pairs of such a file, in its order, networks made canonical; other columns that export-csv
/// writes are not looked at. Throws InputError with file and line, also if there is none.
std::vector<Pair> read_pairs(const std::filesystem::path& file, const NetworkSpace& networks,
                             const DesignSpace& accelerators);

}  // namespace dovetail

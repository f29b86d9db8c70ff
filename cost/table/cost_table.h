#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// What the simulator says of every network of a space on every accelerator of a space: all pairs,
/// none left out or estimated.
class CostTable {
 public:
  struct Options {
    std::string technology = "16nm";
    int workers = 1;
    /// Told how many of how many accelerators are done, in this process; false: stop.
    std::function<bool(std::uint64_t done, std::uint64_t of)> keep_going;
  };

  /// Simulates all pairs; throws RunError if `keep_going` said no. Both spaces must have fewer than
  /// a million points (InputError).
  static CostTable enumerate(const NetworkSpace& networks, const DesignSpace& accelerators,
                             const Options& options);
  /// Reads what save() wrote. Throws InputError if it is of other spaces or of another technology,
  /// or if today's simulator gives another figure for one of 16 pairs spread over the table.
  static CostTable load(const std::filesystem::path& file, const NetworkSpace& networks,
                        const DesignSpace& accelerators, const std::string& technology);
  /// HDF5: `latency_ms`, `energy_mj` and `peak_local_memory_kib` (accelerators x distinct networks,
  /// 0 where a pair is infeasible), `area_mm2` (accelerators), and for readers from outside
  /// `network_row` (points of the network space: the column of each in `latency_ms`).
  void save(const std::filesystem::path& file, const NetworkSpace& networks,
            const DesignSpace& accelerators) const;

  /// Distinct networks; points of the network space that build the same network share a row.
  std::size_t networks() const { return representatives_.size(); }
  std::size_t accelerators() const { return area_mm2_.size(); }
  std::size_t feasible_pairs() const;
  const std::string& technology() const { return technology_; }
  /// Row of a point (its index in the network space).
  std::size_t network_row(std::uint64_t point) const { return row_of_point_[point]; }
  /// The first point that builds the network of a row.
  std::uint64_t representative(std::size_t row) const { return representatives_[row]; }

  /// 0 if the pair is infeasible.
  double latency_ms(std::size_t network, std::size_t accelerator) const {
    return latency_ms_[accelerator * networks() + network];
  }
  double energy_mj(std::size_t network, std::size_t accelerator) const {
    return energy_mj_[accelerator * networks() + network];
  }
  /// Whether it has the memory in use too, which tables had not always.
  bool has_memory() const { return !peak_local_memory_kib_.empty(); }
  double peak_local_memory_kib(std::size_t network, std::size_t accelerator) const {
    return has_memory() ? peak_local_memory_kib_[accelerator * networks() + network] : 0;
  }
  double area_mm2(std::size_t accelerator) const { return area_mm2_[accelerator]; }

 private:
  CostTable(const NetworkSpace& networks, const DesignSpace& accelerators, std::string technology);
  void require_todays_figures(const std::filesystem::path& file, const NetworkSpace& networks,
                              const DesignSpace& accelerators) const;

  std::string technology_;
  std::vector<std::uint32_t> row_of_point_;
  std::vector<std::uint64_t> representatives_;
  std::vector<double> latency_ms_, energy_mj_, peak_local_memory_kib_, area_mm2_;
};

}  // namespace dovetail

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw_space/design_space.h"
#include "models/network/layers/network.h"
#include "sim/simulator.h"

namespace dovetail {

/// What an exploration records of each configuration: a column of its files, and something that a
/// front may minimise. All are better when smaller.
struct ExploredFigure {
  std::string key;   // with its unit: "latency_ms"
  bool known_unrun;  // known of an accelerator that cannot run the network
  int decimals;      // in tables
  double (*get)(const SimulationResult&);
};
inline constexpr std::size_t kExploredFigures = 4;
std::span<const ExploredFigure, kExploredFigures> explored_figures();
/// Position in explored_figures(); throws InputError naming the nearest known key.
std::size_t find_explored_figure(const std::string& key);

/// Names of what may become of a configuration. The first is that of a feasible one, then those of
/// InfeasibleReason, last that of one left out because its area is above the limit.
const std::vector<std::string>& explored_reasons();

/// What the simulator says of one configuration.
struct ExploredPoint {
  std::uint8_t reason = 0;                            // position in explored_reasons()
  std::array<double, kExploredFigures> figures = {};  // NaN where unknown

  bool feasible() const { return reason == 0; }
};

struct ExploreOptions {
  std::string technology = "16nm";     // of the areas: name or file
  std::optional<double> max_area_mm2;  // configurations above it are not simulated
  int workers = 1;
};

/// Told how many configurations are done, after each few and several times a second; false stops.
using ExploreProgress = std::function<bool(const std::vector<ExploredPoint>& points)>;

/// Continues `points` with the next configurations of the space (point i is that of index i), in
/// `workers` processes, until all are there or `progress` says stop. The result does not depend on
/// the number of workers, nor on those that die and are replaced. Throws InputError if the space
/// has more points than can be enumerated.
void explore(std::vector<ExploredPoint>& points, const Network& network, const DesignSpace& space,
             const ExploreOptions& options, const ExploreProgress& progress);

struct ExploreFileOptions {
  ExploreOptions explore;
  bool resume = false;
  double checkpoint_seconds = 30;
};

/// explore() into FOLDER/NETWORK.csv (exploration_file.h), written when all is done. What there is
/// when it stops or fails, and every `checkpoint_seconds`, is in NETWORK.csv.part; `resume` goes on
/// from there, or keeps a finished file, after simulating the last configuration again. Throws
/// InputError if those files are of another network, space, technology, limit or build. Without
/// `resume` they are replaced.
std::vector<ExploredPoint> explore_file(const std::filesystem::path& folder, const Network& network,
                                        const DesignSpace& space, const ExploreFileOptions& options,
                                        const ExploreProgress& progress);

}  // namespace dovetail

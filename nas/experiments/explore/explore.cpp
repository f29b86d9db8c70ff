#include "nas/experiments/explore/explore.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/simulation/simulation_costs.h"
#include "hw_space/mirrored_tiles.h"
#include "nas/experiments/explore/exploration_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Configurations of one request: some 10 ms of work, which hides what handing it over costs; a
/// single process still stops at once.
constexpr std::uint64_t kPointsTogether = 25;

/// Above this a space is for a search: the points alone would fill the memory.
constexpr std::uint64_t kMaxPoints = 20'000'000;

/// The configurations of a space with one network, some of them left out for their area.
class Explorer {
 public:
  Explorer(const Network& network, const DesignSpace& space, const ExploreOptions& options,
           int workers)
      : space_(space),
        max_area_mm2_(options.max_area_mm2),
        costs_(pair_domain(network, space), {options.technology, workers, options.run, {}}) {}

  Pair pair(std::uint64_t index) const { return {{}, space_.decisions().from_index(index)}; }
  /// What is to be said of a configuration without a simulation, if it is left out.
  std::optional<Costs> left_out(std::uint64_t index) const {
    if (!max_area_mm2_) return std::nullopt;
    Costs costs;
    costs.reason = InfeasibleReason::kOverMaxArea;
    costs.area_mm2 = costs_.area_mm2(space_.decode(space_.decisions().from_index(index)));
    return costs.area_mm2 > *max_area_mm2_ ? std::optional(costs) : std::nullopt;
  }
  Costs costs(std::uint64_t index) {
    const std::optional<Costs> known = left_out(index);
    return known ? *known : pair_costs(costs_.costs_of(pair(index)));
  }
  SimulationCosts& simulation() { return costs_; }

 private:
  const DesignSpace& space_;
  std::optional<double> max_area_mm2_;
  SimulationCosts costs_;
};

/// Simulates the last configuration again: the one sure sign that the simulator is still the same.
void require_same_figures(const fs::path& file, const std::vector<Costs>& points,
                          const Network& network, const DesignSpace& space,
                          const ExploreOptions& options) {
  if (points.empty()) return;
  const std::uint64_t last = points.size() - 1;
  if (Explorer(network, space, options, 1).costs(last) == points[last]) return;
  throw InputError(
      Location{file.string()},
      fmt::format("cannot be resumed: configuration {} comes out differently now", last));
}

std::uint64_t count_of(const DesignSpace& space) {
  const std::uint64_t count = *space.decisions().count();
  if (count <= kMaxPoints) return count;
  throw InputError(fmt::format("space '{}': found {} configurations, allowed {} to be enumerated",
                               space.name(), count, kMaxPoints));
}

}  // namespace

const Figure& find_pair_figure(const std::string& key) {
  std::vector<std::string> known;
  for (const Figure* figure : pair_figures()) {
    if (figure->key == key) return *figure;
    known.push_back(figure->key);
  }
  throw InputError(unknown_name("figure", key, known));
}

std::vector<InfeasibleReason> explored_reasons() {
  return reasons_said_by({ReasonSource::kMapper, ReasonSource::kAreaLimit});
}

void explore(std::vector<Costs>& points, const Network& network, const DesignSpace& space,
             const ExploreOptions& options, const ExploreProgress& progress) {
  const std::uint64_t first = points.size(), count = count_of(space);
  if (first >= count) return;
  points.reserve(count);
  Explorer exploration(network, space, options, options.workers);
  const MirroredTiles mirrored(space);
  const auto seen_mirrored = [&](std::uint64_t i) {
    const auto image = mirrored.of(i);
    return image && *image < i ? image : std::nullopt;
  };
  std::vector<std::uint64_t> simulated;
  for (std::uint64_t i = first; i < count; ++i) {
    if (!exploration.left_out(i) && !seen_mirrored(i)) simulated.push_back(i);
  }
  const auto add_known = [&](std::uint64_t end) {
    while (points.size() < end) {
      const auto image = seen_mirrored(points.size());
      points.push_back(image ? points[*image] : *exploration.left_out(points.size()));
    }
  };
  PairStream pairs;
  pairs.count = simulated.size();
  pairs.together = kPointsTogether;
  pairs.pair = [&](std::uint64_t i) { return exploration.pair(simulated[i]); };
  pairs.deliver = [&](std::uint64_t i, const Pair&, const PairCosts& found) {
    add_known(simulated[i]);
    points.push_back(pair_costs(found.checked()));
  };
  pairs.keep_going = [&] { return !progress || progress(points); };
  pairs.name_of = [&](std::uint64_t begin, std::uint64_t end) {
    return fmt::format("configurations {} to {} of {} with {}", simulated[begin],
                       simulated[end - 1], space.name(), network.name());
  };
  if (exploration.simulation().stream(pairs) < pairs.count) return;
  add_known(count);
  pairs.keep_going();
}

std::vector<Costs> explore_file(const fs::path& folder, const Network& network,
                                const DesignSpace& space, const ExploreFileOptions& options,
                                const ExploreProgress& progress) {
  using Clock = std::chrono::steady_clock;
  const fs::path file = exploration_path(folder, network);
  const fs::path part = file.string() + ".part";
  const std::uint64_t count = count_of(space);
  const CsvWriter head = exploration_head(network, space, options.explore);
  require_writable_folder(folder);

  std::vector<Costs> points;
  if (options.resume) {
    const fs::path& begun = fs::exists(part) ? part : file;
    if (fs::exists(begun)) points = load_exploration(begun, head, space);
    require_same_figures(begun, points, network, space, options.explore);
  }
  std::size_t saved = points.size();
  Clock::time_point saved_at = Clock::now();
  const auto save_part = [&] {
    write_file_atomically(part, exploration_csv(head, space, points));
    saved = points.size();
    saved_at = Clock::now();
  };
  const auto tell = [&](const std::vector<Costs>& so_far) {
    const double seconds = std::chrono::duration<double>(Clock::now() - saved_at).count();
    if (so_far.size() > saved && seconds >= options.checkpoint_seconds) save_part();
    return !progress || progress(so_far);
  };
  try {
    explore(points, network, space, options.explore, tell);
  } catch (const RunError& e) {
    if (points.size() == saved) throw;
    save_part();
    throw RunError(fmt::format("{}; the {} configurations before it are saved in {}", e.what(),
                               saved, part.string()));
  }
  if (points.size() < count) {
    save_part();
    return points;
  }
  write_file_atomically(file, exploration_csv(head, space, points));
  fs::remove(part);
  return points;
}

}  // namespace dovetail

#include "nas/experiments/explore/explore.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

#include "base/files/atomic_file.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/figures/costs_bytes.h"
#include "cost/figures/simulated.h"
#include "nas/experiments/explore/exploration_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Configurations of one task: some 10 ms of work, which hides what handing it over costs; a
/// single process still stops at once.
constexpr std::uint64_t kPointsPerTask = 25;

/// Above this a space is for a search: the points alone would fill the memory.
constexpr std::uint64_t kMaxPoints = 20'000'000;

Costs simulate(Simulator& simulator, const Network& network, const DesignSpace& space,
               const ExploreOptions& options, std::uint64_t index) {
  const AcceleratorConfig accelerator = space.decode(space.decisions().from_index(index));
  const double area_mm2 = simulator.area_mm2(accelerator);
  if (options.max_area_mm2 && area_mm2 > *options.max_area_mm2) {
    Costs left_out;
    left_out.reason = InfeasibleReason::kOverMaxArea;
    left_out.area_mm2 = area_mm2;
    return left_out;
  }
  return pair_costs(costs_of(simulator.run(network, accelerator)));
}

/// Simulates the last configuration again: the one sure sign that the simulator is still the same.
void require_same_figures(const fs::path& file, const std::vector<Costs>& points,
                          const Network& network, const DesignSpace& space,
                          const ExploreOptions& options) {
  if (points.empty()) return;
  const std::uint64_t last = points.size() - 1;
  Simulator simulator({options.technology, false});
  if (simulate(simulator, network, space, options, last) == points[last]) return;
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
  const auto begin_of = [&](std::uint64_t task) {
    return std::min(count, first + task * kPointsPerTask);
  };
  std::unique_ptr<Simulator> simulator;  // made in the process that uses it
  const auto work = [&](std::uint64_t task) {
    if (!simulator) {
      simulator = std::make_unique<Simulator>(SimulatorOptions{options.technology, false});
    }
    std::string bytes;
    for (std::uint64_t i = begin_of(task); i < begin_of(task + 1); ++i) {
      append_costs(bytes, simulate(*simulator, network, space, options, i));
    }
    return bytes;
  };
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    std::string_view rest = bytes;
    while (points.size() < begin_of(task + 1)) points.push_back(take_costs(rest));
  };
  const auto tell = [&] { return !progress || progress(points); };
  const auto name_of = [&](std::uint64_t task) {
    return fmt::format("configurations {} to {} of {} with {}", begin_of(task),
                       begin_of(task + 1) - 1, space.name(), network.name());
  };
  const std::uint64_t tasks = (count - first + kPointsPerTask - 1) / kPointsPerTask;
  if (run_in_workers(tasks, options.workers, work, deliver, tell, name_of) == tasks) tell();
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

#include "nas/experiments/explore/explore.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/process/worker_pool.h"
#include "nas/experiments/explore/exploration_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Configurations of one task: some 10 ms of work, which hides what handing it over costs; a
/// single process still stops at once.
constexpr std::uint64_t kPointsPerTask = 25;

/// Above this a space is for a search: the points alone would fill the memory.
constexpr std::uint64_t kMaxPoints = 20'000'000;

const std::array<ExploredFigure, kExploredFigures> kFigures = {{
    {"latency_ms", false, 4, [](const SimulationResult& r) { return r.latency_ms; }},
    {"cycles", false, 0, [](const SimulationResult& r) { return static_cast<double>(r.cycles); }},
    {"area_mm2", true, 1, [](const SimulationResult& r) { return r.area_mm2; }},
    {"energy_mj", false, 3, [](const SimulationResult& r) { return r.energy.total(); }},
}};

std::vector<std::string> make_reasons() {
  std::vector<std::string> names(1);
  for (const InfeasibleReason reason : all_infeasible_reasons()) {
    const auto code = static_cast<std::size_t>(reason);
    names.resize(std::max(names.size(), code + 1));
    names[code] = to_string(reason);
  }
  names.emplace_back("over_max_area");
  return names;
}

ExploredPoint point_of(const SimulationResult& result, std::size_t reason) {
  ExploredPoint point;
  point.reason = static_cast<std::uint8_t>(reason);
  for (std::size_t f = 0; f < kExploredFigures; ++f) {
    const bool known = reason == 0 || kFigures[f].known_unrun;
    point.figures[f] = known ? kFigures[f].get(result) : std::numeric_limits<double>::quiet_NaN();
  }
  return point;
}

ExploredPoint simulate(Simulator& simulator, const Network& network, const DesignSpace& space,
                       const ExploreOptions& options, std::uint64_t index) {
  const AcceleratorConfig accelerator = space.decode(space.decisions().from_index(index));
  SimulationResult result;
  result.area_mm2 = simulator.area_mm2(accelerator);
  if (options.max_area_mm2 && result.area_mm2 > *options.max_area_mm2) {
    return point_of(result, explored_reasons().size() - 1);
  }
  result = simulator.run(network, accelerator);
  return point_of(result, static_cast<std::size_t>(result.reason));
}

bool same(const ExploredPoint& a, const ExploredPoint& b) {
  return a.reason == b.reason &&
         std::equal(a.figures.begin(), a.figures.end(), b.figures.begin(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// Simulates the last configuration again: the one sure sign that the simulator is still the same.
void require_same_figures(const fs::path& file, const std::vector<ExploredPoint>& points,
                          const Network& network, const DesignSpace& space,
                          const ExploreOptions& options) {
  if (points.empty()) return;
  const std::uint64_t last = points.size() - 1;
  Simulator simulator({options.technology, false});
  if (same(simulate(simulator, network, space, options, last), points[last])) return;
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

std::span<const ExploredFigure, kExploredFigures> explored_figures() {
  return kFigures;
}

std::size_t find_explored_figure(const std::string& key) {
  std::vector<std::string> known;
  for (std::size_t f = 0; f < kExploredFigures; ++f) {
    if (kFigures[f].key == key) return f;
    known.push_back(kFigures[f].key);
  }
  throw InputError(unknown_name("figure", key, known));
}

const std::vector<std::string>& explored_reasons() {
  static const std::vector<std::string> kReasons = make_reasons();
  return kReasons;
}

void explore(std::vector<ExploredPoint>& points, const Network& network, const DesignSpace& space,
             const ExploreOptions& options, const ExploreProgress& progress) {
  static_assert(std::is_trivially_copyable_v<ExploredPoint>);
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
      const ExploredPoint point = simulate(*simulator, network, space, options, i);
      bytes.append(reinterpret_cast<const char*>(&point), sizeof point);
    }
    return bytes;
  };
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    points.resize(begin_of(task + 1));
    std::memcpy(&points[begin_of(task)], bytes.data(), bytes.size());
  };
  const auto tell = [&] { return !progress || progress(points); };
  const auto name_of = [&](std::uint64_t task) {
    return fmt::format("configurations {} to {} of {} with {}", begin_of(task),
                       begin_of(task + 1) - 1, space.name(), network.name());
  };
  const std::uint64_t tasks = (count - first + kPointsPerTask - 1) / kPointsPerTask;
  if (run_in_workers(tasks, options.workers, work, deliver, tell, name_of) == tasks) tell();
}

std::vector<ExploredPoint> explore_file(const fs::path& folder, const Network& network,
                                        const DesignSpace& space, const ExploreFileOptions& options,
                                        const ExploreProgress& progress) {
  using Clock = std::chrono::steady_clock;
  const fs::path file = exploration_path(folder, network);
  const fs::path part = file.string() + ".part";
  const std::uint64_t count = count_of(space);
  const std::string head = exploration_head(network, space, options.explore);
  require_writable_folder(folder);

  std::vector<ExploredPoint> points;
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
  const auto tell = [&](const std::vector<ExploredPoint>& so_far) {
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

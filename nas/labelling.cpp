#include "nas/labelling.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/version.h"
#include "base/worker_pool.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

/// Rows of one task: long enough (some 10 ms) that handing it over costs nothing, short enough that
/// a single process stops at once.
constexpr std::uint64_t kRowsPerTask = 25;

struct Pair {
  Choices network, hardware;
};

Pair draw_pair(const NetworkSpace& networks, const DesignSpace& accelerators,
               const LabellingOptions& options, std::uint64_t row) {
  Rng rng(options.seed, options.first_stream + row);
  Pair pair;
  pair.network = networks.canonical(networks.decisions().sample(rng));
  pair.hardware = accelerators.decisions().sample(rng);
  return pair;
}

Label simulate(Simulator& simulator, const NetworkSpace& networks, const DesignSpace& accelerators,
               const Pair& pair) {
  const SimulationResult result =
      simulator.run(networks.build(pair.network), accelerators.decode(pair.hardware));
  Label label;
  label.reason = static_cast<std::uint8_t>(result.reason);
  label.area_mm2 = result.area_mm2;
  if (result.feasible()) {
    label.latency_ms = result.latency_ms;
    label.cycles = result.cycles;
    label.energy_mj = result.energy.total();
  }
  return label;
}

void append_bytes(std::string& bytes, const Label& label) {
  static_assert(std::is_trivially_copyable_v<Label>);
  bytes.append(reinterpret_cast<const char*>(&label), sizeof(Label));
}

Label label_at(const std::string& bytes, std::uint64_t position) {
  Label label;
  std::memcpy(&label, bytes.data() + position * sizeof(Label), sizeof(Label));
  return label;
}

/// Names of the reason codes, at the position of their number.
std::vector<std::string> reason_names() {
  std::vector<std::string> names = {to_string(InfeasibleReason::kNone)};
  for (const InfeasibleReason reason : all_infeasible_reasons()) {
    const auto code = static_cast<std::size_t>(reason);
    if (code >= names.size()) names.resize(code + 1);
    names[code] = to_string(reason);
  }
  return names;
}

void require_same(const std::filesystem::path& file, const std::string& what,
                  const std::string& found, const std::string& expected) {
  if (found == expected) return;
  throw InputError(
      Location{file.string()},
      fmt::format("cannot be resumed: its {} is {}, this run's is {}", what, found, expected));
}

bool same(const Label& a, const Label& b) {
  const auto equal = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.reason == b.reason && a.cycles == b.cycles && equal(a.latency_ms, b.latency_ms) &&
         equal(a.area_mm2, b.area_mm2) && equal(a.energy_mj, b.energy_mj);
}

/// The rows of `file`, if they are the first ones of what `fresh` is to become.
Dataset load_to_resume(const std::filesystem::path& file, const Dataset& fresh) {
  Dataset data = Dataset::load(file);
  const DatasetHeader &found = data.header(), &expected = fresh.header();
  require_same_space(expected.network, found.network, "network", file.string());
  require_same_space(expected.hardware, found.hardware, "hardware", file.string());
  require_same(file, "seed", std::to_string(found.seed), std::to_string(expected.seed));
  require_same(file, "technology", found.technology, expected.technology);
  require_same(file, "simulator", found.simulator, expected.simulator);
  return data;
}

/// Simulates the last row again: the one sure sign that the simulator is still the same.
void require_same_labels(const std::filesystem::path& file, const Dataset& data,
                         const NetworkSpace& networks, const DesignSpace& accelerators,
                         const LabellingOptions& options) {
  if (data.rows() == 0) return;
  const std::uint64_t last = data.rows() - 1;
  const Pair pair = draw_pair(networks, accelerators, options, last);
  Simulator simulator({options.technology, false});
  if (pair.network == data.network(last) && pair.hardware == data.hardware(last) &&
      same(simulate(simulator, networks, accelerators, pair), data.label(last))) {
    return;
  }
  throw InputError(Location{file.string()},
                   fmt::format("cannot be resumed: row {} comes out differently now", last));
}

}  // namespace

Dataset empty_dataset(const NetworkSpace& networks, const DesignSpace& accelerators,
                      const LabellingOptions& options) {
  DatasetHeader header;
  header.network = describe(networks);
  header.hardware = describe(accelerators);
  header.seed = options.seed;
  header.simulator = build_description();
  header.technology = options.technology;
  header.reasons = reason_names();
  return Dataset(std::move(header));
}

void label_pairs(Dataset& data, const NetworkSpace& networks, const DesignSpace& accelerators,
                 std::uint64_t rows, const LabellingOptions& options,
                 const LabellingProgress& progress) {
  const std::uint64_t first = data.rows();
  if (first >= rows) return;
  const auto begin_of = [&](std::uint64_t task) {
    return std::min(rows, first + task * kRowsPerTask);
  };
  std::unique_ptr<Simulator> simulator;  // made in the process that uses it
  const auto work = [&](std::uint64_t task) {
    if (!simulator)
      simulator = std::make_unique<Simulator>(SimulatorOptions{options.technology, false});
    std::string bytes;
    for (std::uint64_t row = begin_of(task); row < begin_of(task + 1); ++row) {
      append_bytes(bytes, simulate(*simulator, networks, accelerators,
                                   draw_pair(networks, accelerators, options, row)));
    }
    return bytes;
  };
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    for (std::uint64_t row = begin_of(task); row < begin_of(task + 1); ++row) {
      const Pair pair = draw_pair(networks, accelerators, options, row);
      data.append(pair.network, pair.hardware, label_at(bytes, row - begin_of(task)));
    }
  };
  const auto tell = [&] { return !progress || progress(data); };
  const auto name_of = [&](std::uint64_t task) {
    return fmt::format("rows {} to {}", begin_of(task), begin_of(task + 1) - 1);
  };
  const std::uint64_t tasks = (rows - first + kRowsPerTask - 1) / kRowsPerTask;
  if (run_in_workers(tasks, options.workers, work, deliver, tell, name_of) == tasks) tell();
}

Dataset label_file(const std::filesystem::path& file, const NetworkSpace& networks,
                   const DesignSpace& accelerators, std::uint64_t rows,
                   const LabelFileOptions& options, const LabellingProgress& progress) {
  using Clock = std::chrono::steady_clock;
  require_writable_folder(file.has_parent_path() ? file.parent_path() : ".");
  Dataset data = empty_dataset(networks, accelerators, options.labelling);
  if (options.resume && std::filesystem::exists(file)) {
    data = load_to_resume(file, data);
    require_same_labels(file, data, networks, accelerators, options.labelling);
  }
  if (data.rows() > rows) {
    throw InputError(Location{file.string()}, fmt::format("already has {} rows, more than the {} "
                                                          "asked for",
                                                          data.rows(), rows));
  }
  Clock::time_point saved = Clock::now();
  std::uint64_t saved_rows = data.rows();
  const auto save = [&] {
    data.save(file);
    saved = Clock::now();
    saved_rows = data.rows();
  };
  const auto tell = [&](const Dataset& so_far) {
    const double seconds = std::chrono::duration<double>(Clock::now() - saved).count();
    if (so_far.rows() > saved_rows && seconds >= options.checkpoint_seconds) save();
    return !progress || progress(so_far);
  };
  try {
    label_pairs(data, networks, accelerators, rows, options.labelling, tell);
  } catch (const RunError& e) {
    if (data.rows() == saved_rows) throw;
    save();
    throw RunError(fmt::format("{}; the {} rows before it are saved in {}", e.what(), saved_rows,
                               file.string()));
  }
  save();
  return data;
}

}  // namespace dovetail

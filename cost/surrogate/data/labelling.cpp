#include "cost/surrogate/data/labelling.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/output_lock.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/simulation/protocol.h"
#include "cost/simulation/simulation_costs.h"
#include "cost/surrogate/data/dataset_tools.h"

namespace dovetail {
namespace {

/// Rows of one request: long enough (some 10 ms) that handing it over costs nothing, short enough
/// that a single process stops at once.
constexpr std::uint64_t kRowsTogether = 25;

/// Pairs that tell simulators apart: always these, from streams that no row has.
constexpr std::uint64_t kProbeStream = std::uint64_t{1} << 62;
constexpr std::uint64_t kProbes = 20;

Pair draw_pair(const NetworkSpace& networks, const DesignSpace& accelerators, Rng rng) {
  Pair pair;
  pair.network = networks.canonical(networks.decisions().sample(rng));
  pair.hardware = accelerators.decisions().sample(rng);
  return pair;
}

Pair draw_row(const NetworkSpace& networks, const DesignSpace& accelerators,
              const LabellingOptions& options, std::uint64_t row) {
  if (!options.pairs.empty()) return options.pairs.at(row);
  return draw_pair(networks, accelerators, Rng(options.seed, options.first_stream + row));
}

DatasetHeader make_header(const NetworkSpace& networks, const DesignSpace& accelerators,
                          const LabellingOptions& options) {
  DatasetHeader header;
  header.network = describe(networks);
  header.hardware = describe(accelerators);
  header.seed = options.seed;
  header.simulator = build_description();
  header.technology = options.technology;
  return header;
}

/// Throws InputError unless rows under both headers are of the same simulator and spaces. `where`
/// and `what` say in messages whose `found` is ("l.h5", "cannot be resumed").
void require_same_header(const DatasetHeader& found, const DatasetHeader& expected,
                         const std::string& where, const std::string& what) {
  require_same_space(expected.network, found.network, "network", where);
  require_same_space(expected.hardware, found.hardware, "hardware", where);
  const auto require = [&](const std::string& name, const std::string& its,
                           const std::string& ours) {
    if (its == ours) return;
    throw InputError(Location{where}, fmt::format("{}: its {} is {}, this run's is {}", what, name,
                                                  its.empty() ? "unknown" : its, ours));
  };
  require("seed", std::to_string(found.seed), std::to_string(expected.seed));
  require("technology", found.technology, expected.technology);
  if (!same_build(found.simulator, expected.simulator)) {
    require("simulator", found.simulator, expected.simulator);
  }
  require("simulator probe (answers to fixed pairs)", found.simulator_probe,
          expected.simulator_probe);
}

/// Throws InputError unless the rows are the first of the listed pairs.
void require_listed_pairs(const std::filesystem::path& file, const Dataset& data,
                          const std::vector<Pair>& pairs) {
  for (std::size_t row = 0; row < std::min(data.rows(), pairs.size()); ++row) {
    if (pairs[row] == Pair{data.network(row), data.hardware(row)}) continue;
    throw InputError(Location{file.string()},
                     fmt::format("cannot be resumed: row {0} is not pair {0} of the list", row));
  }
}

/// The rows of `file`, if they are the first ones of what `fresh` is to become.
Dataset load_to_resume(const std::filesystem::path& file, const Dataset& fresh,
                       const std::vector<Pair>& pairs) {
  Dataset data = Dataset::load(file);
  require_same_header(data.header(), fresh.header(), file.string(), "cannot be resumed");
  if (!pairs.empty()) {
    require_listed_pairs(file, data, pairs);
    return data;
  }
  const std::size_t in_order = rows_in_seed_order(data);
  if (in_order == data.rows()) return data;
  throw InputError(
      Location{file.string()},
      fmt::format("cannot be resumed: row {0} is not pair {0} of seed {1} (merged, split or cut); "
                  "label a file of another seed and merge them",
                  in_order, data.header().seed));
}

/// Simulates the last row again: the one sure sign that the simulator is still the same.
void require_same_labels(const std::filesystem::path& file, const Dataset& data,
                         const NetworkSpace& networks, const DesignSpace& accelerators,
                         const LabellingOptions& options) {
  if (data.rows() == 0) return;
  const std::uint64_t last = data.rows() - 1;
  const Pair pair = draw_row(networks, accelerators, options, last);
  PairSimulator simulator(pair_domain(networks, accelerators), options.technology);
  if (pair.network == data.network(last) && pair.hardware == data.hardware(last) &&
      pair_costs(simulator.costs(pair).checked()) == data.label(last)) {
    return;
  }
  throw InputError(Location{file.string()},
                   fmt::format("cannot be resumed: row {} comes out differently now", last));
}

/// Keeps the file behind the rows.
class Checkpoints {
 public:
  Checkpoints(const std::filesystem::path& file, Dataset& data, const LabelFileOptions& options)
      : file_(file), data_(data), options_(options), saved_rows_(data.rows()) {}

  void save() {
    writable_ = false;  // until it was written
    data_.save(file_);
    writable_ = true;
    saved_at_ = Clock::now();
    saved_rows_ = data_.rows();
    if (options_.saved) options_.saved(data_);
  }
  void save_if_due() {
    const double seconds = std::chrono::duration<double>(Clock::now() - saved_at_).count();
    if (data_.rows() > saved_rows_ && seconds >= options_.checkpoint_seconds) save();
  }
  /// After a failure: saves what there is, unless saving is what failed. Returns what is to be said
  /// of it behind the failure.
  std::string rescue() {
    if (writable_ && data_.rows() > saved_rows_) save();
    if (saved_rows_ == 0) return writable_ ? "" : "; nothing was saved before";
    return fmt::format("; the {} rows before it are saved in {}", saved_rows_, file_.string());
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::filesystem::path file_;
  Dataset& data_;
  const LabelFileOptions& options_;
  std::size_t saved_rows_;
  Clock::time_point saved_at_ = Clock::now();
  bool writable_ = true;
};

/// What a rank compares with what it was itself started for.
std::string purpose_text(const DatasetHeader& header) {
  return nlohmann::json{{"network_space", to_json_text(header.network)},
                        {"hardware_space", to_json_text(header.hardware)},
                        {"seed", header.seed},
                        {"technology", header.technology},
                        {"simulator", header.simulator},
                        {"simulator_probe", header.simulator_probe}}
      .dump();
}

}  // namespace

std::string probe_simulator(const NetworkSpace& networks, const DesignSpace& accelerators,
                            const std::string& technology) {
  PairSimulator simulator(pair_domain(networks, accelerators), technology);
  Checksum checksum;
  for (std::uint64_t i = 0; i < kProbes; ++i) {
    const Pair pair = draw_pair(networks, accelerators, Rng(0, kProbeStream + i));
    const PairCosts found = simulator.costs(pair);
    const Costs& label = found.checked();
    checksum.add(fmt::format("{} {} {} {} {}\n", static_cast<int>(label.reason), label.latency_ms,
                             label.cycles, label.area_mm2, label.energy_mj));
  }
  return checksum.text();
}

Dataset empty_dataset(const NetworkSpace& networks, const DesignSpace& accelerators,
                      const LabellingOptions& options) {
  return Dataset(make_header(networks, accelerators, options));
}

Work labelling_work(const std::string& job, const NetworkSpace& networks,
                    const DesignSpace& accelerators, const LabellingOptions& options) {
  const std::string where = "the job of rank 0";
  const auto node = nlohmann::json::parse(purpose_of_job(job));
  DatasetHeader asked;
  asked.network = space_from_json_text(node.at("network_space"), where);
  asked.hardware = space_from_json_text(node.at("hardware_space"), where);
  asked.seed = node.at("seed");
  asked.technology = node.at("technology");
  asked.simulator = node.at("simulator");
  asked.simulator_probe = node.at("simulator_probe");
  DatasetHeader own = make_header(networks, accelerators, options);
  if (!asked.simulator_probe.empty()) {
    own.simulator_probe = probe_simulator(networks, accelerators, options.technology);
  }
  require_same_header(asked, own, where, "cannot be done here");
  return simulation_work(job);
}

void label_pairs(Dataset& data, const NetworkSpace& networks, const DesignSpace& accelerators,
                 std::uint64_t rows, const LabellingOptions& options,
                 const LabellingProgress& progress) {
  const std::uint64_t first = data.rows();
  if (first >= rows) return;
  SimulationOptions simulation{options.technology, options.workers, options.run, {}};
  if (options.run) simulation.purpose = purpose_text(data.header());
  SimulationCosts costs(pair_domain(networks, accelerators), std::move(simulation));
  PairStream pairs;
  pairs.count = rows - first;
  pairs.together = kRowsTogether;
  pairs.pair = [&](std::uint64_t i) {
    return draw_row(networks, accelerators, options, first + i);
  };
  pairs.deliver = [&](std::uint64_t, const Pair& pair, const PairCosts& found) {
    data.append(pair.network, pair.hardware, found.checked());
  };
  pairs.keep_going = [&] { return !progress || progress(data); };
  pairs.name_of = [&](std::uint64_t begin, std::uint64_t end) {
    return fmt::format("rows {} to {}", first + begin, first + end - 1);
  };
  if (costs.stream(pairs) == pairs.count) pairs.keep_going();
}

Dataset label_file(const std::filesystem::path& file, const NetworkSpace& networks,
                   const DesignSpace& accelerators, std::uint64_t rows,
                   const LabelFileOptions& options, const LabellingProgress& progress) {
  require_writable_file(file);
  const OutputLock lock(file);
  DatasetHeader header = make_header(networks, accelerators, options.labelling);
  header.simulator_probe = probe_simulator(networks, accelerators, options.labelling.technology);
  Dataset data(std::move(header));
  if (options.resume && std::filesystem::exists(file)) {
    data = load_to_resume(file, data, options.labelling.pairs);
    if (data.rows() > rows) {
      throw InputError(Location{file.string()}, fmt::format("already has {} rows, more than the {} "
                                                            "asked for",
                                                            data.rows(), rows));
    }
    require_same_labels(file, data, networks, accelerators, options.labelling);
  }
  Checkpoints checkpoints(file, data, options);
  const auto tell = [&](const Dataset& so_far) {
    checkpoints.save_if_due();
    return !progress || progress(so_far);
  };
  try {
    label_pairs(data, networks, accelerators, rows, options.labelling, tell);
    checkpoints.save();
  } catch (const DiskFullError& e) {
    throw DiskFullError(e.what() + checkpoints.rescue());
  } catch (const RunError& e) {
    throw RunError(e.what() + checkpoints.rescue());
  } catch (const InputError& e) {
    throw InputError(e.what() + checkpoints.rescue());
  }
  return data;
}

}  // namespace dovetail

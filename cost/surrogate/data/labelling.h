#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/process/tasks.h"
#include "cost/model/pair_domain.h"
#include "cost/surrogate/data/dataset.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// Row i of what a seed labels is drawn from Rng(seed, first_stream + i): uniform over the
/// decisions of the network space, then of the design space. The network is made canonical, so that
/// equal networks have equal rows. A row depends on nothing else, whoever computes it.
struct LabellingOptions {
  std::uint64_t seed = 0;
  std::uint64_t first_stream = 0;
  std::string technology = "16nm";
  int workers = 1;
  TaskRunner run;  // who simulates; if empty, `workers` processes of this machine
  /// If there are any, row i is the i-th of these instead, and nothing is drawn.
  std::vector<Pair> pairs = {};
};

/// Where the streams of fresh pairs for validation start: no training row has such a stream.
inline constexpr std::uint64_t kValidationStream = std::uint64_t{1} << 63;

/// Checksum of the simulator's answers to fixed pairs: changes with whatever changes the labels of
/// these spaces, be it simulator, mapper or technology data.
std::string probe_simulator(const NetworkSpace& networks, const DesignSpace& accelerators,
                            const std::string& technology);

/// No rows yet, but all that holds for them.
Dataset empty_dataset(const NetworkSpace& networks, const DesignSpace& accelerators,
                      const LabellingOptions& options);

/// Told how many rows there are, after each few and several times a second; false stops the work.
using LabellingProgress = std::function<bool(const Dataset& data)>;

/// Simulates pairs in `workers` processes until `data` has `rows` of them or `progress` says stop.
/// The result does not depend on who simulates, nor on workers that die and are replaced.
void label_pairs(Dataset& data, const NetworkSpace& networks, const DesignSpace& accelerators,
                 std::uint64_t rows, const LabellingOptions& options,
                 const LabellingProgress& progress);

/// The work of a job that label_pairs() gave to another process (Tasks::job), with the spaces and
/// options of that process, which the result refers to. Throws InputError if they, or the answers
/// of its simulator, are not those of the job.
Work labelling_work(const std::string& job, const NetworkSpace& networks,
                    const DesignSpace& accelerators, const LabellingOptions& options);

/// label_pairs() into a file, saved when done, stopped or failed and every `checkpoint_seconds`.
/// With `resume` the rows of an existing file are kept, be it unfinished or finished with fewer
/// rows; throws InputError unless they are the first rows of what this run makes: the same spaces,
/// seed or pairs, technology and simulator. Without it an existing file is replaced.
/// Returns what was saved.
struct LabelFileOptions {
  LabellingOptions labelling;
  bool resume = false;
  double checkpoint_seconds = 60;
  std::function<void(const Dataset&)> saved;  // told what is safe now; may be empty
};
Dataset label_file(const std::filesystem::path& file, const NetworkSpace& networks,
                   const DesignSpace& accelerators, std::uint64_t rows,
                   const LabelFileOptions& options, const LabellingProgress& progress);

}  // namespace dovetail

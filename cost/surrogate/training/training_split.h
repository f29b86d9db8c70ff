#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/training/training_options.h"

namespace dovetail {

/// What draws random numbers in a training. Each has streams of its own of TrainingOptions::seed.
enum class TrainingStream : std::uint64_t { kSplit, kInitial, kOrder, kDropout };

/// Stream of one draw for a member of an ensemble: the `index`-th epoch's order, the `index`-th
/// step's dropped units. So a training that goes on needs no state of a generator. The split is the
/// same for all members.
std::uint64_t training_stream(TrainingStream kind, std::size_t member = 0, std::uint64_t index = 0);

/// Rows of a data set.
struct TrainingSplit {
  std::vector<std::size_t> train, validation, held_out;
};

/// Shuffles the distinct pairs and deals them out, so that equal pairs stay together.
TrainingSplit split_rows(const Dataset& data, const TrainingOptions& options);

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <string>

#include "cost/surrogate/training/network_training.h"

namespace dovetail {

/// What a checkpoint belongs to: it is of no use to any other training.
struct TrainingIdentity {
  std::string fingerprint;  // of the data set
  std::string build;        // another build may round differently
  std::string options;      // to_json_text(TrainingOptions)
  std::size_t member = 0;   // of an ensemble, from 0

  bool operator==(const TrainingIdentity&) const = default;
};

TrainingIdentity identity_of(const Dataset& data, const TrainingOptions& options,
                             std::size_t member = 0);

/// Throws InputError naming `file` and the first thing in which it differs from this training:
/// another data set, build or option.
void require_same_training(const TrainingIdentity& here, const TrainingIdentity& there,
                           const std::string& file);

struct TrainingCheckpoint {
  TrainingIdentity identity;
  double seconds = 0;  // spent so far
  NetworkTraining::State state;
};

/// File (HDF5, schema dovetail.training_checkpoint/1, see hdf5_file.h for the seal before it):
///   attributes  schema, training (JSON: fingerprint, build, options, member), position (JSON:
///   epochs and
///               steps done, best epoch and its error, powers of the moments, seconds)
///   arrays      parameters, first_moments, second_moments f32 [n]; best f32 [n], if an epoch ended
/// Written in one step.
void save_checkpoint(const TrainingCheckpoint& checkpoint, const std::filesystem::path& file);
/// Reads a checkpoint of a network with so many parameters. Throws InputError unless the file is
/// whole and belongs to this training.
TrainingCheckpoint load_checkpoint(const std::filesystem::path& file,
                                   const TrainingIdentity& identity, std::size_t parameters);

}  // namespace dovetail

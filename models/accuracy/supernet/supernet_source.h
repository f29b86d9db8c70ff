#pragma once

#include <filesystem>
#include <memory>

#include "models/accuracy/source/accuracy_source.h"
#include "models/network/space/network_side.h"
#include "models/training/supernet/supernet_job.h"

namespace dovetail {

/// How the supernet of a study is trained, and where it is kept.
struct SupernetSettings {
  SupernetJob job;               // without the space
  std::filesystem::path folder;  // empty: with what asks (AccuracySource::work_in())

  SupernetJob job_of(const NetworkSpace& space) const;
};

/// Accuracies of networks with the weights that they share in a supernet, which is trained when
/// first it is asked unless it has been. Throws InputError for networks that are no space, or
/// cannot be trained.
std::unique_ptr<AccuracySource> make_supernet_source(SupernetSettings settings,
                                                     const NetworkSide& side);

}  // namespace dovetail

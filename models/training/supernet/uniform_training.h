#pragma once

#include <functional>

#include "base/process/progress.h"
#include "models/network/space/network_space.h"
#include "models/training/supernet/supernet_program.h"

namespace dovetail {

/// Trains a supernet to its end, one network a step, each decision drawn uniformly (single path
/// one-shot: Guo et al., ECCV 2020); over the first quarter of the steps the largest choice stands
/// in for the drawn one with a probability that falls from 1 to 0, after TuNAS's warm-up (Bender et
/// al. 2020, which averages all operators of a layer; here each is a part of the largest). False
/// if `keep_going` said no before the end; whole epochs are kept. Throws InputError for a supernet
/// that a one-shot search has begun to train.
bool train_uniformly(SupernetProgram& supernet, std::shared_ptr<const NetworkSpace> space,
                     std::uint64_t seed, const KeepGoing& keep_going,
                     const std::function<void(const SupernetProgress&, double loss)>& on_step);

}  // namespace dovetail

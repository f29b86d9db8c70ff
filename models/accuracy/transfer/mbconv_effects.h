#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/accuracy/transfer/mbconv_blocks.h"

namespace dovetail {

class NetworkSpace;
struct RidgeModel;

/// A number of a block or stage, and how many points of top-1 more it gives than the first in the
/// list. Ascending.
using EffectList = std::vector<std::pair<double, double>>;

/// What the choices of one stage are worth.
struct StageEffects {
  EffectList kernel, expansion;  // of one block
  EffectList blocks;             // number of blocks; further ones of the first kernel and expansion
  int channels = 0;              // of the blocks that this was found on
};

/// What kernel, expansion and depth of each stage are worth on average, found on one space.
struct MbconvEffects {
  std::array<StageEffects, kMbconvStages> stages;  // of stage 0 only the channels
  int stem_channels = 0;                           // before the first block

  /// Sum over all blocks and stages, points of top-1. An expansion between two known ones counts in
  /// proportion; each block beyond the known numbers counts as the last known step; the kernel of a
  /// block of stage 0 counts as in stage 1. Throws InputError for kernels and expansions outside
  /// what is known.
  double points(std::span<const MbconvBlock> blocks) const;
  /// log2 of the multiply-accumulates of the blocks over those that they would have with the
  /// channels that the effects were found with.
  double width_log2(std::span<const MbconvBlock> blocks) const;
};

/// Averages over `networks` random ones of what `model` predicts if one decision of `space`, for
/// which it was fitted, changes. Throws InputError for a decision that is neither the kernel nor
/// the expansion of a block nor the number of blocks of a stage.
MbconvEffects average_effects(const RidgeModel& model, const NetworkSpace& space,
                              std::size_t networks, std::uint64_t seed);

}  // namespace dovetail

#pragma once

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/kernels/pe_memory.h"
#include "sim/program/program.h"

namespace dovetail {

// Which blocks of which tensors a command of the program means: what sim/program/program.h says in
// words. An operand is an input's number or kWeightsOperand.

/// True if a channel of the output reads one channel of each input (but for gates).
bool is_channelwise(const Layer& layer);
/// True for a second input that is 1x1xC where the first has more positions.
bool is_gate(const Network& network, const Layer& layer, int operand);
/// Weights, and the second input of a matrix product, which takes their place.
bool is_weights(const Layer& layer, int operand);

/// True if the PEs divide its input, sum up their parts, and add up the sums.
bool is_global_pool(const Layer& layer);

/// All of an operand.
Region whole_operand(const Network& network, const Layer& layer, int operand);
/// What of an operand the block `out` of the output reads for a tile, padding left out; empty if
/// `out` is. Of a global pool, `out` has rows and columns of the input. Of weights it is what the
/// tile's input channels want, of other operands all channels.
Region needed(const Network& network, const Layer& layer, int operand, const Region& out,
              const Tile& tile);
/// Input channels (of a group) that an output of a layer with weights sums up.
int summed_inputs(const Layer& layer);

/// A PE's part of the output; of a global pool, rows and columns are those of the input.
Region share_of(const Layer& layer, const PeSplit& split, int pe);
/// A tile of that part, bands being of rows or of columns.
Region tile_of(const Region& share, const Tile& tile, bool of_columns);
/// How a layer's output lies on chip: as it was computed, but pooled channels over all PEs.
PeSplit output_layout(const Layer& layer, const LayerMapping& mapping, int pes);
/// The part of a tensor that a PE keeps under a layout.
Region kept_part(const TensorShape& shape, const PeSplit& layout, int pe);

/// An operand is loaded once or in several passes, of which two have a buffer at a time: the
/// number of the pass that tile `tile` works on.
int pass_of(const Network& network, const Layer& layer, const Tiling& tiling, int operand,
            int tile);

}  // namespace dovetail

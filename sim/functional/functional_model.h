#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/functional/functional_counts.h"
#include "sim/functional/operand_regions.h"
#include "sim/kernels/pe_memory.h"
#include "sim/kernels/pe_task.h"
#include "sim/kernels/quantized_network.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/program/program.h"
#include "sim/tlm/data_path.h"

namespace dovetail {

/// The data of a run: DRAM, and in each PE's memory its part of the tensors on chip, its buffers
/// for two tiles and its share of cached weights. A transfer moves what its tile needs (program.h)
/// into the PEs that need it and is there when the timing says so, not before: until then the
/// buffer is poison. A tile reads nothing but its own PE's memory.
class FunctionalModel : public DataPath {
 public:
  /// All references must outlive the model. Throws std::logic_error if a mapping names more lanes,
  /// units or ways than the accelerator has, or a layer is not of int8 with int32 accumulators.
  FunctionalModel(const Network& network, const QuantizedNetwork& quantized,
                  const AcceleratorConfig& accelerator, const Program& program,
                  const QuantizedTensor& input);

  void transfer(std::int32_t layer, const Transfer& transfer, Cycles now, Cycles done) override;
  void compute(std::int32_t layer, std::int32_t tile, Cycles begin) override;

  /// Once after the run: what is in DRAM of the network's output.
  QuantizedTensor finish();
  /// Complete after finish().
  const FunctionalCounts& counts() const { return counts_; }

 private:
  /// One buffer of an operand in a PE: the block that its part of the output reads in one pass.
  struct Buffer {
    int pass = -1;
    TensorPart part;
    std::vector<char> line_loaded;  // rows, or columns where the layer's bands are of columns
  };
  struct PeBuffers {
    std::array<std::array<Buffer, 2>, kMaxInputs + 1> operands;
    std::array<TensorPart, 2> results;  // on their way to DRAM
    std::vector<std::int32_t> sums;     // of a global pool, or between two parts of a reduction
  };
  struct LayerBuffers {
    std::int32_t layer = -1;
    std::vector<PeBuffers> pes;
  };
  /// Weights that were brought ahead, in every PE, until the last tile that reads them is computed.
  struct WeightsAhead {
    std::int32_t layer = 0;
    std::int64_t bytes = 0;  // of one PE
    std::vector<Buffer> pes;
  };
  struct Pending {
    std::int32_t layer;
    Transfer transfer;
    Cycles done;
  };

  void check_mapping(const LayerProgram& program) const;
  void store_weights();
  void enter(std::int32_t layer, Cycles now);
  void count_outputs();
  void deliver(Cycles now);
  void open_buffers(std::int32_t layer, const Transfer& transfer);
  void open(Buffer& buffer, std::int32_t layer, const Transfer& transfer, int pe);
  void bring_weights_ahead(std::int32_t layer, const Transfer& transfer);
  void give_up_weights(std::int32_t layer, std::int32_t tile);
  void check_room_for_weights(std::int32_t layer);
  void load(std::int32_t layer, const Transfer& transfer);
  void store(std::int32_t layer, const Transfer& transfer);
  TensorPart read_operand(std::int32_t layer, std::int32_t tile, int operand, int pe,
                          const Region& out);
  void compute_on(std::int32_t layer, std::int32_t tile, int pe, const Region& out);
  void reduce(std::int32_t layer, std::int32_t tile);
  void write(std::int32_t layer, std::int32_t tile, int pe, TensorPart result);

  const Layer& layer_at(std::int32_t layer) const;
  const LayerProgram& program_at(std::int32_t layer) const;
  const Tile& tile_at(std::int32_t layer, std::int32_t tile) const;
  /// Which of the passes over an operand a tile belongs to.
  int pass_at(std::int32_t layer, int operand, std::int32_t tile) const;
  Region share_at(std::int32_t layer, int pe) const;
  /// What a PE reads of an operand for the block `out` of a tile.
  Region needed_at(std::int32_t layer, const Tile& tile, int operand, const Region& out) const {
    return needed(network_, layer_at(layer), operand, out, tile);
  }
  /// Which of the outputs that are made one after another a tile works on.
  std::size_t output_of(std::int32_t layer, std::int32_t tile) const {
    return static_cast<std::size_t>(tile / program_at(layer).mapping.tiling.reduction_tiles);
  }
  ReductionTask reduction_task(std::int32_t layer, const Tile& tile, int pe, const Region& out);
  /// Each PE keeps the cached weights of just those channels that it computes.
  bool weights_in_place(std::int32_t layer) const;
  bool runs_ahead(std::int32_t layer) const { return program_at(layer).weight_loads > 0; }
  bool of_columns(std::int32_t layer) const { return program_at(layer).mapping.tiling.of_columns; }
  LayerBuffers& buffers_of(std::int32_t layer);
  Buffer& buffer_of(std::int32_t layer, int operand, int pe, int pass);
  /// The tensor behind an operand.
  StoredTensor& source_of(std::int32_t layer, int operand);
  /// What of an operand a PE keeps itself.
  Region own_part(std::int32_t layer, int operand, int pe);

  const Network& network_;
  const QuantizedNetwork& quantized_;
  const AcceleratorConfig& accelerator_;
  const Program& program_;
  std::vector<StoredTensor> tensors_;  // the network's input, then each layer's output
  std::vector<StoredTensor> weights_;
  std::array<LayerBuffers, 2> buffers_;  // of the layer under way and of the next
  std::deque<WeightsAhead> weights_ahead_;
  Buffer none_;                                      // of weights that are not there
  std::vector<std::vector<std::int64_t>> received_;  // bytes, by layer and PE
  std::vector<Pending> pending_;                     // in the order of starting
  std::int32_t layer_ = -1;                          // under way
  std::vector<std::uint8_t> writes_;                 // to each element of its output
  DistinctBytes distinct_;
  FunctionalCounts counts_;
};

}  // namespace dovetail

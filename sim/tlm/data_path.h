#pragma once

#include <cstdint>

#include "sim/program/program.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// What carries the data in functional mode. The modules that keep time tell it what they do and
/// when; a timing run has none. It takes no simulated time and can change none.
class DataPath {
 public:
  virtual ~DataPath() = default;
  /// The DMA engine starts a transfer of `layer` (of the next one, if it is a prefetch) at `now`;
  /// its last byte is where it belongs at `done`. Called in the order of starting.
  virtual void transfer(std::int32_t layer, const Transfer& transfer, Cycles now, Cycles done) = 0;
  /// The PEs have computed a tile (its number in the layer), starting at `begin`. Called when they
  /// are done.
  virtual void compute(std::int32_t layer, std::int32_t tile, Cycles begin) = 0;
};

}  // namespace dovetail

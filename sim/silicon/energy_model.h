#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hw_space/accelerator_config.h"
#include "sim/program/activity.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// Energy of a layer or an inference by what took it, in mJ.
struct EnergyBreakdown {
  double macs = 0, vector_units = 0, register_files = 0, local_memory = 0, interconnect = 0, io = 0,
         clock = 0, leakage = 0, dram = 0;

  /// Without the memory outside and its interface.
  double on_chip() const {
    return macs + vector_units + register_files + local_memory + interconnect + io + clock +
           leakage;
  }
  double total() const { return on_chip() + dram; }
  /// On the chip, and without what flows whether anything is done or not.
  double dynamic() const { return on_chip() - leakage; }

  EnergyBreakdown& operator+=(const EnergyBreakdown& other);
};

/// The parts with the names that tables and files give them.
struct EnergyPart {
  const char* name;
  double EnergyBreakdown::*mj;
};
std::span<const EnergyPart> energy_parts();

/// A kind of event of the energy model.
enum class Event {
  kMac,
  kVectorOp,
  kRegisterFileByte,
  kLocalMemoryByte,
  kInterconnectByte,
  kIoByte,    // on the chip
  kDramByte,  // off the chip
  kCycle,     // clock tree and pipeline registers of all logic
};

/// What one event costs on a given accelerator.
struct EventEnergy {
  const char* name;
  double pj = 0;
};

/// Energy as a linear function of what the hardware did and how long it took (accelerator.md
/// section 7). Dynamic energy does not depend on the frequency: the supply voltage is taken to be
/// the node's, whatever the clock. Wires follow from areas: a byte of local memory crosses half of
/// its PE's side, one of the interconnect half of the tile's sides. The memory outside takes its
/// background power, in proportion to the IO port's bandwidth, beside what its bytes cost.
class EnergyModel {
 public:
  EnergyModel(const AcceleratorConfig& accelerator, const Technology& technology);

  /// `cycles` is the time that the events took, and leakage and clock with them.
  EnergyBreakdown of(const ActivityCounts& activity, std::int64_t cycles) const;

  /// In the order of Event.
  std::span<const EventEnergy> events() const { return events_; }
  double pj(Event event) const { return events_[static_cast<std::size_t>(event)].pj; }
  double leakage_mw() const { return leakage_mw_; }
  /// Of the memory outside, part of the energy of `dram` as long as an inference takes.
  double dram_background_mw() const { return dram_background_mw_; }

 private:
  std::array<EventEnergy, 8> events_;
  double leakage_mw_ = 0;
  double dram_background_mw_ = 0;
  double cycle_ns_ = 0;
};

/// mW, of mJ spent in ms.
double average_power_mw(double energy_mj, double latency_ms);
/// mJ ms; the smaller the better, and not to be had by just running slower.
double energy_delay_product(double energy_mj, double latency_ms);

}  // namespace dovetail

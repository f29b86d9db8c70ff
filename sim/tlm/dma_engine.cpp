#include "sim/tlm/dma_engine.h"

#include <algorithm>
#include <limits>

#include "sim/tlm/clock.h"
#include "sim/tlm/doorbell.h"

namespace dovetail {
namespace {

constexpr std::int64_t kBurstBytes = 4096;
constexpr Cycles kNever = std::numeric_limits<Cycles>::max();

const char* purpose_of(const Transfer& transfer) {
  switch (transfer.kind) {
    case TransferKind::kWeights:
      return transfer.prefetch ? "prefetch weights" : "weights";
    case TransferKind::kInput:
      return "input";
    case TransferKind::kExchange:
      return "exchange";
    case TransferKind::kOutput:
      return "output";
  }
  return "";
}

}  // namespace

DmaEngine::DmaEngine(const sc_core::sc_module_name& name, Scoreboard& scoreboard)
    : sc_module(name), scoreboard_(scoreboard) {
  doorbell.register_b_transport(this, &DmaEngine::ring);
  SC_THREAD(run);
}

void DmaEngine::configure(const Program& program, TraceRecorder* trace, DataPath* data) {
  trace_ = trace;
  data_ = data;
  program_ = &program;
  layers_.clear();
  layer_ = -1;
  next_ = own_end_ = end_ = nullptr;
  next_weight_load_ = 0;
  weight_bytes_started_ = 0;
  uses_io_port_.assign(program.layers.size() + 1, 0);
  for (std::size_t i = 0; i < program.layers.size() && !program.weight_loads.empty(); ++i) {
    const auto first = program.transfers.begin() + program.layers[i].first_transfer;
    uses_io_port_[i] = std::any_of(first, first + program.layers[i].transfers,
                                   [](const Transfer& t) { return t.io_bytes > 0; });
  }
  loaded_ahead_.assign(program.layers.size(), 0);
  timing_ = weight_timing_ = {};
}

void DmaEngine::ring(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const std::int32_t layer = read_doorbell(payload);
  if (layer < 0) return;
  layers_.push_back(layer);
}

void DmaEngine::run() {
  wait(scoreboard_.progress());
  while (true) {
    if (next_ == end_) enter_layers();
    const Cycles transfer_at = next_transfer_at(), weight_load_at = next_weight_load_at();
    const Cycles now = now_cycles(), next = std::min(transfer_at, weight_load_at);
    if (transfer_at <= now) {
      start_transfer();
    } else if (weight_load_at <= now) {
      start_weight_load();
    } else if (next < kNever) {
      wait(to_sc_time(next - now), scoreboard_.progress());
    } else {
      wait(scoreboard_.progress());
    }
  }
}

/// Goes on to the next layer whose doorbell has rung, once all of the one at hand is started.
void DmaEngine::enter_layers() {
  while (next_ == end_ && !layers_.empty()) {
    layer_ = layers_.front();
    layers_.pop_front();
    const LayerProgram& layer = program_->layers[static_cast<std::size_t>(layer_)];
    next_ = program_->transfers.data() + layer.first_transfer;
    own_end_ = end_ = next_ + layer.transfers;
    while (own_end_ != next_ && (own_end_ - 1)->prefetch) --own_end_;
    if (own_end_ == next_) scoreboard_.all_outputs_issued();
  }
}

/// When there is a place for it among those in flight, if nothing else is in its way.
Cycles DmaEngine::next_transfer_at() const {
  if (next_ == end_) return kNever;
  if (next_->after_tile >= 0 && !scoreboard_.computed(next_->after_tile)) return kNever;
  return timing_.free_at();
}

Cycles DmaEngine::next_weight_load_at() const {
  if (next_weight_load_ == program_->weight_loads.size()) return kNever;
  if (!scoreboard_.reached(program_->weight_loads[next_weight_load_].room)) return kNever;
  return weight_timing_.free_at();
}

void DmaEngine::start_transfer() {
  const Transfer& transfer = *next_++;
  const Arrival arrival = start(transfer, timing_);
  if (data_ != nullptr) {
    data_->transfer(transfer.prefetch ? layer_ + 1 : layer_, transfer, now_cycles(), arrival.done);
  }
  if (transfer.kind == TransferKind::kOutput) {
    scoreboard_.issue_output(arrival);
  } else if (!transfer.prefetch) {
    scoreboard_.issue_load(arrival);
  }
  if (next_ == own_end_) scoreboard_.all_outputs_issued();
}

/// Starts a burst of a load. Where the layer under way or the next moves data of its own through
/// the IO port, bursts are short: what comes up meanwhile waits for two of them at most.
void DmaEngine::start_weight_load() {
  const WeightLoad& load = program_->weight_loads[next_weight_load_];
  const auto under_way = static_cast<std::size_t>(scoreboard_.layer());
  const std::int64_t left = load.transfer.io_bytes - weight_bytes_started_;
  const std::int64_t bytes =
      uses_io_port_[under_way] || uses_io_port_[under_way + 1] ? std::min(left, kBurstBytes) : left;
  const auto part = [&](std::int64_t all) {  // of bytes that are in proportion to those of the port
    const std::int64_t io = load.transfer.io_bytes;
    return all * (weight_bytes_started_ + bytes) / io - all * weight_bytes_started_ / io;
  };
  Transfer burst = load.transfer;
  burst.prefetch = load.layer > scoreboard_.layer();
  burst.io_bytes = bytes;
  burst.interconnect_bytes = part(load.transfer.interconnect_bytes);
  burst.local_bytes = part(load.transfer.local_bytes);
  if (burst.prefetch) loaded_ahead_[static_cast<std::size_t>(load.layer)] += bytes;
  const Arrival arrival = start(burst, weight_timing_);
  weight_bytes_started_ += bytes;
  if (bytes < left) return;
  weight_bytes_started_ = 0;
  ++next_weight_load_;
  if (data_ != nullptr) {
    Transfer whole = load.transfer;
    whole.prefetch = burst.prefetch;
    data_->transfer(load.layer, whole, now_cycles(), arrival.done);
  }
  scoreboard_.issue_weight_load(arrival);
}

Arrival DmaEngine::start(const Transfer& transfer, DmaTiming& timing) {
  const Cycles now = now_cycles();
  // What moves without the IO port is waited for as data between PEs. A load of no bytes stands for
  // a prefetch, and is waited for as what was prefetched.
  const bool between_pes = transfer.io_bytes == 0 && transfer.interconnect_bytes > 0;
  Arrival arrival{between_pes ? TransferKind::kExchange : transfer.kind, now, now};
  const Delivery delivery{purpose_of(transfer), transfer.local_bytes,
                          transfer.kind == TransferKind::kExchange};
  if (transfer.io_bytes > 0) {
    arrival.io_done = now + transaction_.send(io_port, transfer.io_bytes, delivery);
    arrival.done = arrival.io_done;
  }
  if (transfer.interconnect_bytes > 0) {
    const Cycles moved = transaction_.send(interconnect, transfer.interconnect_bytes, delivery);
    arrival.done = std::max(arrival.done, now + moved);
  }
  arrival.done = timing.complete(arrival.done);
  if (transfer.interconnect_bytes == 0) arrival.io_done = arrival.done;
  if (trace_ != nullptr) {
    trace_->record(TraceTrack::kDmaEngine, delivery.purpose, now, arrival.done,
                   std::max(transfer.io_bytes, transfer.interconnect_bytes), transfer.tile);
  }
  return arrival;
}

}  // namespace dovetail

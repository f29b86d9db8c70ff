#pragma once

#include <cstdint>
#include <tlm>

#include "sim/timing/bandwidth_server.h"
#include "sim/tlm/clock.h"

namespace dovetail {

/// What a transaction is for: its name in a trace, which part of the interconnect carries it, and
/// how its bytes spread over the PEs.
struct Delivery {
  const char* purpose = "";
  std::int64_t busiest_pe_bytes = 0;  // what the PE that receives most stores
  bool between_pes = false;           // over the links among PEs; else by broadcast
};

/// A Delivery travelling with a payload.
struct DeliveryExtension : tlm::tlm_extension<DeliveryExtension> {
  Delivery delivery;

  tlm::tlm_extension_base* clone() const override { return new DeliveryExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const DeliveryExtension&>(other);
  }
};

/// The reusable payload of an initiator that has one transaction under way at a time.
///
/// A timing run carries no data: the command is TLM_IGNORE_COMMAND, the length says how many bytes
/// would move. All transports are loosely timed with quantum 0: the target returns in `delay` when
/// the last byte has passed, and the initiator decides when to wait for it.
class TimingTransaction {
 public:
  TimingTransaction() { payload_.set_extension(&extension_); }
  ~TimingTransaction() { payload_.clear_extension(&extension_); }
  TimingTransaction(const TimingTransaction&) = delete;
  TimingTransaction& operator=(const TimingTransaction&) = delete;

  /// Sends `bytes` to the target behind `socket`, `after` cycles from now; returns the cycles from
  /// now until they have passed.
  /// Reports a SystemC error unless the target answers OK.
  template <typename Socket>
  Cycles send(Socket& socket, std::int64_t bytes, const Delivery& delivery, Cycles after = 0) {
    prepare(bytes, delivery);
    sc_core::sc_time delay = to_sc_time(after);
    socket->b_transport(payload_, delay);
    check_response(socket.name());
    return static_cast<Cycles>(delay.value());
  }

 private:
  void prepare(std::int64_t bytes, const Delivery& delivery);
  void check_response(const char* socket) const;

  tlm::tlm_generic_payload payload_;
  DeliveryExtension extension_;
};

/// What the initiator said of a payload.
const Delivery& delivery_of(const tlm::tlm_generic_payload& payload);

/// Marks a payload as served; `ok` false answers TLM_GENERIC_ERROR_RESPONSE.
void respond(tlm::tlm_generic_payload& payload, bool ok = true);

}  // namespace dovetail

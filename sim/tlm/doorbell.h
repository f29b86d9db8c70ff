#pragma once

#include <cstdint>
#include <tlm>

namespace dovetail {

// A doorbell is a register of an agent. Writing the index of a layer (a 32-bit integer at address
// 0) makes the agent execute its part of that layer.

/// The index written, or -1 (and an error response) if the access is not a doorbell write.
std::int32_t read_doorbell(tlm::tlm_generic_payload& payload);

/// Fills in the write of `layer`, which must outlive the transport.
void fill_doorbell(tlm::tlm_generic_payload& payload, std::int32_t& layer);

}  // namespace dovetail

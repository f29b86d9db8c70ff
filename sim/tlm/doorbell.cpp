#include "sim/tlm/doorbell.h"

#include <cstring>

namespace dovetail {

std::int32_t read_doorbell(tlm::tlm_generic_payload& payload) {
  std::int32_t layer = -1;
  if (payload.get_address() != 0) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (!payload.is_write() || payload.get_data_length() != sizeof layer) {
    payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  } else {
    std::memcpy(&layer, payload.get_data_ptr(), sizeof layer);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  return layer;
}

void fill_doorbell(tlm::tlm_generic_payload& payload, std::int32_t& layer) {
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(0);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&layer));
  payload.set_data_length(sizeof layer);
  payload.set_streaming_width(sizeof layer);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

}  // namespace dovetail

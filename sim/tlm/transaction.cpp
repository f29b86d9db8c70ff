#include "sim/tlm/transaction.h"

#include <limits>
#include <string>

namespace dovetail {

void TimingTransaction::prepare(std::int64_t bytes, const Delivery& delivery) {
  if (bytes < 0 || bytes > std::numeric_limits<unsigned>::max()) {
    SC_REPORT_ERROR("dovetail", "a transaction of more than 4 GiB");
  }
  payload_.set_command(tlm::TLM_IGNORE_COMMAND);
  payload_.set_address(0);
  payload_.set_data_ptr(nullptr);
  payload_.set_data_length(static_cast<unsigned>(bytes));
  payload_.set_streaming_width(static_cast<unsigned>(bytes));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  extension_.delivery = delivery;
}

void TimingTransaction::check_response(const char* socket) const {
  if (payload_.is_response_ok()) return;
  const std::string message = std::string(socket) + " answered " + payload_.get_response_string();
  SC_REPORT_ERROR("dovetail", message.c_str());
}

const Delivery& delivery_of(const tlm::tlm_generic_payload& payload) {
  static const Delivery kNone;
  const auto* extension = payload.get_extension<DeliveryExtension>();
  return extension == nullptr ? kNone : extension->delivery;
}

void respond(tlm::tlm_generic_payload& payload, bool ok) {
  payload.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

}  // namespace dovetail

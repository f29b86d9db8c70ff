#pragma once

#include <string>
#include <string_view>

namespace dovetail {

/// A text from a file as part of a message: control characters, which could move the cursor or end
/// the message, are shown as \xNN, and what is longer than a message is cut.
std::string message_text(std::string_view text);

}  // namespace dovetail

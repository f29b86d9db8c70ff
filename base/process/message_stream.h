#pragma once

#include <optional>

#include "base/process/work_message.h"

namespace dovetail {

// Messages over a stream of bytes (a socket or a pair of pipes): before each its length, in 16
// hexadecimal digits.

/// False if nobody reads at the other end.
bool send_message(int descriptor, const WorkMessage& message);
/// Waits for a message; nothing if the other end has closed. Throws RunError if what comes is none.
std::optional<WorkMessage> receive_message(int descriptor);

/// Answers what comes at `in` until it closes or says the end. Signals that ask to stop are the
/// other side's to obey: Ctrl-C, which reaches a whole group, is ignored, and the kernel ends this
/// process with the one that started it.
void serve_stream(int in, int out, const WorkOfJob& work_of_job);

}  // namespace dovetail

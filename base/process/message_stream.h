#pragma once

#include <optional>

#include "base/process/progress.h"
#include "base/process/work_message.h"

namespace dovetail {

// Messages over a stream of bytes (a socket or a pair of pipes): before each its length, in 16
// hexadecimal digits.

// The other end may be alive and neither read nor write, as a stopped process: `keep_going`, if
// there is one, is asked several times a second while nothing moves, and ends the waiting. The
// stream is of no use then, since half a message may have been moved.

/// False if nobody reads at the other end.
bool send_message(int descriptor, const WorkMessage& message, const KeepGoing& keep_going = {});
/// Waits for a message; nothing if the other end has closed. Throws RunError if what comes is none.
std::optional<WorkMessage> receive_message(int descriptor, const KeepGoing& keep_going = {});

/// Answers what comes at `in` until it closes or says the end. Signals that ask to stop are the
/// other side's to obey: Ctrl-C, which reaches a whole group, is ignored, and the kernel ends this
/// process with the one that started it.
void serve_stream(int in, int out, const WorkOfJob& work_of_job);

}  // namespace dovetail

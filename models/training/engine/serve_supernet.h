#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

/// Trains and asks the supernet in a folder as the lines at standard input say, until it closes:
///
///   progress                 ok STEPS STEPS_PER_EPOCH ALL_STEPS
///   train CHOICES...         ok LOSS PERCENT...       CHOICES: 0,3,1 one number a decision
///   score BATCHES CHOICES    ok PERCENT
///   measure CHOICES          ok PERCENT
///   save NOTE                ok
///   note                     ok NOTE
///
/// What goes wrong is answered by "input MESSAGE", "disk MESSAGE" or "run MESSAGE".
void serve_supernet(const std::filesystem::path& folder);

}  // namespace dovetail

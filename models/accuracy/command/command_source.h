#pragma once

#include <memory>
#include <string>

#include "base/process/user_command.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class Network;
class NetworkSpace;

/// Asks the user's program. docs/accuracy.md says what it is given (network.json, of schema
/// dovetail.architecture/1, and network.onnx) and what it must answer. A network for which no
/// attempt gave an answer has failed. Of `space` and `network` one is null: the networks are points
/// of the space, or the one network. Throws InputError for placeholders that stand for
/// nothing; require_ready() for a program that is not there.
std::unique_ptr<AccuracySource> make_command_source(CommandSettings settings,
                                                    std::shared_ptr<const NetworkSpace> space,
                                                    std::shared_ptr<const Network> network);

/// What network.json says of a network; `choices` and `space` as above.
std::string architecture_json(const Network& network, const NetworkSpace* space,
                              const Choices& choices);

/// The answer in the last line that a program printed: a JSON object with `top1_percent`. Throws
/// InputError saying what is wrong with it.
double parse_command_answer(const std::string& line);

}  // namespace dovetail

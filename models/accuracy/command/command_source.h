#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class Network;
class NetworkSpace;

/// The user's program and how it is run.
struct CommandSettings {
  std::vector<std::string> words;  // program and arguments, with {placeholders}
  std::filesystem::path folder;    // in which it runs
  double timeout_s = 0;            // of one attempt
  int retries = 1;                 // further attempts after one that failed
  int parallel = 1;                // programs at a time; no effect on answers
};

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

/// The answer in what a program printed: the last line that is not blank, a JSON object with
/// `top1_percent`. Throws InputError saying what is wrong with it.
double parse_command_answer(const std::string& output);

}  // namespace dovetail

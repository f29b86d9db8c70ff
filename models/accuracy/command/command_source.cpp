#include "models/accuracy/command/command_source.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/onnx.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// 3, not 3.0.
json number(double value) {
  return json::parse(format_number(value));
}

class CommandSource : public AccuracySource {
 public:
  CommandSource(CommandSettings settings, std::shared_ptr<const NetworkSpace> space,
                std::shared_ptr<const Network> network)
      : command_(std::move(settings), {"json", "onnx"}, {"{json}", "{onnx}"}),
        space_(std::move(space)),
        network_(std::move(network)) {}

  AccuracyEstimate accuracy(const Choices& network) override {
    AccuracyAnswer answer;
    ask(std::span(&network, 1), [&](std::size_t, const AccuracyAnswer& given) { answer = given; },
        {});
    if (!answer.ok()) throw RunError(answer.reason);
    return answer.estimate;
  }

  void ask(std::span<const Choices> networks, const Answered& answered,
           const KeepGoing& keep_going) override {
    command_.run(
        networks.size(),
        [&](std::uint64_t task, const std::filesystem::path& folder) {
          return write(networks[task], folder);
        },
        [&](std::uint64_t task, const std::string& line) {
          answered(task, AccuracyAnswer::known({parse_command_answer(line), false}));
        },
        [&](std::uint64_t task, const std::string& reason) {
          answered(task, AccuracyAnswer::failed(reason));
        },
        keep_going);
  }

  bool slow() const override { return true; }
  void require_ready() const override { command_.require_ready(); }
  std::string description() const override { return command_.description(); }

 private:
  std::map<std::string, std::string> write(const Choices& choices,
                                           const std::filesystem::path& folder) const {
    const std::filesystem::path json_file = folder / "network.json";
    const std::filesystem::path onnx_file = folder / "network.onnx";
    const Network network = space_ ? space_->build(choices) : *network_;
    write_file_atomically(json_file, architecture_json(network, space_.get(), choices));
    if (command_.uses("onnx")) save_onnx(network, onnx_file);
    return {{"json", json_file.string()}, {"onnx", onnx_file.string()}};
  }

  UserCommand command_;
  std::shared_ptr<const NetworkSpace> space_;
  std::shared_ptr<const Network> network_;
};

}  // namespace

std::unique_ptr<AccuracySource> make_command_source(CommandSettings settings,
                                                    std::shared_ptr<const NetworkSpace> space,
                                                    std::shared_ptr<const Network> network) {
  return std::make_unique<CommandSource>(std::move(settings), std::move(space), std::move(network));
}

std::string architecture_json(const Network& network, const NetworkSpace* space,
                              const Choices& choices) {
  json text = {{"schema", "dovetail.architecture/1"}, {"network", network.name()}};
  text["input"] = {{"height", network.input().height},
                   {"width", network.input().width},
                   {"channels", network.input().channels}};
  text["macs"] = network.macs();
  text["parameters"] = network.parameters();
  if (space) {
    text["space"] = space->name();
    json& named = text["choices"] = json::object();
    const std::vector<bool> active = space->active(choices);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (!active[i]) continue;
      const Decision& decision = space->decisions()[i];
      const std::string& choice = decision.choices[choices[i]];
      named[decision.name] =
          decision.ordered() ? number(decision.values[choices[i]]) : json(choice);
    }
    json& blocks = text["blocks"] = json::array();
    const std::vector<std::string> parts = split(space->canonical_key(choices), ';');
    for (std::size_t i = 1; i < parts.size(); ++i) blocks.push_back(std::string(trim(parts[i])));
  }
  return text.dump(1) + "\n";
}

double parse_command_answer(const std::string& line) {
  if (line.empty()) throw InputError("nothing on stdout, where the answer should be");
  const std::string shown = tame_line(line);
  const auto answer = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) {
    throw InputError("the last line on stdout is no JSON object: " + shown);
  }
  const auto top1 = answer.find("top1_percent");
  if (top1 == answer.end()) throw InputError("the answer has no top1_percent: " + shown);
  if (!top1->is_number() || !(top1->get<double>() > 0 && top1->get<double>() <= 100)) {
    throw InputError("top1_percent: allowed a number above 0, at most 100: " + shown);
  }
  return top1->get<double>();
}

}  // namespace dovetail

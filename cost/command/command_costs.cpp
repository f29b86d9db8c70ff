#include "cost/command/command_costs.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "models/accuracy/command/command_source.h"
#include "models/network/onnx/onnx.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// What a program may answer: figures of costs that do not follow from others.
bool is_answer(const Figure& figure) {
  return !figure.maximise && figure.set != nullptr;
}

std::vector<std::string> placeholders(bool accelerators) {
  std::vector<std::string> files{"json", "network", "onnx"};
  if (accelerators) files.emplace_back("accelerator");
  return files;
}

std::vector<std::string> appended(bool accelerators) {
  if (accelerators) return {"{json}", "{accelerator}"};
  return {"{json}"};
}

/// The first of `needed` that costs do not have; null if they have all.
const Figure* missing_figure(const std::vector<const Figure*>& needed, const Costs& costs) {
  for (const Figure* figure : needed) {
    if (!figure->maximise && std::isnan(figure->of(costs))) return figure;
  }
  return nullptr;
}

PairCosts without_costs(std::string reason, bool refused) {
  PairCosts found;
  found.failure = Answer{AnswerKind::kRunError, std::move(reason)};
  found.refused = refused;
  return found;
}

}  // namespace

PairCosts parse_cost_answer(const std::string& line, const std::vector<const Figure*>& needed) {
  if (line.empty()) throw InputError("nothing on stdout, where the answer should be");
  const std::string shown = tame_line(line);
  const auto answer = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) {
    throw InputError("the last line on stdout is no JSON object: " + shown);
  }
  if (const auto reason = answer.find("reason"); reason != answer.end()) {
    if (!reason->is_string()) throw InputError("reason: allowed text: " + shown);
    return without_costs("command: " + tame_line(reason->get<std::string>()), true);
  }
  PairCosts found;
  AccuracyEstimate none;
  for (const Figure& figure : figures()) {
    const auto value = answer.find(figure.key);
    if (!is_answer(figure) || value == answer.end()) continue;
    if (!value->is_number() || !(value->get<double>() > 0 && value->get<double>() < 1e15)) {
      throw InputError(
          fmt::format("{}: allowed a number above 0, below 1e15: {}", figure.key, shown));
    }
    figure.set(value->get<double>(), found.costs, none);
  }
  const Figure* missing = missing_figure(needed, found.costs);
  if (missing == nullptr) return found;
  throw InputError(
      fmt::format("the answer has nothing of which {} follows: {}", missing->key, shown));
}

CommandCosts::CommandCosts(PairDomain domain, CommandSettings settings,
                           std::vector<const Figure*> needed, bool accelerators)
    : domain_(std::move(domain)),
      command_(std::move(settings), placeholders(accelerators), appended(accelerators)),
      needed_(std::move(needed)),
      accelerators_(accelerators) {
  Costs all;
  AccuracyEstimate none;
  for (const Figure& figure : figures()) {
    if (is_answer(figure)) figure.set(1, all, none);
  }
  const Figure* missing = missing_figure(needed_, all);
  if (missing == nullptr) return;
  throw InputError(fmt::format("a cost command cannot answer '{}'", missing->key));
}

std::map<std::string, std::string> CommandCosts::write(const Pair& pair,
                                                       const std::filesystem::path& folder) const {
  const NetworkSpace& space = *domain_.network.space;
  const Network network = space.build(pair.network);
  std::map<std::string, std::string> files;
  const auto note = [&](const std::string& placeholder, const char* name) {
    return files[placeholder] = (folder / name).string();
  };
  write_file_atomically(note("json", "network.json"),
                        architecture_json(network, &space, pair.network));
  write_file_atomically(note("network", "network.yaml"), space.to_yaml(pair.network));
  const std::string onnx = note("onnx", "network.onnx");
  if (command_.uses("onnx")) save_onnx(network, onnx);
  if (accelerators_) {
    write_file_atomically(note("accelerator", "accelerator.yaml"),
                          domain_.accelerator_of(pair).to_yaml());
  }
  return files;
}

std::uint64_t CommandCosts::stream(const PairStream& pairs) {
  command_.require_ready();
  std::vector<Pair> asked;
  for (std::uint64_t i = 0; i < pairs.count; ++i) asked.push_back(pairs.pair(i));
  std::vector<std::optional<PairCosts>> found(asked.size());
  std::uint64_t delivered = 0;
  const auto answer = [&](std::uint64_t i, PairCosts costs) {
    found[i] = std::move(costs);
    for (; delivered < found.size() && found[delivered]; ++delivered) {
      pairs.deliver(delivered, asked[delivered], *found[delivered]);
    }
  };
  command_.run(
      asked.size(),
      [&](std::uint64_t i, const std::filesystem::path& folder) { return write(asked[i], folder); },
      [&](std::uint64_t i, const std::string& line) {
        answer(i, parse_cost_answer(line, needed_));
      },
      [&](std::uint64_t i, const std::string& reason) { answer(i, without_costs(reason, false)); },
      pairs.keep_going);
  return delivered;
}

}  // namespace dovetail

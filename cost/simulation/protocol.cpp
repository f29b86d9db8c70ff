#include "cost/simulation/protocol.h"

#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/version.h"
#include "models/network/layers/network_json.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.costs_job/1";
constexpr const char* kLooseSchema = "dovetail.loose_costs_job/1";

/// Reads a text; what is wrong with it is told as an E.
template <typename E, typename Read>
auto read_json(const char* what, const std::string& text, const Read& read) {
  try {
    return read(json::parse(text));
  } catch (const json::exception& e) {
    throw E(fmt::format("{}: {}", what, json_fault(e)));
  }
}

void put(json& node, const char* key, double value) {
  if (!std::isnan(value)) node[key] = value;  // NaN: unknown
}

json to_json(const PairCosts& found) {
  json node{{"seconds", found.seconds}};
  if (found.failure) {
    const bool input = found.failure->kind == AnswerKind::kInputError;
    node[input ? "input_error" : "run_error"] = found.failure->bytes;
    return node;
  }
  // A figure that is new in Costs does not compile until it travels. Those of a set do not: they
  // are found where the answers of its pairs arrive.
  const auto& [reason, reason_text, latency_ms, cycles, area_mm2, energy_mj, peak_local_memory_kib,
               spread, of_set] = found.costs;
  if (reason != InfeasibleReason::kNone) node["reason"] = to_string(reason);
  if (!reason_text.empty()) node["reason_text"] = reason_text;
  put(node, "latency_ms", latency_ms);
  if (cycles >= 0) node["cycles"] = cycles;
  put(node, "area_mm2", area_mm2);
  put(node, "energy_mj", energy_mj);
  put(node, "peak_local_memory_kib", peak_local_memory_kib);
  if (spread) {
    node["spread"] = {{"latency_percent", spread->latency_percent},
                      {"energy_percent", spread->energy_percent}};
  }
  return node;
}

PairCosts pair_costs_from(const json& node) {
  PairCosts found;
  found.seconds = node.at("seconds");
  for (const AnswerKind kind : {AnswerKind::kInputError, AnswerKind::kRunError}) {
    const auto error = node.find(kind == AnswerKind::kInputError ? "input_error" : "run_error");
    if (error != node.end()) found.failure = Answer{kind, *error};
  }
  Costs& costs = found.costs;
  costs.reason = infeasible_reason(node.value("reason", to_string(InfeasibleReason::kNone)));
  costs.reason_text = node.value("reason_text", "");
  costs.latency_ms = node.value("latency_ms", Costs::kUnknown);
  costs.cycles = node.value("cycles", std::int64_t{-1});
  costs.area_mm2 = node.value("area_mm2", Costs::kUnknown);
  costs.energy_mj = node.value("energy_mj", Costs::kUnknown);
  costs.peak_local_memory_kib = node.value("peak_local_memory_kib", Costs::kUnknown);
  if (const auto spread = node.find("spread"); spread != node.end()) {
    costs.spread = {spread->at("latency_percent"), spread->at("energy_percent")};
  }
  return found;
}

json to_json(const NetworkSide& side) {
  json node = json::object();
  if (side.space) node["space"] = {{"yaml", side.space->text()}, {"file", side.space->file()}};
  if (side.network) node["one"] = json::parse(to_json_text(*side.network));
  return node;
}

NetworkSide network_side_from(const json& node) {
  NetworkSide side;
  if (const auto space = node.find("space"); space != node.end()) {
    side.space = std::make_shared<const NetworkSpace>(
        NetworkSpace::parse(space->at("yaml"), space->at("file")));
  }
  if (const auto one = node.find("one"); one != node.end()) {
    side.network = std::make_shared<const Network>(network_from_json_text(one->dump()));
  }
  return side;
}

json to_json(const HardwareSide& side) {
  json node{{"one", side.baseline.to_yaml()}};
  if (side.space) node["space"] = side.space->to_yaml();
  return node;
}

HardwareSide hardware_side_from(const json& node) {
  HardwareSide side;
  side.baseline = AcceleratorConfig::from_yaml(YamlNode::parse(node.at("one"), "job.accelerators"));
  if (const auto space = node.find("space"); space != node.end()) {
    side.space =
        std::make_shared<const DesignSpace>(DesignSpace::parse(*space, "job.accelerators.space"));
  }
  return side;
}

json to_json(const AcceleratorConfig& accelerator) {
  json values;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    values[parameter.key] = parameter.get(accelerator);
  }
  return {{"name", accelerator.name}, {"values", std::move(values)}};
}

AcceleratorConfig accelerator_from(const json& node) {
  AcceleratorConfig accelerator;
  accelerator.name = node.at("name");
  const json& values = node.at("values");
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    parameter.set(accelerator, values.at(parameter.key).get<double>());
  }
  return accelerator;
}

void require_job(const json& node, const char* schema) {
  if (node.at("schema") != schema) {
    throw InputError("job: its schema is not " + std::string(schema));
  }
  if (const std::string build = node.at("build"); build != build_description()) {
    throw InputError(
        fmt::format("job: it is of build {}, this program is {}", build, build_description()));
  }
}

std::string purpose_in(const json& job) {
  const auto purpose = job.find("purpose");
  return purpose == job.end() ? "" : purpose->dump();
}

}  // namespace

std::string job_text(const CostsJob& job) {
  json node{{"schema", kSchema},
            {"build", build_description()},
            {"technology", job.technology},
            {"networks", to_json(job.domain.network)},
            {"accelerators", to_json(job.domain.hardware)}};
  if (!job.purpose.empty()) node["purpose"] = json::parse(job.purpose);
  return node.dump();
}

CostsJob job_from_text(const std::string& text) {
  return read_json<InputError>("job", text, [](const json& node) {
    require_job(node, kSchema);
    CostsJob job{
        {network_side_from(node.at("networks")), hardware_side_from(node.at("accelerators"))},
        node.at("technology")};
    job.purpose = purpose_in(node);
    return job;
  });
}

std::string purpose_of_job(const std::string& text) {
  return read_json<InputError>("job", text, purpose_in);
}

std::string request_text(std::span<const Pair> pairs) {
  json list = json::array();
  for (const Pair& pair : pairs) list.push_back({pair.network, pair.hardware});
  return json{{"pairs", std::move(list)}}.dump();
}

std::vector<Pair> request_from_text(const std::string& text) {
  return read_json<InputError>("request", text, [](const json& node) {
    std::vector<Pair> pairs;
    for (const json& pair : node.at("pairs")) pairs.push_back({pair.at(0), pair.at(1)});
    return pairs;
  });
}

std::string answer_text(std::span<const PairCosts> costs) {
  json list = json::array();
  for (const PairCosts& found : costs) list.push_back(to_json(found));
  return json{{"costs", std::move(list)}}.dump();
}

std::vector<PairCosts> answer_from_text(const std::string& text) {
  return read_json<RunError>("answer", text, [](const json& node) {
    std::vector<PairCosts> costs;
    for (const json& found : node.at("costs")) costs.push_back(pair_costs_from(found));
    return costs;
  });
}

std::string answer_request(PairSimulator& simulator, const std::string& request) {
  std::vector<PairCosts> costs;
  for (const Pair& pair : request_from_text(request)) costs.push_back(simulator.costs(pair));
  return answer_text(costs);
}

std::string loose_job_text(std::span<const NetworkSide> networks) {
  json list = json::array();
  for (const NetworkSide& network : networks) list.push_back(to_json(network));
  return json{
      {"schema", kLooseSchema}, {"build", build_description()}, {"networks", std::move(list)}}
      .dump();
}

std::vector<NetworkSide> loose_job_from_text(const std::string& text) {
  return read_json<InputError>("job", text, [](const json& node) {
    require_job(node, kLooseSchema);
    std::vector<NetworkSide> networks;
    for (const json& network : node.at("networks")) networks.push_back(network_side_from(network));
    return networks;
  });
}

std::string loose_request_text(std::span<const LoosePair> pairs) {
  json list = json::array();
  for (const LoosePair& pair : pairs) {
    list.push_back({{"network", pair.network},
                    {"choices", pair.choices},
                    {"accelerator", to_json(pair.accelerator)},
                    {"technology", pair.technology},
                    {"report", pair.report}});
  }
  return json{{"pairs", std::move(list)}}.dump();
}

std::vector<LoosePair> loose_request_from_text(const std::string& text) {
  return read_json<InputError>("request", text, [](const json& node) {
    std::vector<LoosePair> pairs;
    for (const json& pair : node.at("pairs")) {
      pairs.push_back({pair.at("network"), pair.at("choices"),
                       accelerator_from(pair.at("accelerator")), pair.at("technology"),
                       pair.at("report")});
    }
    return pairs;
  });
}

std::string loose_answer_text(std::span<const LooseCosts> costs) {
  json list = json::array();
  for (const LooseCosts& each : costs) {
    json node = to_json(each.found);
    if (!each.report.empty()) node["report"] = each.report;
    list.push_back(std::move(node));
  }
  return json{{"costs", std::move(list)}}.dump();
}

std::vector<LooseCosts> loose_answer_from_text(const std::string& text) {
  return read_json<RunError>("answer", text, [](const json& node) {
    std::vector<LooseCosts> costs;
    for (const json& found : node.at("costs")) {
      costs.push_back({pair_costs_from(found), found.value("report", "")});
    }
    return costs;
  });
}

namespace {

Work loose_work(const std::string& job) {
  const auto simulator = std::make_shared<LooseSimulator>();
  return [simulator, networks = loose_job_from_text(job)](const std::string& request) {
    std::vector<LooseCosts> costs;
    for (const LoosePair& pair : loose_request_from_text(request)) {
      if (pair.network >= networks.size()) throw InputError("request: a network that no job told");
      costs.push_back(simulator->costs(networks[pair.network], pair));
    }
    return loose_answer_text(costs);
  };
}

bool is_loose(const std::string& job) {
  return read_json<InputError>("job", job,
                               [](const json& node) { return node.at("schema") == kLooseSchema; });
}

}  // namespace

Work simulation_work(const std::string& job) {
  if (is_loose(job)) return loose_work(job);
  CostsJob asked = job_from_text(job);
  const auto simulator = std::make_shared<PairSimulator>(std::move(asked.domain), asked.technology);
  return [simulator](const std::string& request) { return answer_request(*simulator, request); };
}

}  // namespace dovetail

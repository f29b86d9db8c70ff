#include "nas/service/requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/nesting.h"
#include "base/text/text.h"
#include "cost/figures/figure_range.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr int kMostNesting = 64;  // what reads and writes JSON calls itself for each level
constexpr std::size_t kMostId = 1000;
constexpr double kLargestExact = 9007199254740992;  // 2^53

InputError fault(const std::string& key, const std::string& found, const std::string& allowed) {
  return InputError(fmt::format("{}: found {}, allowed {}", key, found, allowed));
}

/// What a value is, for messages.
std::string kind_of(const json& value) {
  if (value.is_string()) return "'" + value.get<std::string>() + "'";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  return value.dump();
}

std::string text_at(const std::string& key, const json& value) {
  if (!value.is_string()) throw fault(key, kind_of(value), "a text");
  std::string text = value.get<std::string>();
  if (text.empty()) throw fault(key, "an empty text", "a text");
  return text;
}

/// Reads an object key by key; what nobody asked for is an error.
class RequestObject {
 public:
  RequestObject(std::string path, const json& node, const std::string& allowed)
      : path_(std::move(path)), node_(node) {
    if (node.is_object()) return;
    throw fault(path_.empty() ? "the line" : path_, kind_of(node),
                allowed.empty() ? "an object" : allowed);
  }

  const json* optional(const std::string& key) {
    asked_.push_back(key);
    const auto found = node_.find(key);
    return found == node_.end() || found->is_null() ? nullptr : &*found;
  }
  std::string text(const std::string& key, const std::string& missing) {
    const json* value = optional(key);
    return value == nullptr ? missing : text_at(at(key), *value);
  }
  bool flag(const std::string& key) {
    const json* value = optional(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) throw fault(at(key), kind_of(*value), "true or false");
    return *value;
  }
  void finish() const {
    for (const auto& [key, value] : node_.items()) {
      if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
      const std::string message = unknown_name("key", key, asked_);
      throw InputError(path_.empty() ? message : path_ + ": " + message);
    }
  }
  std::string at(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

 private:
  std::string path_;
  const json& node_;
  std::vector<std::string> asked_;
};

/// A choice as files have it: 20 whether it came as 20, 20.0 or "20".
std::string choice_text(const std::string& key, const json& value) {
  if (value.is_string()) return value;
  if (value.is_number_float()) return format_number(value);
  if (value.is_number() || value.is_boolean()) return value.dump();
  throw fault(key, kind_of(value), "a text or a number");
}

void read_choices(const std::string& key, const json& value, SideReference& side) {
  if (value.is_array()) {
    for (const json& position : value) {
      if (!position.is_number_integer()) {
        throw fault(key, kind_of(position), "whole numbers: the position of each choice");
      }
      side.positions.push_back(position);
    }
    return;
  }
  if (!value.is_object()) {
    throw fault(key, kind_of(value), "an object {decision: choice} or an array of positions");
  }
  for (const auto& [decision, choice] : value.items()) {
    side.choices[decision] = choice_text(key + "." + decision, choice);
  }
}

SideReference read_point(RequestObject& object) {
  SideReference side;
  side.space = object.text("space", "");
  if (const json* choices = object.optional("choices")) {
    read_choices(object.at("choices"), *choices, side);
  }
  object.finish();
  return side;
}

SideReference read_side(const std::string& key, const json& value) {
  SideReference side;
  if (value.is_string()) {
    // A name has one line.
    std::string text = text_at(key, value);
    (text.find('\n') == std::string::npos ? side.name : side.document) = std::move(text);
    return side;
  }
  RequestObject object(key, value, "a name, a path, a document or {space, choices}");
  if (value.contains("space")) return read_point(object);
  if (key != "accelerator") {
    side.document = value.dump();
    return side;
  }
  json document = value;
  side.base = object.text("base", "");
  document.erase("base");
  if (!document.contains("schema")) document["schema"] = "dovetail.accelerator/1";
  side.document = document.dump();
  return side;
}

CostReference read_cost(const json& value) {
  if (value.is_string() && value == "simulation") return {};
  RequestObject object("cost", value, "simulation, or an object {model, file}");
  CostReference cost;
  cost.model = object.text("model", "");
  cost.file = object.text("file", "");
  object.finish();
  static const std::vector<std::string> kModels{"simulation", "surrogate", "table"};
  if (std::find(kModels.begin(), kModels.end(), cost.model) == kModels.end()) {
    throw InputError("cost.model: " + unknown_name("cost model", cost.model, kModels));
  }
  const bool simulated = cost.model == "simulation";
  if (simulated != cost.file.empty()) {
    throw InputError(simulated
                         ? "cost.file: a simulation needs none"
                         : fmt::format("cost.file: it is missing; a {} is a file", cost.model));
  }
  return cost;
}

std::vector<const Figure*> read_figures(const json& value) {
  if (!value.is_array()) throw fault("figures", kind_of(value), "an array of figures");
  std::vector<const Figure*> figures;
  for (const json& figure : value) {
    try {
      figures.push_back(&find_figure(text_at("figures", figure)));
    } catch (const InputError& e) {
      throw InputError(figure.is_string() ? std::string("figures: ") + e.what() : e.what());
    }
  }
  return figures;
}

void require_shallow(const std::string& line) {
  if (!is_nested_deeper(line, kMostNesting)) return;
  throw InputError(fmt::format("found more than {} objects in each other", kMostNesting));
}

/// As YAML here: of a key that stands twice in an object, which one counts is nobody's guess.
json parsed(const std::string& line) {
  require_shallow(line);
  std::vector<std::set<std::string>> open;  // the keys of the objects around
  const auto once = [&open](int, json::parse_event_t event, const json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(value).second) {
      throw InputError(fmt::format("the key '{}' stands twice in an object", std::string(value)));
    }
    return true;
  };
  try {
    return json::parse(line, once);
  } catch (const json::exception& e) {
    throw InputError("this is no JSON: " + json_fault(e));
  }
}

std::string read_id(const json& value) {
  // A larger number is read as the nearest that can be, which is not the one that was given.
  const bool number = value.is_number_integer() ||
                      (value.is_number() && std::abs(value.get<double>()) < kLargestExact);
  if (!value.is_string() && !number) {
    throw fault("id", kind_of(value), "a text or a number (of 64 bits; with a point, below 2^53)");
  }
  std::string id = value.dump();
  if (id.size() > kMostId) {
    throw fault("id", fmt::format("{} characters", id.size()), fmt::format("up to {}", kMostId));
  }
  return id;
}

/// What would be read and have no effect is an error too.
void require_sense(const EvaluationRequest& request) {
  if (!request.network && !request.accelerator) {
    throw InputError("found nothing to evaluate, allowed: network, accelerator, both, or a space");
  }
  const bool pair = request.network && request.accelerator;
  if (request.report && !pair) throw InputError("report: it needs a network and an accelerator");
  if (request.report && request.cost.model != "simulation") {
    throw InputError("report: only a simulation has one");
  }
  for (const Figure* figure : request.figures.value_or(std::vector<const Figure*>{})) {
    if (figure->key == "top1_percent") {
      if (request.accuracy.empty()) {
        throw InputError("figures: top1_percent needs an accuracy source (accuracy)");
      }
      if (!request.network) throw InputError("figures: top1_percent needs a network");
    } else if (figure->key == "area_mm2" ? !request.accelerator : !pair) {
      throw InputError(fmt::format(
          "figures: {} needs {}", figure->key,
          figure->key == "area_mm2" ? "an accelerator" : "a network and an accelerator"));
    }
  }
}

}  // namespace

EvaluationRequest read_request(const std::string& line, const RequestDefaults& defaults) {
  const json node = parsed(line);
  EvaluationRequest request;
  RequestObject object("", node, "");
  if (const json* id = object.optional("id")) request.id = read_id(*id);
  if (node.contains("space")) {
    request.about = read_point(object);
    return request;
  }
  request.accuracy = defaults.accuracy;
  request.cost = defaults.cost;
  if (const json* network = object.optional("network")) {
    request.network = read_side("network", *network);
  }
  if (const json* accelerator = object.optional("accelerator")) {
    request.accelerator = read_side("accelerator", *accelerator);
  }
  if (const json* figures = object.optional("figures")) request.figures = read_figures(*figures);
  if (const json* accuracy = object.optional("accuracy")) {
    RequestObject(object.at("accuracy"), *accuracy, "an accuracy source, as in a study");
    request.accuracy = accuracy->dump();
  }
  if (const json* cost = object.optional("cost")) request.cost = read_cost(*cost);
  request.technology = object.text("technology", defaults.technology);
  request.report = object.flag("report");
  request.timing = object.flag("timing");
  object.finish();
  require_sense(request);
  return request;
}

namespace {

OutsideCandidate told_candidate(const std::string& path, const json& node) {
  RequestObject object(path, node, "an object {choices, top1_percent}");
  OutsideCandidate candidate;
  if (const json* choices = object.optional("choices")) {
    read_choices(object.at("choices"), *choices, candidate.point);
  }
  if (const json* top1 = object.optional("top1_percent")) {
    if (!top1->is_number()) throw fault(object.at("top1_percent"), kind_of(*top1), "a number");
    candidate.top1_percent = top1->get<double>();
    require_in_range(find_figure("top1_percent"), *candidate.top1_percent);
  }
  object.optional("number");  // of ask(), which may stand there still
  object.finish();
  return candidate;
}

constexpr std::int64_t kMostAsked = 1'000'000;

}  // namespace

StudyRequest read_study_request(const std::string& line) {
  const json node = parsed(line);
  RequestObject object("", node, "");
  StudyRequest request;
  object.optional("id");
  if (const json* ask = object.optional("ask")) {
    if (!ask->is_number_integer() || *ask < 1 || *ask > kMostAsked) {
      throw fault("ask", kind_of(*ask), fmt::format("1 to {}", kMostAsked));
    }
    request.ask = ask->get<std::size_t>();
  }
  if (const json* tell = object.optional("tell")) {
    if (!tell->is_array()) throw fault("tell", kind_of(*tell), "an array of candidates");
    request.tell.emplace();
    for (std::size_t i = 0; i < tell->size(); ++i) {
      request.tell->push_back(told_candidate(fmt::format("tell[{}]", i), (*tell)[i]));
    }
  }
  request.trials = object.flag("trials");
  request.study = object.flag("study");
  object.finish();
  if (request.ask.has_value() + request.tell.has_value() + request.trials + request.study != 1) {
    throw InputError("allowed is one of ask, tell, trials and study");
  }
  return request;
}

OutsideCandidate read_told_candidate(const std::string& line) {
  return told_candidate("", parsed(line));
}

std::string request_id(const std::string& line) {
  try {
    const json node = parsed(line);
    const auto id = node.find("id");
    return node.is_object() && id != node.end() && !id->is_null() ? read_id(*id) : "";
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace dovetail

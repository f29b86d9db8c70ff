#include "nas/service/open_request.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text/message_text.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json figures_of(const OpenRequest& open) {
  Json figures = Json::object();
  const Costs costs = open.costs ? open.costs->costs : Costs{};
  const AccuracyEstimate accuracy =
      open.accuracy ? open.accuracy->estimate : AccuracyEstimate{Costs::kUnknown, false};
  for (const Figure& figure : dovetail::figures()) {
    if (!open.wants(figure.key)) continue;
    double value = figure.get(costs, accuracy);
    if (figure.key == "area_mm2" && open.area_mm2) value = *open.area_mm2;
    if (!open.request.figures && !std::isfinite(value)) continue;
    if (figure.kind == FigureKind::kCount && std::isfinite(value)) {
      figures[figure.key] = std::llround(value);
    } else {
      figures[figure.key] = number_or_null(value);
    }
  }
  return figures;
}

/// Status and reason of the first thing that went wrong.
std::pair<TrialStatus, std::string> outcome_of(const OpenRequest& open) {
  if (open.accuracy && !open.accuracy->ok()) {
    return {trial_status(open.accuracy->status), open.accuracy->reason};
  }
  if (open.costs && !open.costs->ok()) return {open.costs->status, open.costs->reason};
  return {TrialStatus::kOk, ""};
}

/// A value of an ordered decision; whole ones are written as such.
Json choice_json(const Decision& decision, std::size_t choice) {
  if (!decision.ordered()) return decision.choices[choice];
  const double value = decision.values[choice];
  if (value == std::floor(value) && std::abs(value) < 1e15) return std::llround(value);
  return value;
}

Json decision_json(const Decision& decision) {
  Json json{{"name", decision.name}};
  if (!decision.unit.empty()) json["unit"] = decision.unit;
  json["ordered"] = decision.ordered();
  json["choices"] = Json::array();
  for (std::size_t c = 0; c < decision.choices.size(); ++c) {
    json["choices"].push_back(choice_json(decision, c));
  }
  return json;
}

/// Under which choices of another decision one has an effect.
Json conditions_json(const SpaceDescription& space, std::size_t decision) {
  Json conditions = Json::array();
  for (const Guard& guard : space.guards) {
    if (guard.decision != decision) continue;
    const Json parent = decision_json(space.decisions[guard.parent]);
    Json allowed = Json::array();
    for (std::size_t c = 0; c < guard.allowed.size(); ++c) {
      if (guard.allowed[c]) allowed.push_back(parent["choices"][c]);
    }
    conditions.push_back({{"decision", parent["name"]}, {"choices", std::move(allowed)}});
  }
  return conditions;
}

Json space_head(const std::string& kind, const SpaceDescription& space) {
  return {{"name", space.name},
          {"kind", kind},
          {"points", space.decisions.cardinality()},
          {"decisions", Json::parse(decisions_json(space))}};
}

}  // namespace

bool OpenRequest::wants(const std::string& figure) const {
  if (!request.figures) return true;
  return std::ranges::any_of(*request.figures,
                             [&](const Figure* wanted) { return wanted->key == figure; });
}

bool OpenRequest::wants_accuracy() const {
  return request.network && !request.accuracy.empty() && wants("top1_percent");
}

bool OpenRequest::wants_costs() const {
  if (!is_pair()) return false;
  return request.report || std::ranges::any_of(figures(), [&](const Figure& figure) {
           return wants(figure.key) && figure.key != "top1_percent" && figure.key != "area_mm2";
         });
}

bool OpenRequest::open() const {
  return invalid.empty() && (!accuracy || accuracy->ok()) && (!costs || costs->ok());
}

std::string choices_json(const DecisionSpace& decisions, const Choices& choices) {
  Json json = Json::object();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    json[decisions[i].name] = choice_json(decisions[i], choices[i]);
  }
  return text_of(json);
}

std::string decisions_json(const SpaceDescription& space) {
  Json decisions = Json::array();
  for (std::size_t i = 0; i < space.decisions.size(); ++i) {
    Json decision = decision_json(space.decisions[i]);
    Json conditions = conditions_json(space, i);
    if (!conditions.empty()) decision["active_if"] = std::move(conditions);
    decisions.push_back(std::move(decision));
  }
  return text_of(decisions);
}

std::string answer_text(const OpenRequest& open) {
  Json json;
  if (!open.id.empty()) json["id"] = Json::parse(open.id);
  if (!open.invalid.empty()) {
    json["status"] = "invalid";
    json["reason"] = message_text(open.invalid);
    return text_of(json);
  }
  const auto [status, reason] = outcome_of(open);
  json["status"] = to_string(status);
  if (status != TrialStatus::kOk) json["reason"] = message_text(reason);
  if (!open.about.empty()) json.update(Json::parse(open.about));
  if (open.is_pair() || open.wants_accuracy() || open.area_mm2) {
    json["figures"] = figures_of(open);
    if (status == TrialStatus::kFailed || status == TrialStatus::kRefused) json.erase("figures");
  }
  if (open.accuracy && open.accuracy->ok() && open.accuracy->estimate.extrapolated) {
    json["extrapolated"] = true;
  }
  if (open.request.timing) json["seconds"] = open.costs ? open.costs->took.seconds : 0;
  if (!open.report.empty()) json["report"] = Json::parse(open.report);
  return text_of(json);
}

std::string space_json(const NetworkSpace& space, const SideReference& point) {
  Json json{{"space", space_head("network", describe(space))}};
  if (const auto points = space.canonical_points()) json["space"]["distinct_points"] = *points;
  if (!point.has_choices()) return text_of(json);
  const Choices choices = choices_of(point, space);
  json["choices"] = Json::parse(choices_json(space.decisions(), space.canonical(choices)));
  Json active = Json::array();
  const std::vector<bool> has_effect = space.active(choices);
  for (std::size_t i = 0; i < has_effect.size(); ++i) {
    if (has_effect[i]) active.push_back(space.decisions()[i].name);
  }
  json["active"] = std::move(active);
  json["network"] = space.to_yaml(choices);
  return text_of(json);
}

std::string space_json(const DesignSpace& space, const SideReference& point) {
  Json json{{"space", space_head("accelerator", describe(space))}};
  if (!point.has_choices()) return text_of(json);
  const Choices choices = choices_of(point, space);
  json["choices"] = Json::parse(choices_json(space.decisions(), choices));
  json["accelerator"] = space.decode(choices).to_yaml();
  return text_of(json);
}

std::string network_json(const NamedNetwork& network) {
  const auto built = network.build();
  const TensorShape& input = built->input();
  Json json{{"name", built->name()},
            {"input", {input.height, input.width, input.channels}},
            {"layers", built->layers().size()},
            {"macs", built->macs()},
            {"parameters", built->parameters()},
            {"weight_bytes", built->weight_bytes()}};
  if (built->published.top1_percent) {
    json["published_top1_percent"] = *built->published.top1_percent;
  }
  return text_of({{"network", std::move(json)}});
}

std::string accelerator_json(const AcceleratorConfig& accelerator) {
  Json json{{"name", accelerator.name}};
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    const double value = parameter.get(accelerator);
    if (parameter.is_choice()) {
      json[parameter.key] = parameter.text_of(value);
    } else if (parameter.integer) {
      json[parameter.key] = std::llround(value);
    } else {
      json[parameter.key] = value;
    }
  }
  return text_of({{"accelerator", std::move(json)}});
}

}  // namespace dovetail

#pragma once

#include <optional>
#include <string>

#include "models/accuracy/source/accuracy_source.h"
#include "models/network/space/space_description.h"
#include "nas/objective/evaluation.h"
#include "nas/service/named_sources.h"
#include "nas/service/requests.h"

namespace dovetail {

/// A request and what has been found for it so far.
struct OpenRequest {
  std::string id;  // JSON; empty if there is none
  EvaluationRequest request;
  NamedNetwork network;          // if it has one
  NamedAccelerator accelerator;  // if it has one

  std::string invalid;  // what is wrong with it
  std::string about;    // JSON that answers it, if it is about a space, a network, an accelerator
  std::optional<AccuracyAnswer> accuracy;
  std::optional<Evaluation> costs;
  std::optional<double> area_mm2;  // if that alone is wanted of an accelerator
  std::string report;

  bool is_pair() const { return request.network && request.accelerator; }
  bool wants(const std::string& figure) const;
  bool wants_accuracy() const;
  /// Whether costs have to be found, and not an area alone.
  bool wants_costs() const;
  /// Whether nothing has gone wrong so far.
  bool open() const;
};

/// The line that answers it.
std::string answer_text(const OpenRequest& request);

/// The choices of a point by the names of decisions, as JSON: numbers where they are.
std::string choices_json(const DecisionSpace& decisions, const Choices& choices);
/// Decisions of a space as JSON, each with the conditions under which it has an effect.
std::string decisions_json(const SpaceDescription& space);

/// What a space, a network or an accelerator is, as JSON.
std::string space_json(const NetworkSpace& space, const SideReference& point);
std::string space_json(const DesignSpace& space, const SideReference& point);
std::string network_json(const NamedNetwork& network);
std::string accelerator_json(const AcceleratorConfig& accelerator);

}  // namespace dovetail

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost/figures/figures.h"

namespace dovetail {

/// A network or an accelerator as a request names it: one of name, document and space.
struct SideReference {
  std::string name;      // in configs/, or a path
  std::string document;  // YAML or JSON: what its file would say
  std::string base;      // of a document of an accelerator: the name or path of what it changes
  std::string space;     // name or path of the space that it is a point of
  /// The point: by the names of decisions, or a position for each.
  std::map<std::string, std::string> choices;
  std::vector<std::int64_t> positions;

  bool has_choices() const { return !choices.empty() || !positions.empty(); }
};

/// Who says what a pair costs.
struct CostReference {
  std::string model = "simulation";  // or surrogate, table
  std::string file;                  // of a surrogate or a table
};

/// What requests have that do not say it themselves.
struct RequestDefaults {
  std::string accuracy;  // YAML of an accuracy source; empty: none is asked
  CostReference cost;
  std::string technology = "16nm";
};

/// One line of `dovetail evaluate` (docs/evaluate.md).
struct EvaluationRequest {
  std::string id;  // JSON, given back with the answer; empty if there is none
  std::optional<SideReference> network, accelerator;
  std::optional<SideReference> about;  // a space that is asked about; then nothing else is
  std::optional<std::vector<const Figure*>> figures;  // nothing: all that can be known
  std::string accuracy;
  CostReference cost;
  std::string technology;
  bool report = false;  // the whole report of the simulation is wanted, layer by layer
  bool timing = false;  // how long finding the costs took is wanted
};

/// Throws InputError that names the key, what was found and what is allowed.
EvaluationRequest read_request(const std::string& line, const RequestDefaults& defaults);

/// A candidate of a study, from outside.
struct OutsideCandidate {
  SideReference point;                 // in the space of the study
  std::optional<double> top1_percent;  // if the study's accuracy source is `told`
};

/// One line of `dovetail study session` (docs/ask_tell.md): one of its members is there.
struct StudyRequest {
  std::optional<std::size_t> ask;
  std::optional<std::vector<OutsideCandidate>> tell;
  bool trials = false, study = false;
};

/// Both throw InputError as read_request() does.
StudyRequest read_study_request(const std::string& line);
OutsideCandidate read_told_candidate(const std::string& line);

/// The id of a line, as JSON, whatever else is wrong with it; empty if it cannot be told.
std::string request_id(const std::string& line);

}  // namespace dovetail

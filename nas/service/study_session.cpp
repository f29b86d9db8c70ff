#include "nas/service/study_session.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text/error.h"
#include "base/text/message_text.h"
#include "models/accuracy/told/told_kind.h"
#include "nas/service/open_request.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

bool is_told(const StudySetup& setup) {
  return setup.config().accuracy.source == told_kind().name;
}

/// A slow source is asked within the limits alone, as in a search; what is told costs nothing.
std::unique_ptr<Evaluator> evaluator_of(const StudySetup& setup, int workers) {
  return std::make_unique<PairEvaluator>(
      setup.space(setup.labels().front()), setup.accuracy(),
      setup.config().cost.model->make(setup.cost_inputs(workers)),
      is_told(setup) ? std::vector<Constraint>{} : setup.limits_before_accuracy());
}

/// Before anything is written.
const StudySetup& asked_and_told(const StudySetup& setup) {
  AskTellStudy::require_usable(setup);
  return setup;
}

Json list_of(std::span<const std::string> texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(Json::parse(text));
  return list;
}

/// The decisions of both sides that the study searches, with the conditions of the network's.
SpaceDescription description_of(const SearchSpace& space) {
  SpaceDescription description;
  description.decisions = space.decisions();
  if (space.scope() != Scope::kHardware) {
    description.guards = describe(*space.network().space).guards;  // whose decisions come first
  }
  return description;
}

}  // namespace

StudySession::StudySession(const StudySetup& setup, const StudyOptions& options)
    : setup_(setup),
      keep_going_(options.keep_going),
      open_(asked_and_told(setup), options),
      study_(setup, open_.store(), evaluator_of(setup, options.workers)) {}

std::string StudySession::trial_json(const TrialRecord& trial) const {
  const Evaluation& evaluation = trial.evaluation;
  Json json{{"id", trial.id}, {"number", trial.number}, {"status", to_string(evaluation.status)}};
  if (!evaluation.ok()) json["reason"] = message_text(evaluation.reason);
  json["choices"] = Json::parse(choices_json(study_.space().decisions(), trial.choices));
  json["figures"] = Json::object();
  for (const Figure& figure : figures()) {
    if (!evaluation.has(figure)) continue;
    const double value = evaluation.value(figure);
    if (figure.kind == FigureKind::kCount) {
      json["figures"][figure.key] = std::llround(value);
    } else {
      json["figures"][figure.key] = value;
    }
  }
  const Outcome outcome = setup_.objective().outcome(evaluation);
  if (outcome.valid) json["violation"] = outcome.violation;
  if (trial.reward) json["reward"] = *trial.reward;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string StudySession::study_json() const {
  const StudyConfig& config = setup_.config();
  const Objective& objective = setup_.objective();
  Json json{{"name", config.name},
            {"strategy", config.strategy},
            {"accuracy", config.accuracy.source},
            {"evaluations", config.evaluations},
            {"done", study_.done()},
            {"decisions", Json::parse(decisions_json(description_of(study_.space())))},
            {"spaces", Json::object()},
            {"pareto", Json::array()},
            {"reference", Json::object()},
            {"constraints", Json::object()}};
  const Scope scope = study_.space().scope();
  if (scope != Scope::kHardware) json["spaces"]["network"] = config.network.space;
  if (scope != Scope::kNetwork) json["spaces"]["accelerator"] = config.hardware.space;
  for (std::size_t i = 0; i < objective.pareto.size(); ++i) {
    json["pareto"].push_back(objective.pareto[i]->key);
    json["reference"][objective.pareto[i]->key] = objective.reference[i];
  }
  for (const Constraint& constraint : objective.constraints) {
    json["constraints"][constraint.metric->key] = constraint.limit;
  }
  return json.dump();
}

std::vector<std::string> StudySession::ask(std::size_t count) {
  std::vector<std::string> lines;
  for (const Choices& choices : study_.ask(count)) {
    const auto number = study_.done() + static_cast<std::int64_t>(lines.size());
    lines.push_back(
        Json{{"number", number},
             {"choices", Json::parse(choices_json(study_.space().decisions(), choices))}}
            .dump());
  }
  return lines;
}

bool StudySession::tells_accuracy() const {
  return is_told(setup_);
}

std::vector<std::string> StudySession::tell(std::span<const OutsideCandidate> candidates) {
  std::vector<std::string> lines;
  for (const TrialRecord& trial : evaluate(candidates)) lines.push_back(trial_json(trial));
  return lines;
}

std::vector<Choices> StudySession::choices_of_all(
    std::span<const OutsideCandidate> candidates) const {
  std::vector<Choices> all;
  for (const OutsideCandidate& candidate : candidates) {
    try {
      all.push_back(choices_of(candidate.point, study_.space()));
    } catch (const InputError& e) {
      throw InputError(fmt::format("candidate {}: {}", all.size() + 1, e.what()));
    }
  }
  return all;
}

std::vector<TrialRecord> StudySession::claim(std::span<const OutsideCandidate> candidates,
                                             std::span<const Evaluation> claims) {
  const std::vector<Choices> all = choices_of_all(candidates);
  auto number = static_cast<std::int64_t>(open_.store().trials(0, Stage::kClaimed).size());
  std::vector<TrialRecord> trials;
  for (std::size_t i = 0; i < all.size(); ++i) {
    TrialRecord trial;
    trial.number = number++;
    trial.choices = study_.space().canonical(all[i]);
    trial.evaluation = claims[i];
    if (trial.evaluation.ok() && setup_.objective().reward) {
      trial.reward = (*setup_.objective().reward)(trial.evaluation);
    }
    trials.push_back(std::move(trial));
  }
  open_.store().append(0, Stage::kClaimed, trials);
  return trials;
}

std::vector<TrialRecord> StudySession::evaluate(std::span<const OutsideCandidate> candidates) {
  const std::vector<Choices> all = choices_of_all(candidates);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].top1_percent || tells_accuracy()) continue;
    throw InputError(fmt::format(
        "candidate {}: top1_percent: the study's accuracy source is '{}', allowed with 'told'",
        i + 1, setup_.config().accuracy.source));
  }
  study_.require_next(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!candidates[i].top1_percent) continue;
    setup_.accuracy()->tell(study_.space().decode(all[i]).network,
                            AccuracyAnswer::known({*candidates[i].top1_percent, false}));
  }
  std::vector<TrialRecord> trials = study_.tell(all, keep_going_);
  if (trials.size() < all.size()) {
    throw RunError(fmt::format("{}; {} of {} candidates are stored", stopped_text(), trials.size(),
                               all.size()));
  }
  return trials;
}

std::string StudySession::answer(const std::string& line) {
  Json json;
  if (const std::string id = request_id(line); !id.empty()) json["id"] = Json::parse(id);
  try {
    const StudyRequest request = read_study_request(line);
    json["status"] = "ok";
    if (request.ask) json["candidates"] = list_of(ask(*request.ask));
    if (request.tell) json["trials"] = list_of(tell(*request.tell));
    if (request.study) json["study"] = Json::parse(study_json());
    if (request.trials) {
      json["trials"] = Json::array();
      for (const TrialRecord& trial : open_.store().trials(0, Stage::kSearch)) {
        json["trials"].push_back(Json::parse(trial_json(trial)));
      }
    }
  } catch (const InputError& e) {
    json["status"] = "invalid";
    json["reason"] = message_text(e.what());
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dovetail

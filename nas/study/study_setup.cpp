#include "nas/study/study_setup.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/process/service_link.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/text/version.h"
#include "hw_space/accelerator_name.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/space/network_checksum.h"
#include "nas/strategy/default_strategy.h"
#include "nas/study/study_metrics.h"
#include "nas/study/study_objective.h"
#include "nas/study/study_start.h"
#include "nas/study/study_supernet.h"
#include "nas/study/study_training.h"

namespace dovetail {
namespace {

/// Choices from "decision: choice" for every decision of a space.
Choices read_choices(const DecisionSpace& space,
                     const std::map<std::string, std::string>& settings) {
  try {
    return space.encode(settings);
  } catch (const InputError& error) {
    throw InputError(std::string("network.fixed: ") + error.what());
  }
}

bool is_latency(const RewardTerm& term) {
  return term.metric->key == "latency_ms";
}

/// What accelerators are searched by, given the study's own reward. The fastest within the other
/// targets is found by a term that falls with the latency and others that fall beyond a target.
Reward hardware_reward(const PhaseSettings& settings, Reward reward) {
  for (RewardTerm& term : reward.terms) {
    if (settings.hardware_reward != nullptr) {
      term.kind = settings.hardware_reward;
      term.weight = settings.weights.at(term.metric->key);
    } else {
      term.kind = &find_reward_kind(is_latency(term) ? "nahas_soft" : "nahas_hard");
      term.weight = term.kind->default_weight;
    }
  }
  return reward;
}

/// All that the study uses.
std::vector<const Figure*> figures_of(const Objective& objective) {
  std::vector<const Figure*> figures = objective.pareto;
  for (const Constraint& constraint : objective.constraints) figures.push_back(constraint.metric);
  if (!objective.reward) return figures;
  for (const RewardTerm& term : objective.reward->terms) figures.push_back(term.metric);
  return figures;
}

}  // namespace

void require_same_inputs(const StudyDescription& now, const StudyDescription& stored,
                         const std::filesystem::path& file) {
  const auto changed = [&](const std::string& what) {
    return InputError(file.string() + ": the " + what + " has changed since the study was begun");
  };
  for (const auto& [role, checksum] : now.facts.files) {
    const auto before = stored.facts.files.find(role);
    // Studies of older builds do not know all of them.
    if (before != stored.facts.files.end() && before->second != checksum) {
      throw changed("file of the " + role);
    }
  }
  for (const auto& [role, checksum] : stored.facts.files) {
    if (!now.facts.files.contains(role)) throw changed("file of the " + role);
  }
  // Older studies know this of what their spaces start from.
  if (!stored.facts.baseline.empty() && stored.facts.baseline != now.facts.baseline) {
    throw changed("baseline accelerator");
  }
}

std::string run_label(Scope scope) {
  switch (scope) {
    case Scope::kJoint:
      return "joint";
    case Scope::kNetwork:
      return "fixed_hardware";
    case Scope::kHardware:
      return "fixed_network";
  }
  return "unknown";
}

StudySetup::StudySetup(StudyConfig config) : config_(std::move(config)) {
  require_oneshot_fits(config_);
  load_network();
  require_training_decisions_used(config_, network_);
  load_hardware();
  accuracy_ =
      std::make_shared<AccuracyCache>(config_.accuracy.settings->make(network_), network_.space);
  for (const auto& [role, file] : config_.accuracy.settings->files()) note_file(role, file);
  simulator_ = std::make_shared<Simulator>(totals_only(config_.cost.technology));
  if (config_.has_accelerator()) {
    note_file("technology", resolve_config("technology", config_.cost.technology));
  }
  if (config_.has_accelerator()) baseline_area_mm2_ = simulator_->area_mm2(hardware_.baseline);
  objective_ = study_objective(config_, baseline_area_mm2_);
  require_curves_decide(config_, objective_);
  load_set();
  load_costs();

  require_known_decisions(config_.restrict, network_.space ? &network_.space->decisions() : nullptr,
                          hardware_.space ? &hardware_.space->decisions() : nullptr);
  add_space(config_.phase ? kPhaseLabel : run_label(config_.scope), config_.scope);
  if (config_.compare_with_fixed_hardware) add_space(run_label(Scope::kNetwork), Scope::kNetwork);
  if (config_.cost.model->surrogate) {
    for (const auto& [label, space] : spaces_) require_points_of_spaces(*space);
    const std::string& file = config_.cost.surrogate.file;
    if (!file.empty()) note_file("surrogate", file);
  }
  load_correction();
  for (const std::uint64_t seed : config_.seeds) {
    for (const std::string& label : labels_) runs_.push_back({label, seed});
  }
  if (config_.strategy.empty()) choose_strategy();
  config_.start = start_choices(config_, space(labels_.front()));
}

std::vector<Choices> StudySetup::start(const DecisionSpace& decisions) const {
  std::vector<Choices> starts;
  for (const auto& [named, where] : config_.start) {
    std::map<std::string, std::string> of_space;
    for (const Decision& decision : decisions.decisions()) {
      of_space[decision.name] = named.at(decision.name);
    }
    starts.push_back(decisions.encode(of_space));
  }
  return starts;
}

void StudySetup::choose_strategy() {
  double points = 0;
  for (const auto& [label, space] : spaces_) {
    points = std::max(points, space->cardinality());
  }
  DefaultStrategy chosen = default_strategy(static_cast<std::size_t>(config_.evaluations), points);
  config_.strategy = chosen.info->name;
  config_.strategy_parameters = std::move(chosen.parameters);
  strategy_reason_ = std::move(chosen.why);
}

CostModelInputs StudySetup::cost_inputs(int workers) const {
  return {{network_, hardware_},
          {config_.cost.technology, workers, simulation_runner(workers), {}},
          {},
          set_,
          measured_,
          figures_of(objective_),
          config_.cost.command,
          config_.has_accelerator(),
          correction_};
}

std::vector<Constraint> StudySetup::limits_before_accuracy() const {
  return config_.accuracy.ask_all ? std::vector<Constraint>() : objective_.constraints;
}

std::shared_ptr<const Simulator> StudySetup::areas_beforehand() const {
  return config_.cost.model->from_user ? nullptr : simulator_;
}

TaskRunner StudySetup::simulation_runner(int workers) const {
  return config_.service.empty() ? TaskRunner()
                                 : run_at_service(read_service(config_.service), workers);
}

void StudySetup::add_space(const std::string& label, Scope scope) {
  labels_.push_back(label);
  spaces_[label] = std::make_unique<SearchSpace>(network_, hardware_, scope, config_.restrict);
}

std::vector<SearchPhase> StudySetup::phases(const std::string& label) const {
  if (label != kPhaseLabel) {
    return {{space(label).scope(), config_.evaluations, objective_, objective_}};
  }
  std::vector<SearchPhase> phases;
  for (const PlannedPhase& planned : config_.planned_phases()) {
    phases.push_back(search_phase(planned));
  }
  return phases;
}

SearchPhase StudySetup::search_phase(const PlannedPhase& planned) const {
  SearchPhase phase{planned.scope, planned.evaluations, objective_, objective_};
  const PhaseSettings& settings = *config_.phase;
  if (settings.network_first) {
    if (planned.scope != Scope::kNetwork) return phase;
    phase.objective.reward.emplace();  // accuracy, whatever it costs
    phase.objective.constraints.clear();
    phase.choice = phase.objective;
  } else if (planned.scope == Scope::kHardware) {
    phase.objective.reward = hardware_reward(settings, *objective_.reward);
    phase.choice = phase.objective;
    if (settings.hardware_reward != nullptr) return phase;
    for (const RewardTerm& term : objective_.reward->terms) {
      if (is_latency(term)) continue;
      phase.choice.constraints.push_back({term.metric, term.target});
    }
  }
  return phase;
}

void StudySetup::load_network() {
  const NetworkSettings& settings = config_.network;
  if (settings.space.empty()) {
    network_.network = std::make_shared<Network>(find_network(settings.fixed));
    if (is_onnx_name(settings.fixed)) note_input(settings.fixed);
    file_checksums_["network"] = network_checksum(*network_.network);
    return;
  }
  const auto file = resolve_config("spaces", settings.space);
  note_file("network space", file);
  network_.space = std::make_shared<NetworkSpace>(NetworkSpace::load(file));
  if (!settings.fixed_choices.empty()) {
    network_.fixed = read_choices(network_.space->decisions(), settings.fixed_choices);
  }
  if (settings.points.empty()) return;
  note_file("network points", settings.points);
  network_.points = std::make_shared<NetworkPoints>(
      NetworkPoints::load(settings.points, *network_.space, settings.point_columns));
  if (network_.fixed) network_.points->require(network_.space->canonical(*network_.fixed));
}

void StudySetup::load_hardware() {
  const HardwareSettings& settings = config_.hardware;
  if (!settings.space.empty()) {
    const auto file = resolve_config("spaces", settings.space);
    note_file("hardware space", file);
    hardware_.space = std::make_shared<DesignSpace>(DesignSpace::load(file));
    hardware_.baseline = hardware_.space->base();
    // Where the space names one, it is another file.
    file_checksums_["base accelerator"] = Checksum::of(hardware_.baseline.to_yaml());
  }
  if (!settings.baseline.empty()) {
    const AcceleratorName name = read_accelerator_name(settings.baseline);
    note_file("baseline", name.file);
    hardware_.baseline = load_accelerator(name);
  }
  if (!hardware_.space) return;
  try {
    hardware_.baseline_choices = hardware_.space->encode(hardware_.baseline);
  } catch (const InputError&) {
    // Any accelerator may be the baseline; a surrogate will insist on a point of the space.
  }
}

void StudySetup::load_set() {
  if (config_.set.empty()) return;
  for (const StudySetItem* item : config_.set.networks_or_own()) {
    const bool own = item->what.empty();
    set_.networks.push_back(own ? nullptr : std::make_shared<Network>(find_network(item->what)));
    if (own) continue;
    file_checksums_["network " + item->name] = network_checksum(*set_.networks.back());
    if (is_onnx_name(item->what)) note_input(item->what);
  }
  for (const StudySetItem* item : config_.set.targets_or_own()) {
    set_.accelerators.emplace_back();
    if (item->what.empty()) continue;
    const AcceleratorName name = read_accelerator_name(item->what);
    note_file("target " + item->name, name.file);
    set_.accelerators.back() = load_accelerator(name);
  }
  set_.members = members_of(config_.set);
  const std::size_t targets = set_.accelerators.size();
  for (std::size_t m = 0; m < set_.members.size(); ++m) {
    const std::shared_ptr<const Network>& network = set_.networks[m / targets];
    if (config_.set.limit_of(m) || !network) continue;
    const SimulationResult here = simulator_->run(*network, hardware_.baseline);
    set_.members[m].reference_ms = here.feasible() ? here.latency_ms : Costs::kUnknown;
  }
  for (const std::string& key : SetFigure::keys_of(set_.members)) {
    set_.figures.push_back(SetFigure::parse(key, set_.members));
  }
  for (const Figure* metric : used_metrics(config_)) {
    const auto known = std::ranges::find(set_.figures, metric->key, &SetFigure::key);
    if (!is_set_key(metric->key) || known != set_.figures.end()) continue;
    set_.figures.push_back(SetFigure::parse(metric->key, set_.members));
  }
}

void StudySetup::load_costs() {
  if (!config_.cost.model->from_user) return;
  if (config_.cost.model->name == kMeasuredCosts) load_measured_costs();
  config_.cost.model->make(cost_inputs(1));  // throws for figures that nobody knows
}

void StudySetup::load_correction() {
  const std::string& file = config_.cost.correction;
  if (file.empty()) return;
  for (const auto& [label, space] : spaces_) require_points_of_spaces(*space, "correction");
  note_file("correction", file);
  correction_ = std::make_shared<SimulatorCorrection>(SimulatorCorrection::load(file));
  correction_->require_spaces(*network_.space, *hardware_.space, config_.cost.technology);
}

void StudySetup::load_measured_costs() {
  const std::string& file = config_.cost.file;
  note_file("costs", file);
  std::vector<std::string> targets;
  for (const SetMember& member : set_.members) targets.push_back(member.name);
  if (targets.empty()) targets.emplace_back();
  const bool searched = config_.scope != Scope::kNetwork;
  measured_ = std::make_shared<MeasuredCosts>(file, *network_.space,
                                              searched ? hardware_.space.get() : nullptr, targets,
                                              config_.cost.columns);
}

void StudySetup::note_file(const std::string& role, const std::filesystem::path& file) {
  note_input(file);
  file_checksums_[role] = Checksum::of(read_file(file));
}

StudyDescription StudySetup::description() const {
  StudyDescription description;
  StudyFacts& facts = description.facts;
  facts.name = config_.name;
  facts.configuration = config_.to_yaml();
  facts.build = build_description();
  facts.accuracy = accuracy_->source().description();
  if (config_.has_accelerator()) {
    facts.baseline = hardware_.baseline.to_yaml();
    facts.baseline_area_mm2 = baseline_area_mm2_;
  }
  facts.files = file_checksums_;
  for (const auto& [word, file] : config_.accuracy.settings->programs()) {
    facts.programs[word] = Checksum::of(read_file(file));
  }
  for (const auto& [word, file] : UserCommand::programs(config_.cost.command)) {
    facts.programs[StudyFacts::kOfCosts + word] = Checksum::of(read_file(file));
  }
  description.runs = runs_;
  description.of_sets = set_metrics(config_);
  for (const auto& [label, space] : spaces_) {
    description.decisions.emplace(label, space->decisions());
  }
  return description;
}

}  // namespace dovetail

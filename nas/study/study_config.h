#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "cost/cost_models.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/network/space/network_rows.h"
#include "nas/objective/evaluation.h"
#include "nas/objective/reward.h"
#include "nas/space/search_space.h"
#include "nas/strategy/strategies.h"
#include "nas/study/study_set.h"

namespace dovetail {

/// Of each search of a study, at most.
inline constexpr std::int64_t kMaxEvaluations = 1'000'000'000;

/// A number for a metric, or (area only) "baseline": that of the baseline accelerator.
struct MetricValue {
  const Figure* metric = nullptr;
  std::optional<double> value;  // empty: baseline
};

struct NetworkSettings {
  std::string space;  // name or file; empty if only one network is given
  std::string fixed;  // zoo name or file of the only network; empty if there is a space
  std::map<std::string, std::string> fixed_choices;  // a point of the space: decision -> choice
  std::string points;            // file of the networks that are searched; empty: all of the space
  NetworkColumns point_columns;  // of it
};

struct HardwareSettings {
  std::string space;     // name or file; may be empty if scope fixes the hardware
  std::string baseline;  // name or file; empty: the accelerator that the space starts from
};

/// A trained surrogate, or how to make one in the study's folder.
struct SurrogateSettings {
  std::string file;         // of a trained MLP; empty: label and fit
  std::string model;        // of rival_kinds(): what is fitted; "mlp" is trained and kept in a file
  std::int64_t labels = 0;  // random pairs to simulate
  std::uint64_t seed = 0;   // of the pairs and the training
  std::int64_t epochs = 0;  // of training
};

struct CostSettings {
  const CostModelInfo* model = &find_cost_model("simulation");
  std::string file;         // of measured costs, if the model looks them up
  CostFileFormat columns;   // of it
  CommandSettings command;  // the program that is asked, if the model asks one
  std::string technology = "16nm";
  SurrogateSettings surrogate;  // if the model uses one
  std::string correction;       // file: of what is simulated, by what was measured; empty: none
  /// Limits on costs are predicted by linear models of so many simulated candidates, drawn before
  /// the search; 0: strategies learn them.
  std::int64_t predicted_limits = 0;
  std::int64_t resimulate = 0;  // proposed candidates that are simulated, a round
  /// Rounds of search, simulation and refit at most, and of each simulated lot the share that is
  /// drawn at random from what the round looked at, to keep the surrogate honest elsewhere.
  std::int64_t rounds = 1;
  double explore_share = 0;
  /// No further round once the simulated hypervolume rose by less than this in one.
  double stop_gain_percent = 0;
  /// The file named no labels: they, and what it left open of the above, follow from the number of
  /// evaluations. Not part of to_yaml(), which names them.
  bool labels_by_budget = false;

  /// How tables call figures that are final.
  const char* figures() const;
};

struct RewardTermSettings {
  MetricValue target;
  const RewardKind* kind = nullptr;
  double weight = 0;
};

struct RewardSettings {
  const RewardKind* kind = nullptr;  // of all terms; null: the file gives each its own
  std::vector<RewardTermSettings> terms;
};

/// Scope `phase`: one side is searched while the other is fixed, then the other for the best found
/// (the "phase" search of NAHAS).
struct PhaseSettings {
  /// Accuracy first, whatever it costs, then hardware for that network, once: "two-stage".
  bool network_first = false;
  std::int64_t cycles = 1;                // each of a search of both sides: coordinate descent
  std::int64_t hardware_evaluations = 0;  // of all cycles; the others are the network's
  /// What hardware is searched by, with the study's targets; null: the fastest within the others.
  const RewardKind* hardware_reward = nullptr;
  std::map<std::string, double> weights;  // of it, by metric
};

/// A part of a search in phases.
struct PlannedPhase {
  Scope scope = Scope::kHardware;
  std::int64_t evaluations = 0;
};

/// A candidate that is asked first: choices by the names of decisions and, until a StudySetup has
/// read them, by what has them (study_start.h).
struct StartCandidate {
  std::map<std::string, std::string> choices;
  Location where = {};  // for messages
};

/// A study as its file says it, checked, with the defaults filled in. Every key is documented in
/// docs/search.md.
struct StudyConfig {
  std::string name;
  Scope scope = Scope::kJoint;         // what a candidate of the study decides
  std::optional<PhaseSettings> phase;  // of scope `phase`, where `scope` is kJoint
  StudySet set;                        // of several networks or accelerators
  NetworkSettings network;
  HardwareSettings hardware;
  std::vector<DecisionLimit> restrict;  // what is searched of the spaces; empty: all
  AccuracyChoice accuracy = no_accuracy();
  CostSettings cost;
  std::vector<const Figure*> pareto;
  std::vector<double> reference;  // of the hypervolume, one a metric of `pareto`
  std::optional<RewardSettings> reward;
  std::vector<MetricValue> constraints;
  std::string strategy;  // empty: the best known for the budget, which a StudySetup fills in
  StrategyParameters strategy_parameters;
  std::vector<StartCandidate> start;
  std::int64_t evaluations = 0;
  std::int64_t batch = 0;  // 0: what the strategy prefers
  std::vector<std::uint64_t> seeds;
  bool compare_with_fixed_hardware = false;

  // How it is carried out; no effect on results and so not part of to_yaml().
  int workers = 0;      // 0: as many as there are processors
  std::string service;  // HOST:PORT, ...: where simulations are asked for; empty: this machine
  std::filesystem::path output;

  /// Whether there is an accelerator at all: measured costs may be those of devices that are only
  /// named.
  bool has_accelerator() const;
  /// The parts of a search in phases, in their order; none if it has no phases.
  std::vector<PlannedPhase> planned_phases() const;

  /// Reads `schema: dovetail.study/1`. Paths in it are relative to `folder`.
  static StudyConfig from_yaml(const YamlNode& node, const std::filesystem::path& folder);
  static StudyConfig load(const std::filesystem::path& file);
  /// All that decides the results, with every default written out; reads back to the same.
  std::string to_yaml() const;
};

}  // namespace dovetail

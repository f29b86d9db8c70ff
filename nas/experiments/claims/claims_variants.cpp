#include "nas/experiments/claims/claims_variants.h"

#include <algorithm>

#include "base/text/error.h"
#include "nas/experiments/claims/target_study.h"

namespace dovetail {
namespace {

constexpr std::int64_t kCycles = 3;

void require_claims_study(const StudyConfig& study) {
  const std::string what = "study '" + study.name + "': ";
  if (!study.phase || study.phase->network_first) {
    throw InputError(what + "scope must be 'phase', hardware first: it names the network for that");
  }
  if (study.cost.model->surrogate) {
    throw InputError(what + "cost.model must be 'simulation': samples are counted");
  }
  if (!study.cost.correction.empty()) {
    throw InputError(what +
                     "cost.correction: the published networks that it compares with are simulated "
                     "without one");
  }
  for (const MetricValue& constraint : study.constraints) {
    if (constraint.metric->key != "area_mm2") continue;
    throw InputError(what +
                     "constraints has area_mm2, which some of the searches have and others "
                     "not: leave it to them");
  }
}

void limit_area(StudyConfig& config) {
  config.constraints.push_back({&find_metric("area_mm2"), std::nullopt});
}

void search_without_phases(StudyConfig& config, Scope scope) {
  config.phase.reset();
  config.network.fixed_choices.clear();
  config.scope = scope;
}

}  // namespace

const std::vector<ClaimsVariantInfo>& claims_variants() {
  using enum ClaimsVariant;
  static const std::vector<ClaimsVariantInfo> kVariants{
      {kJoint, "joint", "joint"},
      {kJointLimited, "joint_limited", "joint, area a limit"},
      {kFixedHardware, "fixed_hardware", "fixed hardware"},
      {kPhase, "phase", "phase"},
      {kPhaseLimited, "phase_limited", "phase, area a limit"},
      {kPhaseTwice, "phase_2x", "phase, 2x"},
      {kPhaseSoft, "phase_soft", "phase, soft reward"},
      {kPhaseCycles, "phase_cycles", "3 cycles"},
      {kTwoStage, "two_stage", "two-stage"},
  };
  return kVariants;
}

const ClaimsVariantInfo& claims_variant(ClaimsVariant variant) {
  return *std::find_if(claims_variants().begin(), claims_variants().end(),
                       [&](const ClaimsVariantInfo& info) { return info.variant == variant; });
}

StudyConfig claims_study(const StudyConfig& study, ClaimsVariant variant,
                         double latency_target_ms) {
  require_claims_study(study);
  StudyConfig config = with_latency_target(study, latency_target_ms);
  config.name = study.name + "_" + claims_variant(variant).name;
  PhaseSettings& phase = *config.phase;
  phase.cycles = 1;
  phase.hardware_reward = nullptr;
  phase.weights.clear();
  switch (variant) {
    case ClaimsVariant::kJointLimited:
      limit_area(config);
      [[fallthrough]];
    case ClaimsVariant::kJoint:
      search_without_phases(config, Scope::kJoint);
      break;
    case ClaimsVariant::kFixedHardware:
      search_without_phases(config, Scope::kNetwork);
      break;
    case ClaimsVariant::kPhase:
      break;
    case ClaimsVariant::kPhaseLimited:
      limit_area(config);
      break;
    case ClaimsVariant::kPhaseTwice:
      config.evaluations *= 2;
      phase.hardware_evaluations *= 2;
      break;
    case ClaimsVariant::kPhaseSoft: {
      const RewardKind& soft = find_reward_kind("nahas_soft");
      phase.hardware_reward = &soft;
      for (const RewardTermSettings& term : config.reward->terms) {
        phase.weights[term.target.metric->key] = soft.default_weight;
      }
      break;
    }
    case ClaimsVariant::kPhaseCycles:
      phase.cycles = kCycles;
      break;
    case ClaimsVariant::kTwoStage:
      phase.network_first = true;
      config.network.fixed_choices.clear();
      break;
  }
  return config;
}

}  // namespace dovetail

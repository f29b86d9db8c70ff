#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// The ways of searching that NAHAS compares (Zhou et al., "NAHAS: Neural architecture and hardware
/// accelerator search", 2020), and readings of them.
enum class ClaimsVariant {
  kJoint,          // network and hardware together; only the reward knows of the area
  kJointLimited,   // with the baseline's area as a constraint
  kFixedHardware,  // networks for the baseline
  kPhase,          // the fastest hardware within the area for one network, then networks for it
  kPhaseLimited,   // with the baseline's area as a constraint
  kPhaseTwice,     // kPhase with twice the evaluations
  kPhaseSoft,      // the highest soft reward in place of the fastest: the literal reading
  kPhaseCycles,    // kPhase three times over, with as many evaluations in all
  kTwoStage,       // the most accurate network, then hardware for it
};

struct ClaimsVariantInfo {
  ClaimsVariant variant;
  std::string name;   // in results
  std::string title;  // in tables
};
/// In this order everywhere.
const std::vector<ClaimsVariantInfo>& claims_variants();
const ClaimsVariantInfo& claims_variant(ClaimsVariant variant);

/// The study of one variant and target. `study` has scope phase (so it names the network that the
/// hardware is searched for) and a reward on latency. Throws InputError for any other study.
StudyConfig claims_study(const StudyConfig& study, ClaimsVariant variant, double latency_target_ms);

}  // namespace dovetail

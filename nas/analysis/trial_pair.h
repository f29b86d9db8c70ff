#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/network/layers/network.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// A stored study with everything that it names; `file` is its study.db. Throws InputError if a
/// space that the study was run on has changed since.
StudySetup load_setup(const StudyStore& store, const std::filesystem::path& file);

/// What files of pairs call the source of costs that were simulated.
inline constexpr const char *kSimulation = "simulation",
                            *kCorrectedSimulation = "simulation, corrected";

/// The network and the accelerator of a trial, and what the study said of both.
struct TrialPair {
  Network network;
  AcceleratorConfig accelerator;
  AccuracyChoice accuracy;
  std::string technology;
  /// Of its network in a space of them; else both are empty.
  DecisionSpace network_decisions{};
  Choices network_choices{};
  /// Of its accelerator in a space of them; else empty.
  Choices hardware_choices{};
  /// Of what the study simulates; null: none.
  std::shared_ptr<const SimulatorCorrection> correction = nullptr;
};

/// `study` is a folder or its study.db. Throws InputError if there is no such study or trial, if a
/// space that the study was run on has changed since, if the study has no accelerator, or if what
/// it corrects is another simulator than that of this build.
TrialPair load_trial_pair(const std::filesystem::path& study, std::int64_t trial);
/// Of several trials, in their order: the study is opened and checked once.
std::vector<TrialPair> load_trial_pairs(const std::filesystem::path& study,
                                        std::span<const std::int64_t> trials);

}  // namespace dovetail

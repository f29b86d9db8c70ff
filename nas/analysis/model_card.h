#pragma once

#include <string>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// What a card says of a pair beside what its study does.
struct CardSubject {
  const Network& network;
  const AcceleratorConfig& accelerator;
  std::string technology;  // name or file, as the study has it
  bool network_yaml;       // beside network.onnx
  bool corrected = false;  // what was simulated, by what was measured
};

/// A model card for the folder of a trial's pair: Markdown with front matter in YAML, as model hubs
/// read it. Its figures are the trial's, each with its unit and where it comes from; what was not
/// measured is said to be so, and what nobody told (licence, data set) is left out.
std::string model_card(const StudyDescription& study, const StudyRun& run, const TrialRecord& trial,
                       const CardSubject& subject);

}  // namespace dovetail

#include "nas/analysis/trial_pair.h"

#include <fmt/core.h>

#include <utility>

#include "base/text/error.h"
#include "nas/analysis/stored_study.h"
#include "nas/study/moved_paths.h"

namespace dovetail {

StudySetup load_setup(const StudyStore& store, const std::filesystem::path& file) {
  const std::string configuration =
      with_files_near(store.description().facts.configuration, file.parent_path());
  StudySetup setup(
      StudyConfig::from_yaml(YamlNode::parse(configuration, file.string()), file.parent_path()));
  require_same_inputs(setup.description(), store.description(), file);
  return setup;
}

std::vector<TrialPair> load_trial_pairs(const std::filesystem::path& study,
                                        std::span<const std::int64_t> trials) {
  const std::filesystem::path file = study_file(study);
  const StudyStore store = StudyStore::open(file, StudyStore::Access::kRead);
  const StudySetup setup = load_setup(store, file);
  if (!setup.config().has_accelerator()) {
    throw InputError(
        fmt::format("{}: the study has no accelerator: its costs are measured ones, {}",
                    file.string(), setup.config().cost.file));
  }
  const std::shared_ptr<const NetworkSpace>& networks = setup.network().space;
  if (setup.correction()) {
    setup.correction()->require_simulator(*networks, *setup.hardware().space,
                                          setup.config().cost.technology);
  }
  std::vector<TrialPair> pairs;
  for (const std::int64_t id : trials) {
    const auto [trial, run] = store.trial(id);
    const SearchSpace& space = setup.space(store.description().runs.at(run).label);
    const Candidate candidate = space.decode(trial.choices);
    pairs.push_back({space.build_network(trial.choices), candidate.accelerator,
                     setup.config().accuracy, setup.config().cost.technology,
                     networks ? networks->decisions() : DecisionSpace(), candidate.network,
                     candidate.hardware, setup.correction()});
  }
  return pairs;
}

TrialPair load_trial_pair(const std::filesystem::path& study, std::int64_t trial) {
  return std::move(load_trial_pairs(study, {&trial, 1}).front());
}

}  // namespace dovetail

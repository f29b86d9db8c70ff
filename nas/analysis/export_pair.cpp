#include "nas/analysis/export_pair.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/analysis/model_card.h"
#include "nas/analysis/stored_study.h"
#include "nas/analysis/trial_pair.h"
#include "nas/analysis/trial_table.h"
#include "sim/exchange/onnx_costs.h"
#include "sim/exchange/torch_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPairFile = "pair.yaml";
/// Whatever a pair may consist of.
constexpr std::array kPairFiles{
    "network.yaml",      "network.onnx",     "network.onnx.data", "network.json",
    "dovetail_torch.py", "accelerator.yaml", "README.md",         kPairFile};

std::string zoo_yaml(const std::string& name_or_path) {
  for (const ZooEntry& entry : list_zoo()) {
    const bool alias =
        std::find(entry.aliases.begin(), entry.aliases.end(), name_or_path) != entry.aliases.end();
    if (entry.name == name_or_path || alias) return read_file(entry.file);
  }
  return read_file(name_or_path);
}

/// As YAML; nothing of a network that was ONNX: then network.onnx alone says what it is.
std::optional<std::string> network_text(const StudySetup& setup, const SearchSpace& space,
                                        const Choices& choices) {
  const std::string& fixed = setup.config().network.fixed;
  if (is_onnx_name(fixed)) return std::nullopt;
  const auto& networks = setup.network().space;
  return networks ? networks->to_yaml(space.decode(choices).network) : zoo_yaml(fixed);
}

/// Where the costs of a trial come from.
std::string source_of_costs(const StudyConfig& config, const Evaluation& evaluation) {
  if (evaluation.claimed) return "claims, not simulated";
  if (config.cost.model->from_user) return config.cost.model->name;
  if (!evaluation.simulated) return "prediction";
  return config.cost.correction.empty() ? kSimulation : kCorrectedSimulation;
}

std::string pair_text(const StudySetup& setup, const StudyDescription& study, const StudyRun& run,
                      const TrialRecord& trial, const SearchSpace& space,
                      const std::string& network_file) {
  std::string text = "schema: dovetail.pair/2\n";
  text += "study: " + yaml_scalar(study.facts.name) + "\n";
  text += fmt::format("run: {}\nseed: {}\ntrial: {}\n", run.label, run.seed, trial.id);
  text += "build: " + yaml_scalar(study.facts.build) + "\n";
  text += "network: " + network_file + "\n";
  text += setup.config().has_accelerator()
              ? "accelerator: accelerator.yaml\n"
              : "# There is no accelerator: the costs are measured ones.\ncosts: " +
                    yaml_scalar(setup.config().cost.file) + "\n";
  const Evaluation& evaluation = trial.evaluation;
  text += "status: " + to_string(evaluation.status) + "\n";
  if (!evaluation.reason.empty()) text += "reason: " + yaml_scalar(evaluation.reason) + "\n";
  if (evaluation.ok()) {
    text += "costs_from: " + source_of_costs(setup.config(), evaluation) + "\n";
    if (!setup.config().cost.correction.empty()) {
      text += "correction: " + yaml_scalar(setup.config().cost.correction) + "\n";
    }
    if (setup.config().cost.model->predictions_are_final()) {
      text += "surrogate: " + yaml_scalar(setup.config().cost.surrogate.file) + "\n";
    }
    if (evaluation.accuracy.extrapolated) text += "accuracy_extrapolated: true\n";
    for (const Figure* metric : known_metrics(evaluation)) {
      text += fmt::format("{}: {}  # {}: {}\n", metric->key,
                          format_number(evaluation.value(*metric)), metric->unit, metric->meaning);
    }
  }
  text += "choices:\n";
  const std::vector<bool> active = space.active(trial.choices);
  for (std::size_t i = 0; i < trial.choices.size(); ++i) {
    if (!active[i]) continue;
    const Decision& decision = space.decisions()[i];
    text += "  " + decision.name + ": " + yaml_scalar(decision.choices[trial.choices[i]]) + "\n";
  }
  return text;
}

/// A model card or an accelerator of an earlier pair would be taken for this one's.
void remove_all_but(const std::vector<fs::path>& written, const fs::path& folder) {
  for (const char* name : kPairFiles) {
    if (std::ranges::count(written, folder / name) == 0) fs::remove(folder / name);
  }
}

}  // namespace

std::vector<fs::path> export_pair(const fs::path& study, std::int64_t trial_id,
                                  const fs::path& output, const OnnxOptions& given,
                                  const PairExtras& extras) {
  const fs::path file = study_file(study);
  const StudyStore store = StudyStore::open(file, StudyStore::Access::kRead);
  const auto [trial, run_index] = store.trial(trial_id);
  const StudyRun& run = store.description().runs.at(run_index);
  const StudySetup setup = load_setup(store, file);
  const SearchSpace& space = setup.space(run.label);

  require_writable_folder(output);
  // Before the first of them is written.
  for (const char* name : kPairFiles) require_no_input(output / name);
  const bool has_pair = fs::exists(output / kPairFile);
  const std::optional<std::string> network = network_text(setup, space, trial.choices);
  std::vector<std::pair<const char*, std::string>> files{
      {kPairFile, pair_text(setup, store.description(), run, trial, space,
                            network ? "network.yaml" : "network.onnx")}};
  const AcceleratorConfig accelerator = space.decode(trial.choices).accelerator;
  if (setup.config().has_accelerator()) {
    files.insert(files.begin(), {"accelerator.yaml", accelerator.to_yaml()});
  } else if (extras.card || extras.costs) {
    throw InputError(
        "study export: --card and --costs say what a network costs on an accelerator; "
        "this study has measured costs and no accelerator");
  }
  if (setup.correction() && extras.costs) {
    throw InputError(
        "study export: --costs says what the simulator does, layer by layer; the figures of this "
        "study are corrected by what was measured, which says nothing of layers");
  }
  const Network built = space.build_network(trial.choices);
  const std::string& technology = setup.config().cost.technology;
  if (extras.card) {
    files.emplace_back("README.md", model_card(store.description(), run, trial,
                                               {built, accelerator, technology, network.has_value(),
                                                setup.correction() != nullptr}));
  }
  OnnxOptions onnx = given;
  if (extras.costs) onnx.metadata = simulated_costs(built, accelerator, technology);
  if (network) files.insert(files.begin(), {"network.yaml", *network});
  std::vector<fs::path> written = save_onnx(built, output / "network.onnx", onnx).files;
  for (const auto& [name, content] : files) {
    write_file_atomically(output / name, content);
    written.push_back(output / name);
  }
  if (extras.torch) {
    for (const fs::path& torch : write_torch_files(built, output)) written.push_back(torch);
  }
  if (has_pair) remove_all_but(written, output);
  return written;
}

}  // namespace dovetail

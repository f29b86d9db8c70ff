#include "nas/analysis/export_pair.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/files/atomic_file.h"
#include "models/network/zoo.h"
#include "nas/study/study.h"
#include "tests/nas/study/found_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

class ExportPairTest : public testing::Test {
 protected:
  FoundStudy run(const StudySetup& setup) const {
    StudyOptions options;
    options.folder = study();
    options.progress = ProgressMode::kQuiet;
    return run_and_report(setup, options);
  }
  fs::path study() const { return files_.path() / "out"; }
  fs::path pair() const { return files_.path() / "pair"; }

  /// The exported pair, simulated from its files alone, is the trial.
  void expect_same_figures(const TrialRecord& trial, Simulator& simulator) const {
    const Network network = load_network(pair() / "network.yaml");
    const SimulationResult again =
        simulator.run(network, AcceleratorConfig::load(pair() / "accelerator.yaml"));
    EXPECT_EQ(again.cycles, trial.evaluation.costs.cycles);
    EXPECT_EQ(again.latency_ms, trial.evaluation.costs.latency_ms);
    EXPECT_EQ(again.area_mm2, trial.evaluation.costs.area_mm2);
  }

  TinyStudy files_;
};

TEST_F(ExportPairTest, TheFilesAloneGiveTheFiguresOfTheTrial) {
  const StudySetup setup(files_.config("comparison: fixed_hardware\n"));
  const FoundStudy outcome = run(setup);
  for (const auto& [label, front] : outcome.results().fronts) {
    const TrialRecord& trial = front.back()->record;
    EXPECT_EQ(export_pair(study(), trial.id, pair()).size(), 4u);
    expect_same_figures(trial, *setup.simulator());
    const Network network = load_network(pair() / "network.yaml");
    EXPECT_EQ(load_onnx(pair() / "network.onnx").layers(), network.layers());
    const Network built = setup.space(label).build_network(trial.choices);
    EXPECT_EQ(network.layers(), built.layers());
    EXPECT_EQ(network.name(), built.name());

    YamlMap description = YamlNode::load(pair() / "pair.yaml").map();
    description.require_schema("dovetail.pair/2");
    EXPECT_EQ(description.required("trial").as_int(), trial.id);
    EXPECT_EQ(description.required("latency_ms").as_double(), trial.evaluation.costs.latency_ms);
    EXPECT_EQ(description.required("energy_mj").as_double(), trial.evaluation.costs.energy_mj);
    EXPECT_EQ(description.required("costs_from").as_string(), "simulation");
  }
}

TEST_F(ExportPairTest, OfTheEarlierPairOfAFolderNothingStays) {
  run(StudySetup(files_.config()));
  const auto names = [](const fs::path& folder) {
    std::set<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      found.insert(entry.path().filename().string());
    }
    return found;
  };
  const fs::path folder = pair() / "";  // as a user may write it
  fs::create_directory(pair());
  files_.folder().write("pair/README.md", "of the user");
  files_.folder().write("pair/notes.txt", "of the user");
  export_pair(study(), 1, folder);
  EXPECT_EQ(read_file(pair() / "README.md"), "of the user");  // there was no pair

  OnnxOptions outside;
  outside.external_data = true;
  const auto all = export_pair(study(), 2, folder, outside, {.card = true, .torch = true});
  EXPECT_EQ(all.size(), 8U);
  for (const fs::path& file : all) EXPECT_TRUE(fs::exists(file)) << file;

  export_pair(study(), 3, folder);
  EXPECT_EQ(names(pair()), (std::set<std::string>{"accelerator.yaml", "network.onnx",
                                                  "network.yaml", "notes.txt", "pair.yaml"}));
}

TEST_F(ExportPairTest, AZooNetworkIsExportedAsItIs) {
  const StudySetup setup(files_.config(
      "scope: hardware\nnetwork: {fixed: mobilenetv2_1.0_224}\naccuracy: {source: published}\n"
      "evaluations: 5\nobjective: {pareto: [latency_ms, area_mm2], reference: {latency_ms: 5, "
      "area_mm2: 100}}\n"));
  const FoundStudy outcome = run(setup);
  const TrialRecord& trial = outcome.results().runs[0].front.front()->record;
  export_pair(study(), trial.id, pair());
  expect_same_figures(trial, *setup.simulator());
}

TEST_F(ExportPairTest, AnUnknownTrialOrStudyIsRefusedAndNothingIsWritten) {
  run(StudySetup(files_.config()));
  EXPECT_NE(message_of<InputError>([&] {
              export_pair(study(), 97, pair());
            }).find("found no trial 97, allowed 1 to 96"),
            std::string::npos);
  EXPECT_THROW(export_pair(files_.path() / "nowhere", 1, pair()), InputError);
  EXPECT_FALSE(fs::exists(pair()));
}

TEST_F(ExportPairTest, AChangedSpaceIsRefused) {
  run(StudySetup(files_.config()));
  files_.folder().write("hw.yaml", read_file(files_.path() / "hw.yaml") + "# edited\n");
  EXPECT_NE(message_of<InputError>([&] {
              export_pair(study(), 1, pair());
            }).find("hardware space has changed"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail

#pragma once

#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/text/text.h"
#include "models/accuracy/ridge/accuracy_fit.h"
#include "models/network/space/network_space.h"
#include "nas/study/study_config.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {

/// The files of a study that runs in no time: the tiny spaces, and a predictor fitted on a made-up
/// accuracy that grows with kernels, expansions and depth.
class TinyStudy {
 public:
  /// In a folder of its own.
  TinyStudy() : TinyStudy(std::make_unique<TemporaryFolder>()) {}
  /// In a folder that outlives it.
  explicit TinyStudy(const TemporaryFolder& folder) : folder_(folder) { write_files(); }

  /// The study with lines of it replaced: "key: value" for keys of the first level.
  std::filesystem::path write_study(const std::string& changes) const {
    std::string text;
    for (const std::string& line : split(kStudy, '\n')) {
      const std::string key = line.substr(0, line.find(':') + 1);
      if (line.empty() || changes.rfind(key, 0) == 0 ||
          changes.find("\n" + key) != std::string::npos) {
        continue;
      }
      text += line + "\n";
    }
    return folder_.write("study.yaml", text + changes);
  }
  StudyConfig config(const std::string& changes = "") const {
    return StudyConfig::load(write_study(changes));
  }

  const std::filesystem::path& path() const { return folder_.path(); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  explicit TinyStudy(std::unique_ptr<TemporaryFolder> folder)
      : owned_(std::move(folder)), folder_(*owned_) {
    write_files();
  }

  void write_files() const {
    write_tiny_spaces(folder_);
    write_predictor();
    write_study("");
  }

  // One key a line, so that tests can replace them.
  static constexpr const char* kStudy = R"(schema: dovetail.study/1
name: tiny
scope: joint
network: {space: ./net.yaml}
hardware: {space: ./hw.yaml}
accuracy: {source: predictor, file: ./predictor.json}
cost: {model: simulation}
objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: 0.1}}
constraints: {area_mm2: baseline}
strategy: {name: nsga2, population: 16}
evaluations: 96
seeds: [1]
)";

  void write_predictor() const {
    const NetworkSpace space = NetworkSpace::load(path() / "net.yaml");
    MeasuredAccuracies measured;
    const std::uint64_t count = *space.decisions().count();
    for (std::uint64_t i = 0; i < count; ++i) {
      const Choices choices = space.decisions().from_index(i);
      if (space.canonical(choices) != choices) continue;
      const double top1 =
          65 + choices[0] + 1.5 * choices[1] + choices[4] * (1 + 0.7 * choices[2] + choices[3]);
      measured.networks.push_back({choices, top1, 1});
    }
    measured.rows = measured.networks.size();
    AccuracyFitOptions options;
    options.other_splits = 0;
    options.folds = 2;
    options.random_networks = 100;
    options.held_out_fraction = 0.1;
    folder_.write("predictor.json", fit_accuracy(measured, space, options).to_json());
  }

  std::unique_ptr<TemporaryFolder> owned_;
  const TemporaryFolder& folder_;
};

}  // namespace dovetail

#include "nas/experiments/cost_models/cost_model_bench.h"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/rivals/rival.h"
#include "nas/analysis/run_result.h"
#include "nas/analysis/study_files.h"
#include "nas/study/study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSimulation = "simulation";
constexpr const char* kSecondsFile = "wall_seconds";  // written when a study is complete

/// False if stopped.
bool run_timed(const StudyConfig& config, const fs::path& folder,
               const CostModelBenchOptions& options) {
  // The time of a study that was stopped in between would be of nothing.
  if (fs::exists(folder / "study.db")) fs::remove_all(folder);
  const auto start = std::chrono::steady_clock::now();
  const StudySetup setup(config);
  StudyOptions how;
  how.folder = folder;
  how.workers = options.workers;
  how.progress = ProgressMode::kQuiet;
  how.keep_going = options.keep_going;
  how.report = [&] { report_study(setup, folder); };
  if (!run_study(setup, how).complete) return false;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  write_file_atomically(folder / kSecondsFile, fmt::format("{:.3f}\n", took.count()));
  return true;
}

CostModelSearch search_of(const StudyConfig& config, const std::string& model,
                          const fs::path& folder) {
  const StoredStudy study = StoredStudy::load(folder);
  const RunResult result = run_result(study, study.objective, 0);
  CostModelSearch search;
  search.model = model;
  search.seed = result.run.seed;
  search.asked = static_cast<std::int64_t>(result.searched.size());
  search.simulated = static_cast<std::int64_t>(result.simulated()) + config.cost.surrogate.labels;
  search.seconds = decimal_number(trim(read_file(folder / kSecondsFile))).value_or(0);
  search.hypervolume = result.hypervolume;
  search.latency_error_percent = result.latency_error_percent;
  return search;
}

}  // namespace

StudyConfig with_cost_model(const StudyConfig& study, const std::string& model,
                            std::uint64_t seed) {
  const std::string what = "study '" + study.name + "': ";
  if (!study.cost.model->predicts || !study.cost.surrogate.file.empty()) {
    throw InputError(what +
                     "cost must have model 'surrogate_then_simulation' and surrogate.labels");
  }
  if (study.compare_with_fixed_hardware || study.phase) {
    throw InputError(what + "one search is timed: 'comparison' must be none and scope no 'phase'");
  }
  StudyConfig config = study;
  config.name = study.name + "_" + model;
  config.seeds = {seed};
  if (model == kSimulation) {
    CostSettings cost;  // without what belongs to predictions
    cost.technology = study.cost.technology;
    cost.correction = study.cost.correction;
    config.cost = cost;
    return config;
  }
  config.cost.surrogate.model = find_rival(model).name;
  return config;
}

std::vector<CostModelSearch> run_cost_model_bench(const StudyConfig& study,
                                                  const CostModelBenchOptions& options) {
  std::vector<CostModelSearch> searches;
  const std::uint64_t of = options.models.size() * study.seeds.size();
  for (const std::string& model : options.models) with_cost_model(study, model, 0);
  for (const std::string& model : options.models) {
    for (const std::uint64_t seed : study.seeds) {
      if (options.progress) options.progress(searches.size(), of);
      const StudyConfig config = with_cost_model(study, model, seed);
      const fs::path folder = options.folder / model / fmt::format("seed{}", seed);
      if (!fs::exists(folder / kSecondsFile) && !run_timed(config, folder, options)) {
        throw RunError(
            fmt::format("stopped; the same command goes on in {}", options.folder.string()));
      }
      searches.push_back(search_of(config, model, folder));
    }
  }
  if (options.progress) options.progress(of, of);
  return searches;
}

}  // namespace dovetail

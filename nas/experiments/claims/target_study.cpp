#include "nas/experiments/claims/target_study.h"

#include <fmt/core.h>

#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "nas/analysis/study_files.h"
#include "nas/study/study.h"

namespace dovetail {
namespace {

void run_task(const StudyTask& task) {
  const StudySetup setup(task.config);
  StudyOptions options;
  options.folder = task.folder;
  options.resume = std::filesystem::exists(task.folder / "study.db");
  options.progress = ProgressMode::kQuiet;
  // That nothing holds the target is an answer too.
  options.report = [&] { report_study(setup, task.folder); };
  run_study(setup, options);
}

}  // namespace

StudyConfig with_latency_target(const StudyConfig& study, double target_ms) {
  StudyConfig config = study;
  if (config.reward) {
    for (RewardTermSettings& term : config.reward->terms) {
      if (term.target.metric->key != "latency_ms") continue;
      term.target.value = target_ms;
      return config;
    }
  }
  throw InputError("study '" + study.name + "': objective.reward has no target for latency_ms");
}

void run_study_tasks(const std::vector<StudyTask>& tasks, int workers,
                     const std::filesystem::path& where, const std::function<bool()>& keep_going,
                     const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::uint64_t done = 0;
  if (progress) progress(done, tasks.size());
  const auto work = [&](std::uint64_t task) {
    run_task(tasks[task]);
    return std::string();
  };
  const auto deliver = [&](std::uint64_t, const std::string&) {
    if (progress) progress(++done, tasks.size());
  };
  const auto name_of = [&](std::uint64_t task) { return tasks[task].folder.string(); };
  if (run_in_workers(tasks.size(), workers, work, deliver, keep_going, name_of) < tasks.size()) {
    throw RunError(fmt::format("stopped; the same command goes on in {}", where.string()));
  }
}

}  // namespace dovetail

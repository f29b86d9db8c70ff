#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// One study of several that are run side by side.
struct StudyTask {
  StudyConfig config;
  std::filesystem::path folder;
};

/// The study with another latency target of its reward, in ms. Throws InputError if it has none.
StudyConfig with_latency_target(const StudyConfig& study, double target_ms);

/// Runs each study that is not complete in its folder, `workers` of them at a time in processes of
/// their own; what was begun goes on. Throws RunError naming `where` if stopped.
void run_study_tasks(const std::vector<StudyTask>& tasks, int workers,
                     const std::filesystem::path& where, const std::function<bool()>& keep_going,
                     const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace dovetail

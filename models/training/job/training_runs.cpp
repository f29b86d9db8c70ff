#include "models/training/job/training_runs.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/files/atomic_file.h"
#include "base/process/child_processes.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/training/weights/tensor_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "dovetail_trainer";
// Exit statuses of the program (trainer_main.cpp).
constexpr int kInputErrorCode = 2, kDiskFullCode = 3;

/// The last line of what a program said before it failed.
std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty()) last = trim(line);
  }
  return last;
}

/// What the last checkpoint says; nothing if there is none.
std::vector<EpochRecord> saved_curve(const fs::path& folder) {
  std::error_code error;
  const fs::path file = JobFiles::in(folder).checkpoint;
  if (!fs::exists(file, error)) return {};
  const TensorFile state = TensorFile::load(file);
  const auto curve = state.metadata.find("curve");
  return curve == state.metadata.end() ? std::vector<EpochRecord>{} : curve_of(curve->second);
}

TrainingEnd end_of(const ChildEnd& end, const fs::path& folder) {
  if (end.ok()) {
    TrainingEnd done{
        TrainingEnd::Kind::kDone, TrainingResult::load(JobFiles::in(folder).result), "", {}};
    done.curve = done.result.curve;
    return done;
  }
  std::string reason = last_line(end.err);
  if (reason.empty()) reason = "training: " + end.describe();
  TrainingEnd failed{TrainingEnd::Kind::kRunError, {}, reason, saved_curve(folder)};
  if (end.kind != ChildEnd::Kind::kExited) return failed;
  if (end.code == kInputErrorCode) failed.kind = TrainingEnd::Kind::kInputError;
  if (end.code == kDiskFullCode) failed.kind = TrainingEnd::Kind::kDiskFull;
  return failed;
}

}  // namespace

fs::path trainer_program() {
  // Beside this program, else that of the build: tests are elsewhere.
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / kProgram;
  return ::access(beside.c_str(), X_OK) == 0 ? beside : fs::path(DOVETAIL_TRAINER);
}

void require_trainer() {
  const fs::path program = trainer_program();
  if (::access(program.c_str(), X_OK) == 0) return;
  throw InputError(fmt::format(
      "training: this build cannot train ({} is missing); install libtorch-dev and "
      "libopenblas0-openmp, then configure and build again (with DOVETAIL_TRAINING not OFF)",
      kProgram));
}

std::optional<TrainingProgress> read_progress(const fs::path& folder) {
  std::error_code error;
  const fs::path file = JobFiles::in(folder).progress;
  if (!fs::exists(file, error)) return std::nullopt;
  std::istringstream text(read_file(file));
  TrainingProgress progress;
  text >> progress.epochs >> progress.step >> progress.steps >> progress.validation_percent;
  if (!text) return std::nullopt;
  return progress;
}

void run_trainings(std::span<const fs::path> folders, int parallel,
                   const std::function<void(std::size_t, const TrainingEnd&)>& ended,
                   const KeepGoing& keep_going) {
  require_trainer();
  const auto start = [&](std::uint64_t task, int) {
    ChildCommand command;
    command.words = {trainer_program().string(), fs::absolute(folders[task]).string()};
    return command;
  };
  run_children(
      folders.size(), parallel, start,
      [&](std::uint64_t task, const ChildEnd& end) {
        ended(task, end_of(end, folders[task]));
        return true;
      },
      keep_going);
}

}  // namespace dovetail

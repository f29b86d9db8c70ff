#include "models/training/job/training_folder.h"

#include <fmt/core.h>

#include <optional>
#include <sstream>

#include "base/files/atomic_file.h"
#include "base/files/folder_kind.h"
#include "base/files/output_lock.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "models/network/onnx/onnx.h"
#include "models/training/job/training_runs.h"
#include "models/training/weights/network_weights.h"
#include "models/training/weights/weights_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

/// Writes job.json, or compares with the one that is there.
void begin_or_resume(const TrainingJob& job, const JobFiles& files, const fs::path& folder,
                     bool resume) {
  const std::string text = job.to_json_text();
  if (!is_there(files.job)) {
    write_file_atomically(files.job, text);  // one that was killed before it was there, too
    return;
  }
  if (!resume) {
    throw InputError(folder.string() +
                     " holds a training already; go on with it by --resume, or use another folder");
  }
  if (read_file(files.job) != text) {
    throw InputError(files.job.string() +
                     ": of another training: the network or an option has changed since it was "
                     "begun; to start anew, use another folder");
  }
}

void write_trained_files(const TrainingJob& job, const TrainingResult& result,
                         const fs::path& folder) {
  const JobFiles files = JobFiles::in(folder);
  const TrainedFiles trained = TrainedFiles::in(folder);
  OnnxOptions onnx;
  onnx.values = load_weights(files.weights, job.network);
  save_onnx(job.network, trained.onnx, onnx);
  CsvWriter curve("dovetail.training_curve/1"), timings("dovetail.training_timings/1");
  curve.note("network", job.network.name());
  curve.header({{"epoch"}, {"train_loss"}, {"validation_loss"}, {"validation_percent", "%"}});
  for (const EpochRecord& r : result.curve) {
    curve.row(r.epoch, r.train_loss, r.validation_loss, r.validation_percent);
  }
  timings.header({{"epoch"}, {"seconds", "s"}});
  std::istringstream seconds(is_there(files.seconds) ? read_file(files.seconds) : "");
  double of_epoch = 0;
  for (std::size_t epoch = 1; seconds >> of_epoch; ++epoch) timings.row(epoch, of_epoch);
  write_file_atomically(trained.curve, curve.text());
  // Where it is there already, what it was made from is gone.
  if (is_there(files.seconds)) write_file_atomically(trained.timings, timings.text());
  std::error_code error;
  for (const fs::path& passing : {files.checkpoint, files.progress, files.seconds}) {
    fs::remove(passing, error);
  }
}

std::string note_of(const TrainingProgress& progress) {
  if (progress.epochs == 0) return "";
  return fmt::format("epoch {}, validation {:.2f} %", progress.epochs, progress.validation_percent);
}

}  // namespace

TrainedFiles TrainedFiles::in(const fs::path& folder) {
  return {JobFiles::in(folder).weights, folder / "network.onnx", folder / "curve.csv",
          folder / "timings.csv", JobFiles::in(folder).result};
}

TrainingResult train_in_folder(const TrainingJob& job, const fs::path& folder, bool resume,
                               ProgressMode mode, const KeepGoing& keep_going) {
  require_trainer();
  static_cast<void>(network_parameters(job.network));  // a network that cannot be trained
  require_folder_of(FolderKind::kTraining, folder);
  if (resume && !is_there(folder)) {
    throw InputError(folder.string() + ": no training is stored there");
  }
  require_writable_folder(folder);
  const JobFiles files = JobFiles::in(folder);
  const OutputLock lock(files.result);
  remove_abandoned_files(folder);
  begin_or_resume(job, files, folder, resume);

  Progress progress("train", static_cast<std::uint64_t>(job.recipe.epochs) * 1000, mode);
  const auto watch = [&] {
    if (const auto now = read_progress(folder)) {
      progress.update(now->epochs * 1000 + now->step * 1000 / now->steps, note_of(*now));
    }
    return !keep_going || keep_going();
  };
  std::optional<TrainingEnd> end;
  run_trainings(
      std::span(&folder, 1), 1, [&](std::size_t, const TrainingEnd& e) { end = e; }, watch);
  if (!end) {
    throw RunError(
        fmt::format("stopped; the epochs done are saved in {}; --resume with the same "
                    "options goes on",
                    folder.string()));
  }
  if (end->kind == TrainingEnd::Kind::kInputError) throw InputError(end->reason);
  if (end->kind != TrainingEnd::Kind::kDone) throw RunError(end->reason);
  write_trained_files(job, end->result, folder);
  return std::move(end->result);
}

}  // namespace dovetail

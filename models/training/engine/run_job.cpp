#include "models/training/engine/run_job.h"

#include <fmt/core.h>

#include <chrono>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/text/error.h"
#include "models/training/engine/device.h"
#include "models/training/engine/network_trainer.h"
#include "models/training/job/early_end.h"
#include "models/training/job/training_job.h"
#include "models/training/weights/weights_file.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char *kJobKey = "job", *kSecondsKey = "seconds";
constexpr std::chrono::milliseconds kBetweenReports{500};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string_view bytes_of_pixels(const std::vector<std::uint8_t>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size()};
}

/// Changes with anything that the numbers of the training depend on, but not with the folder that
/// the images are in.
std::string job_checksum(const TrainingJob& job, const ImageData& data, at::Device device) {
  TrainingJob placeless = job;
  placeless.data.clear();
  Checksum checksum;
  checksum.add(placeless.to_json_text());
  for (const ImageSet* set : {&data.training, &data.validation}) {
    checksum.add(bytes_of_pixels(set->pixels));
    checksum.add(bytes_of_pixels(set->labels));
  }
  checksum.add(engine_description(device));
  return checksum.text();
}

/// A line for whoever waits (TrainingProgress): epochs done, steps done and all steps of the epoch
/// under way, accuracy behind the last epoch.
class ProgressFile {
 public:
  explicit ProgressFile(fs::path file) : file_(std::move(file)) {}
  void report(const NetworkTrainer& trainer, std::size_t step, std::size_t steps) {
    if (step < steps && Clock::now() - last_ < kBetweenReports) return;
    last_ = Clock::now();
    const std::size_t epochs = trainer.epochs_done();
    const double validation = epochs == 0 ? 0 : trainer.curve().back().validation_percent;
    write_file_atomically(file_, fmt::format("{} {} {} {:.2f}\n", epochs, step, steps, validation));
  }

 private:
  fs::path file_;
  Clock::time_point last_;
};

class JobRun {
 public:
  explicit JobRun(const fs::path& folder)
      : files_(JobFiles::in(folder)), job_(TrainingJob::load(files_.job)) {}

  void run() {
    const at::Device device = device_called(job_.device);
    const ImageData data = load_image_data(job_.data, job_.network.layers().back().output.channels,
                                           static_cast<std::size_t>(job_.recipe.validation));
    checksum_ = job_checksum(job_, data, device);
    NetworkTrainer trainer(job_.network, job_.recipe, data, device);
    resume(trainer);
    end_early(trainer);
    ProgressFile progress(files_.progress);
    while (trainer.epochs_done() < static_cast<std::size_t>(job_.recipe.epochs)) {
      const Clock::time_point start = Clock::now();
      trainer.train_epoch(
          [&](std::size_t step, std::size_t steps) { progress.report(trainer, step, steps); });
      seconds_ += fmt::format("{:.3f}\n", seconds_since(start));
      save(trainer);
      end_early(trainer);
    }
    finish(trainer, data, device);
  }

 private:
  void resume(NetworkTrainer& trainer) {
    std::error_code error;
    if (!fs::exists(files_.checkpoint, error)) return;
    const TensorFile state = TensorFile::load(files_.checkpoint);
    const auto job = state.metadata.find(kJobKey), seconds = state.metadata.find(kSecondsKey);
    if (job == state.metadata.end() || job->second != checksum_ ||
        seconds == state.metadata.end()) {
      throw InputError(fmt::format(
          "{}: of another training: the network, the recipe, the images or the engine has changed "
          "since it was begun",
          files_.checkpoint.string()));
    }
    trainer.restore(state);
    seconds_ = seconds->second;
  }

  /// Throws RunError if more epochs would not pay.
  void end_early(const NetworkTrainer& trainer) const {
    if (trainer.epochs_done() == 0) return;
    stop_if_hopeless(trainer);
    if (job_.curve_stop) stop_if_behind(trainer, *job_.curve_stop);
  }

  void stop_if_behind(const NetworkTrainer& trainer, const CurveStop& stop) const {
    std::vector<double> percents;
    for (const EpochRecord& record : trainer.curve()) {
      percents.push_back(record.validation_percent);
    }
    const std::string reason = reason_to_stop(stop, percents, job_.recipe.epochs);
    if (!reason.empty()) throw RunError(reason);
  }

  void stop_if_hopeless(const NetworkTrainer& trainer) const {
    const EpochRecord& last = trainer.curve().back();
    const int classes = job_.network.layers().back().output.channels;
    if (!is_hopeless(job_.recipe, last.epoch, last.validation_percent, last.validation_loss,
                     classes)) {
      return;
    }
    throw RunError(fmt::format("{}no better than guessing after {} of {} epochs", kDiverged,
                               last.epoch, job_.recipe.epochs));
  }

  void save(const NetworkTrainer& trainer) {
    TensorFile state = trainer.state();
    state.metadata[kJobKey] = checksum_;
    state.metadata[kSecondsKey] = seconds_;
    state.save(files_.checkpoint);
  }

  void finish(const NetworkTrainer& trainer, const ImageData& data, at::Device device) {
    TrainingResult result;
    result.curve = trainer.curve();
    result.engine = engine_description(device);
    if (job_.report_test) {
      const ImageScore test = trainer.score(data.test);
      result.test_loss = test.loss;
      result.test_percent = test.percent;
    }
    save_weights(trainer.weights(), job_.network, files_.weights);
    write_file_atomically(files_.seconds, seconds_);
    write_file_atomically(files_.result, result.to_json_text());
  }

  JobFiles files_;
  TrainingJob job_;
  std::string checksum_, seconds_;
};

}  // namespace

void run_training_job(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(JobFiles::in(folder).result, error)) return;
  JobRun(folder).run();
}

}  // namespace dovetail

#include "models/accuracy/train/train_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/scratch_folder.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/accuracy/source/learning_source.h"
#include "models/accuracy/train/curve_forecasts.h"
#include "models/accuracy/train/halving_rungs.h"
#include "models/network/space/network_space.h"
#include "models/network/space/training_decisions.h"
#include "models/training/data/image_set.h"
#include "models/training/job/point_recipe.h"
#include "models/training/job/training_job.h"
#include "models/training/job/training_runs.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// What the trainings of one network have come to.
struct NetworkTrainings {
  int to_come = 0;
  double sum_percent = 0;
  std::vector<CurvePoint> curve;
  std::map<int, AccuracyAnswer> wrong;  // by the number of the training
};

/// Does the job, or goes on with it where it is the one that was begun here.
void put_job(const TrainingJob& job, const fs::path& folder) {
  const fs::path file = JobFiles::in(folder).job;
  const std::string text = job.to_json_text();
  std::error_code error;
  if (fs::exists(file, error) && read_file(file) == text) return;
  fs::remove_all(folder, error);
  require_writable_folder(folder);
  write_file_atomically(file, text);
}

TrainingTraits traits_of(const TrainingJob& job) {
  return {std::log(static_cast<double>(job.network.macs())),
          std::log(static_cast<double>(job.network.parameters())), std::log(job.recipe.peak_lr())};
}

std::vector<double> percents_of(const AccuracyAnswer& answer, std::size_t trial) {
  std::vector<double> percents;
  for (const CurvePoint& point : answer.curve) {
    if (point.trial == static_cast<int>(trial)) percents.push_back(point.validation_percent);
  }
  return percents;
}

/// What the answers that count by now say of the trainings to come.
class LearnedCurves {
 public:
  /// Of a network whose trainings are these jobs.
  void learn(std::span<const TrainingJob> jobs, const AccuracyAnswer& answer) {
    if (!answer.ok()) return;
    best_percent_ = std::max(best_percent_, answer.estimate.top1_percent);
    for (std::size_t trial = 0; trial < jobs.size(); ++trial) {
      FinishedTraining training{traits_of(jobs[trial]), percents_of(answer, trial)};
      // One that was told from outside has no curve.
      if (training.percents.size() != static_cast<std::size_t>(jobs[trial].recipe.epochs)) continue;
      finished_.push_back(std::move(training));
      forecasts_.reset();
    }
  }
  std::optional<CurveStop> stop_of(const TrainingJob& job) {
    if (!forecasts_) forecasts_.emplace(finished_);
    CurveStop stop{best_percent_, forecasts_->of(traits_of(job))};
    return stop.forecasts.empty() ? std::nullopt : std::optional(std::move(stop));
  }

 private:
  double best_percent_ = 0;
  std::vector<FinishedTraining> finished_;
  std::optional<CurveForecasts> forecasts_;  // of all of these
};

class TrainSource : public AccuracySource, public LearningSource {
 public:
  TrainSource(TrainSettings settings, const NetworkSide& side)
      : settings_(std::move(settings)), space_(side.space), network_(side.network) {
    forget();
    static_cast<void>(network_parameters(some_network()));
    if (space_) require_recipe_decisions(space_->decisions());
  }

  AccuracyEstimate accuracy(const Choices& network) override {
    AccuracyAnswer answer;
    ask(std::span(&network, 1), [&](std::size_t, const AccuracyAnswer& given) { answer = given; },
        {});
    if (!answer.ok()) throw RunError(answer.reason);
    return answer.estimate;
  }

  void ask(std::span<const Choices> networks, const Answered& answered,
           const KeepGoing& keep_going) override {
    std::optional<ScratchFolder> scratch;
    if (folder_.empty()) scratch.emplace();
    const fs::path& root = scratch ? scratch->path() : folder_;
    const auto trials = static_cast<std::size_t>(settings_.trials);
    std::vector<fs::path> folders;
    for (const Choices& choices : networks) {
      for (const fs::path& folder : put_jobs(choices, root)) folders.push_back(folder);
    }
    std::vector<NetworkTrainings> trainings(networks.size());
    for (NetworkTrainings& of_network : trainings) of_network.to_come = settings_.trials;
    const auto ended = [&](std::size_t task, const TrainingEnd& end) {
      if (end.kind == TrainingEnd::Kind::kDiskFull) throw DiskFullError(end.reason);
      NetworkTrainings& of_network = trainings[task / trials];
      add(end, static_cast<int>(task % trials), of_network);
      if (--of_network.to_come > 0) return;
      answered(task / trials, answer_of(std::move(of_network)));
      std::error_code error;
      const std::size_t first = task / trials * trials;
      for (std::size_t i = first; i < first + trials; ++i) fs::remove_all(folders[i], error);
    };
    run_trainings(folders, settings_.parallel, ended, keep_going);
  }

  void learn(const Choices& network, const AccuracyAnswer& answer) override {
    if (settings_.learning_curve) learned_.learn(jobs_of(network), answer);
    if (!rungs_) return;
    for (int trial = 0; trial < settings_.trials; ++trial) {
      rungs_->learn(percents_of(answer, static_cast<std::size_t>(trial)));
    }
  }

  void forget() override {
    learned_ = {};
    if (settings_.halving_eta > 0) rungs_.emplace(settings_.halving_eta, settings_.recipe.epochs);
  }

  bool slow() const override { return true; }

  void work_in(const fs::path& folder) override { folder_ = folder; }

  void require_ready() const override {
    require_trainer();
    const Network network = some_network();
    const ImageData data = load_image_data(settings_.data, network.layers().back().output.channels,
                                           static_cast<std::size_t>(settings_.recipe.validation));
    const ImageSet& images = data.training;
    const TensorShape& input = network.input();
    if (input == TensorShape{images.height, images.width, images.channels}) return;
    throw InputError(fmt::format(
        "accuracy.data: the images are {}x{}x{}, the networks read {}x{}x{}", images.height,
        images.width, images.channels, input.height, input.width, input.channels));
  }

  std::string description() const override {
    return fmt::format("trained: validation accuracy after {} epochs, mean of {} training{}",
                       settings_.recipe.epochs, settings_.trials, settings_.trials == 1 ? "" : "s");
  }

 private:
  Network some_network() const {
    return space_ ? space_->build(Choices(space_->decisions().size())) : *network_;
  }

  std::vector<TrainingJob> jobs_of(const Choices& choices) const {
    TrainingJob job;
    job.network = space_ ? space_->build(choices) : *network_;
    job.recipe = settings_.recipe;
    if (space_) job.recipe = recipe_at(job.recipe, space_->decisions(), choices);
    job.data = settings_.data;
    std::vector<TrainingJob> jobs(static_cast<std::size_t>(settings_.trials), job);
    for (std::size_t trial = 0; trial < jobs.size(); ++trial) jobs[trial].recipe.seed += trial;
    return jobs;
  }

  /// What the trainings of a network are told apart by.
  std::string key_of(const Choices& choices) const {
    if (!space_) return Checksum::of("");
    return Checksum::of(space_->canonical_key(choices) +
                        training_key(space_->decisions(), choices));
  }

  /// One folder a training, named by what is trained.
  std::vector<fs::path> put_jobs(const Choices& choices, const fs::path& root) {
    const std::string key = key_of(choices);
    std::vector<fs::path> folders;
    for (TrainingJob& job : jobs_of(choices)) {
      job.curve_stop = stop_of(job);
      folders.push_back(root / fmt::format("{}_{}", key, folders.size()));
      put_job(job, folders.back());
    }
    return folders;
  }

  std::optional<CurveStop> stop_of(const TrainingJob& job) {
    if (settings_.learning_curve) return learned_.stop_of(job);
    std::vector<Rung> rungs = rungs_ ? rungs_->of_next() : std::vector<Rung>();
    return rungs.empty() ? std::nullopt : std::optional(CurveStop{0, {}, std::move(rungs)});
  }

  static void add(const TrainingEnd& end, int trial, NetworkTrainings& trainings) {
    for (const EpochRecord& r : end.curve) {
      trainings.curve.push_back({trial, static_cast<int>(r.epoch), r.train_loss, r.validation_loss,
                                 r.validation_percent});
    }
    if (end.kind == TrainingEnd::Kind::kDone) {
      trainings.sum_percent += end.result.validation_percent();
    } else {
      trainings.wrong.emplace(trial, end.kind == TrainingEnd::Kind::kInputError
                                         ? AccuracyAnswer::refused(end.reason)
                                         : AccuracyAnswer::failed(end.reason));
    }
  }

  AccuracyAnswer answer_of(NetworkTrainings trainings) const {
    // Of several that went wrong the first, whichever ended first.
    AccuracyAnswer answer =
        trainings.wrong.empty()
            ? AccuracyAnswer::known({trainings.sum_percent / settings_.trials, false})
            : trainings.wrong.begin()->second;
    std::ranges::sort(trainings.curve, {},
                      [](const CurvePoint& point) { return std::pair(point.trial, point.epoch); });
    answer.curve = std::move(trainings.curve);
    return answer;
  }

  TrainSettings settings_;
  std::shared_ptr<const NetworkSpace> space_;
  std::shared_ptr<const Network> network_;
  fs::path folder_;
  LearnedCurves learned_;
  std::optional<HalvingRungs> rungs_;
};

}  // namespace

std::unique_ptr<AccuracySource> make_train_source(TrainSettings settings, const NetworkSide& side) {
  return std::make_unique<TrainSource>(std::move(settings), side);
}

}  // namespace dovetail

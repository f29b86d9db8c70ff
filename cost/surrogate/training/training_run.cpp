#include "cost/surrogate/training/training_run.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/process/fields.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/network_training.h"
#include "cost/surrogate/training/training_checkpoint.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Between two looks at the clock and at keep_going().
constexpr std::size_t kStepsTogether = 16;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Job {
  Surrogate::Impl& model;
  const Dataset& data;
  const TrainingSplit& split;
  const TrainingOptions& options;
  const TrainingControl& control;
};

[[noreturn]] void throw_stopped(const Job& job, std::size_t epochs_done) {
  std::string message = fmt::format("training stopped after epoch {} of {}", epochs_done,
                                    job.options.epochs * job.options.ensemble);
  const fs::path& file = job.control.checkpoint.file;
  if (!file.empty()) message += fmt::format("; its state is saved in {}", file.string());
  throw RunError(message);
}

/// Runs the training of one member to its end, with checkpoints.
class MemberRun {
 public:
  using OnEpoch = std::function<void(std::size_t epoch, const SurrogateErrors& validation)>;

  MemberRun(const Job& job, std::size_t member)
      : job_(job),
        member_(member),
        training_(job.model, member, job.data, job.split.train, job.options),
        identity_(identity_of(job.data, job.options, member)) {
    if (job.control.checkpoint.file.empty()) return;
    file_ = checkpoint_of_member(job.control.checkpoint.file, member);
    if (job.data.fingerprint().empty()) {
      throw std::invalid_argument("a checkpoint wants a data set with a fingerprint");
    }
  }

  MemberOutcome run(const OnEpoch& on_epoch, const std::function<bool()>& keep_going) {
    begin();
    while (!training_.finished()) {
      for (std::size_t i = 0; i < kStepsTogether && !training_.at_end_of_epoch(); ++i) {
        training_.step();
      }
      if (training_.at_end_of_epoch()) end_epoch(on_epoch);
      if (keep_going && !keep_going()) {
        save();
        throw_stopped(job_, member_ * job_.options.epochs + training_.epochs());
      }
      if (seconds_since(last_saved_) >= job_.control.checkpoint.seconds) save();
    }
    // A finished member waits for the others in its file.
    if (job_.options.ensemble > 1) save();
    training_.take_best();
    return {training_.best_epoch(), seconds()};
  }

 private:
  /// From the checkpoint, or with a first one: from then on it says whose files these are.
  void begin() {
    if (file_.empty()) return;
    if (!job_.control.checkpoint.resume || !fs::exists(file_)) return save();
    TrainingCheckpoint checkpoint =
        load_checkpoint(file_, identity_, job_.model.members[member_].parameters().size());
    seconds_before_ = checkpoint.seconds;
    training_.restore(std::move(checkpoint.state));
  }

  void end_epoch(const OnEpoch& on_epoch) {
    const std::span<const Mlp<float>> member(&job_.model.members[member_], 1);
    const std::vector<std::size_t>& rows = job_.split.validation;
    const SurrogateErrors errors =
        measure_errors(job_.data, rows, predict_rows(job_.model, member, job_.data, rows));
    const double mape = errors.mean_mape_percent();
    if (!std::isfinite(mape)) {
      throw RunError(fmt::format("training diverged in epoch {}; lower the learning rate",
                                 training_.epochs() + 1));
    }
    training_.end_epoch(mape);
    if (on_epoch) on_epoch(training_.epochs(), errors);
  }

  double seconds() const { return seconds_before_ + seconds_since(start_); }

  void save() {
    if (file_.empty()) return;
    save_checkpoint({identity_, seconds(), training_.state()}, file_);
    last_saved_ = Clock::now();
  }

  const Job& job_;
  std::size_t member_;
  NetworkTraining training_;
  TrainingIdentity identity_;
  fs::path file_;
  Clock::time_point start_ = Clock::now(), last_saved_ = start_;
  double seconds_before_ = 0;
};

/// Epochs done by each member, counted by the workers and read by their parent.
class SharedEpochs {
 public:
  explicit SharedEpochs(std::size_t members) : members_(members) {
    void* memory =
        ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw RunError("cannot share memory with workers");
    counters_ = new (memory) Counter[members];
  }
  ~SharedEpochs() { ::munmap(counters_, bytes()); }
  SharedEpochs(const SharedEpochs&) = delete;
  SharedEpochs& operator=(const SharedEpochs&) = delete;

  void set(std::size_t member, std::size_t epochs) { counters_[member] = epochs; }
  std::size_t total() const {
    std::size_t sum = 0;
    for (std::size_t m = 0; m < members_; ++m) sum += counters_[m];
    return sum;
  }

 private:
  using Counter = std::atomic<std::size_t>;
  static_assert(Counter::is_always_lock_free);
  std::size_t bytes() const { return members_ * sizeof(Counter); }

  std::size_t members_;
  Counter* counters_ = nullptr;
};

std::vector<MemberOutcome> train_in_workers(const Job& job) {
  const std::size_t members = job.options.ensemble;
  SharedEpochs epochs(members);
  const auto work = [&](std::uint64_t m) {
    const auto count = [&](std::size_t epoch, const SurrogateErrors&) { epochs.set(m, epoch); };
    const MemberOutcome outcome = MemberRun(job, m).run(count, {});
    return write_fields(outcome.best_epoch, outcome.seconds, job.model.members[m].parameters());
  };
  std::vector<MemberOutcome> outcomes;
  const auto deliver = [&](std::uint64_t m, const std::string& bytes) {
    MemberOutcome& outcome = outcomes.emplace_back();
    read_fields(bytes, outcome.best_epoch, outcome.seconds, job.model.members[m].parameters());
  };
  const auto keep_going = [&] {
    if (job.control.on_epoch) job.control.on_epoch(epochs.total(), nullptr);
    return !job.control.keep_going || job.control.keep_going();
  };
  const auto name_of = [](std::uint64_t m) { return fmt::format("member {}", m + 1); };
  run_in_workers(members, job.control.workers, work, deliver, keep_going, name_of);
  if (outcomes.size() < members) throw_stopped(job, epochs.total());
  return outcomes;
}

}  // namespace

fs::path checkpoint_of_member(const fs::path& file, std::size_t member) {
  if (member == 0) return file;
  return file.parent_path() /
         fmt::format("{}-{}{}", file.stem().string(), member + 1, file.extension().string());
}

std::vector<MemberOutcome> train_members(Surrogate::Impl& model, const Dataset& data,
                                         const TrainingSplit& split, const TrainingOptions& options,
                                         const TrainingControl& control) {
  const Job job{model, data, split, options, control};
  if (control.workers > 1 && options.ensemble > 1) return train_in_workers(job);
  std::vector<MemberOutcome> outcomes;
  for (std::size_t m = 0; m < options.ensemble; ++m) {
    const auto on_epoch = [&](std::size_t epoch, const SurrogateErrors& validation) {
      if (control.on_epoch) control.on_epoch(m * options.epochs + epoch, &validation);
    };
    outcomes.push_back(MemberRun(job, m).run(on_epoch, control.keep_going));
  }
  return outcomes;
}

}  // namespace dovetail

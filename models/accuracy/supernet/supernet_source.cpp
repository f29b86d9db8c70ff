#include "models/accuracy/supernet/supernet_source.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "base/files/scratch_folder.h"
#include "base/text/error.h"
#include "models/accuracy/source/accuracy_kind.h"
#include "models/training/job/training_runs.h"
#include "models/training/supernet/supernet_plan.h"
#include "models/training/supernet/supernet_program.h"
#include "models/training/supernet/uniform_training.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

class SupernetSource : public AccuracySource {
 public:
  SupernetSource(SupernetSettings settings, const NetworkSide& side)
      : settings_(std::move(settings)), space_(side.space) {
    static_cast<void>(space_of(side, "supernet"));
    static_cast<void>(SupernetPlan(space_));  // networks that cannot be trained
  }

  AccuracyEstimate accuracy(const Choices& network) override {
    if (!ready({})) throw RunError("the training of the supernet was stopped");
    return {program_->measure(network), false};
  }

  void ask(std::span<const Choices> networks, const Answered& answered,
           const KeepGoing& keep_going) override {
    if (!ready(keep_going)) return;
    for (std::size_t i = 0; i < networks.size(); ++i) {
      if (keep_going && !keep_going()) return;
      answered(i, AccuracyAnswer::known({program_->measure(networks[i]), false}));
    }
  }

  bool slow() const override { return true; }
  std::string work_folder() const override { return "supernet"; }
  void work_in(const fs::path& folder) override {
    if (settings_.folder.empty()) folder_ = folder;
  }
  void require_ready() const override { require_trainer(); }

  std::string description() const override {
    return fmt::format("with the shared weights of a supernet of {} epochs, on validation images",
                       settings_.job.recipe.epochs);
  }

 private:
  /// False if stopped on the way.
  bool ready(const KeepGoing& keep_going) {
    if (ready_) return true;
    if (!settings_.folder.empty()) folder_ = settings_.folder;
    if (folder_.empty()) {
      scratch_.emplace();
      folder_ = scratch_->path();
    }
    if (!program_) {
      program_ = std::make_unique<SupernetProgram>(settings_.job_of(*space_), folder_);
    }
    ready_ = train_uniformly(*program_, space_, settings_.job.recipe.seed, keep_going, {});
    return ready_;
  }

  SupernetSettings settings_;
  std::shared_ptr<const NetworkSpace> space_;
  fs::path folder_;
  std::optional<ScratchFolder> scratch_;
  std::unique_ptr<SupernetProgram> program_;
  bool ready_ = false;
};

}  // namespace

SupernetJob SupernetSettings::job_of(const NetworkSpace& space) const {
  SupernetJob whole = job;
  whole.space = space.text();
  whole.space_name = space.name();
  return whole;
}

std::unique_ptr<AccuracySource> make_supernet_source(SupernetSettings settings,
                                                     const NetworkSide& side) {
  return std::make_unique<SupernetSource>(std::move(settings), side);
}

}  // namespace dovetail

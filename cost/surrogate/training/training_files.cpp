#include "cost/surrogate/training/training_files.h"

#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/output_lock.h"

namespace dovetail {

namespace fs = std::filesystem;

TrainingFiles TrainingFiles::of(const fs::path& model) {
  return {model, fs::path(model).replace_extension(".report.json"),
          fs::path(model).replace_extension(".checkpoint.h5")};
}

std::optional<TrainingReport> train_into_files(const TrainingFiles& files, const Dataset& data,
                                               const TrainingOptions& options, bool resume,
                                               TrainingControl control) {
  const OutputLock lock(files.model);
  // The checkpoint goes last: as long as it is there the model is not known to be complete.
  if (resume && !fs::exists(files.checkpoint) && fs::exists(files.model)) {
    require_trained_with(Surrogate::load(files.model), data, options, files.model.string());
    return std::nullopt;
  }
  control.checkpoint.file = files.checkpoint;
  control.checkpoint.resume = resume;
  TrainedSurrogate trained = train_surrogate(data, options, control);
  trained.model.save(files.model);
  write_file_atomically(files.report, trained.report.to_json(options, true));
  for (std::size_t m = options.ensemble; m-- > 0;) {
    fs::remove(checkpoint_of_member(files.checkpoint, m));
  }
  return std::move(trained.report);
}

}  // namespace dovetail

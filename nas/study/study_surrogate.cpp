#include "nas/study/study_surrogate.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "models/surrogate/trainer.h"
#include "nas/labelling.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Fewer rows than asked for if stopped.
Dataset make_labels(const StudySetup& setup, const StudyOptions& options, const fs::path& file) {
  const SurrogateSettings& settings = setup.config().cost.surrogate;
  LabelFileOptions labelling;
  labelling.labelling.seed = settings.seed;
  labelling.labelling.technology = setup.config().cost.technology;
  labelling.labelling.workers = options.workers;
  labelling.resume = fs::exists(file);
  const auto rows = static_cast<std::uint64_t>(settings.labels);
  Progress progress("label random pairs for the surrogate", rows, options.progress);
  return label_file(file, *setup.network().space, *setup.hardware().space, rows, labelling,
                    [&](const Dataset& data) {
                      progress.update(data.rows());
                      return !options.keep_going || options.keep_going();
                    });
}

/// Nothing if stopped.
std::optional<TrainedSurrogate> train(const Dataset& labels, const StudySetup& setup,
                                      const StudyOptions& options) {
  TrainingOptions training;
  training.seed = setup.config().cost.surrogate.seed;
  training.epochs = static_cast<std::size_t>(setup.config().cost.surrogate.epochs);
  Progress progress("train the surrogate, epochs", training.epochs, options.progress);
  bool stopped = false;
  try {
    return train_surrogate(labels, training, [&](std::size_t epoch, const SurrogateErrors& errors) {
      progress.update(epoch, errors.summary());
      stopped = options.keep_going && !options.keep_going();
      return !stopped;
    });
  } catch (const RunError&) {
    if (!stopped) throw;
    return std::nullopt;
  }
}

/// The files are written report first, so that a model means that all is there.
std::shared_ptr<const Surrogate> make_surrogate(const StudySetup& setup,
                                                const StudyOptions& options) {
  const fs::path folder = options.folder / "surrogate";
  const fs::path model = folder / "model.h5";
  if (!fs::exists(model)) {
    require_writable_folder(folder);
    const Dataset labels = make_labels(setup, options, folder / "labels.h5");
    if (labels.rows() < static_cast<std::size_t>(setup.config().cost.surrogate.labels)) {
      return nullptr;
    }
    const std::optional<TrainedSurrogate> trained = train(labels, setup, options);
    if (!trained) return nullptr;
    write_file_atomically(folder / "report.json", trained->model.report());
    trained->model.save(model);
  }
  return std::make_shared<Surrogate>(Surrogate::load(model));
}

}  // namespace

std::shared_ptr<const Surrogate> study_surrogate(const StudySetup& setup,
                                                 const StudyOptions& options) {
  const SurrogateSettings& settings = setup.config().cost.surrogate;
  const auto surrogate = settings.file.empty()
                             ? make_surrogate(setup, options)
                             : std::make_shared<const Surrogate>(Surrogate::load(settings.file));
  if (!surrogate) return nullptr;
  surrogate->require_spaces(setup.network().space->decisions(),
                            setup.hardware().space->decisions());
  return surrogate;
}

}  // namespace dovetail

#include "nas/study/study_surrogate.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "cost/surrogate/correction/corrected_costs.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/rivals/rival.h"
#include "cost/surrogate/training/trainer.h"

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
  labelling.labelling.run = setup.simulation_runner(options.workers);
  labelling.resume = fs::exists(file);
  const auto rows = static_cast<std::uint64_t>(settings.labels);
  Progress progress("label random pairs for the surrogate", rows, options.progress);
  return label_file(file, *setup.network().space, *setup.hardware().space, rows, labelling,
                    [&](const Dataset& data) {
                      progress.update(data.rows());
                      return !options.keep_going || options.keep_going();
                    });
}

/// Nothing if stopped; goes on from `checkpoint` if it is there, and keeps none if it has no name.
std::optional<TrainedSurrogate> train(const Dataset& labels, const StudySetup& setup,
                                      const StudyOptions& options, const fs::path& checkpoint) {
  TrainingOptions training;
  training.seed = setup.config().cost.surrogate.seed;
  training.epochs = static_cast<std::size_t>(setup.config().cost.surrogate.epochs);
  Progress progress("train the surrogate, epochs", training.epochs, options.progress);
  bool stopped = false;
  TrainingControl control;
  control.on_epoch = [&](std::size_t done, const SurrogateErrors* errors) {
    progress.update(done, errors ? errors->summary() : "");
  };
  control.keep_going = [&] {
    stopped = options.keep_going && !options.keep_going();
    return !stopped;
  };
  if (!checkpoint.empty()) control.checkpoint = {checkpoint, true};
  try {
    return train_surrogate(labels, training, control);
  } catch (const RunError&) {
    if (!stopped) throw;
    return std::nullopt;
  }
}

/// What the simulator said of a trial, as a label; nothing if it failed or was refused. Without the
/// study's correction, which is not for a surrogate to learn: it is put on top of what that says.
std::optional<Costs> label_of(const TrialRecord& trial, const StudySetup& setup,
                              const SearchSpace& space) {
  const Evaluation& evaluation = trial.evaluation;
  const bool said = evaluation.ok() || (evaluation.simulated && !evaluation.costs.feasible());
  if (!said) return std::nullopt;
  const Candidate candidate = space.decode(trial.choices);
  Costs label = evaluation.costs;
  if (setup.correction() && label.feasible()) {
    label = uncorrected(std::move(label),
                        setup.correction()->ratios({candidate.network, candidate.hardware}));
  }
  label.area_mm2 = setup.simulator()->area_mm2(candidate.accelerator);
  return label;
}

fs::path labels_file(const StudyOptions& options) {
  return options.folder / "surrogate" / "labels.h5";
}

/// The study's random labels, made or gone on with; nothing if stopped.
std::optional<Dataset> study_labels(const StudySetup& setup, const StudyOptions& options) {
  require_writable_folder(options.folder / "surrogate");
  Dataset labels = make_labels(setup, options, labels_file(options));
  const auto asked = static_cast<std::size_t>(setup.config().cost.surrogate.labels);
  return labels.rows() < asked ? std::nullopt : std::optional(std::move(labels));
}

/// The files are written report first, so that a model means that all is there.
std::shared_ptr<const Surrogate> make_surrogate(const StudySetup& setup,
                                                const StudyOptions& options) {
  const fs::path folder = options.folder / "surrogate";
  const fs::path model = folder / "model.h5";
  const fs::path checkpoint = folder / "model.checkpoint.h5";
  if (!fs::exists(model)) {
    const std::optional<Dataset> labels = study_labels(setup, options);
    if (!labels) return nullptr;
    const std::optional<TrainedSurrogate> trained = train(*labels, setup, options, checkpoint);
    if (!trained) return nullptr;
    write_file_atomically(folder / "report.json", trained->model.report());
    trained->model.save(model);
    fs::remove(checkpoint);
  }
  return std::make_shared<Surrogate>(Surrogate::load(model));
}

bool is_mlp(const StudySetup& setup) {
  const std::string& model = setup.config().cost.surrogate.model;
  return model == "mlp" || model.empty();
}

/// Of another model than the MLP, fitted to these labels; nothing if stopped.
PredictPairs fitted(const StudySetup& setup, const StudyOptions& options, const Dataset& labels) {
  const SurrogateSettings& settings = setup.config().cost.surrogate;
  RivalSetup rival{*setup.network().space, *setup.hardware().space};
  rival.trees.seed = rival.mlp.seed = settings.seed;
  rival.mlp.epochs *= epochs_factor(std::max<std::size_t>(labels.rows(), 1));
  bool stopped = false;
  rival.keep_going = [&] {
    stopped = options.keep_going && !options.keep_going();
    return !stopped;
  };
  const std::shared_ptr<Rival> model = find_rival(settings.model).make(rival);
  try {
    model->fit(labels);
  } catch (const RunError&) {
    if (!stopped) throw;
    return {};
  }
  return [model](std::span<const Choices> network, std::span<const Choices> hardware) {
    return model->predict(network, hardware);
  };
}

void require_fit(const Surrogate& surrogate, const StudySetup& setup) {
  surrogate.require_spaces(setup.network().space->decisions(), setup.hardware().space->decisions());
  const std::string& technology = setup.config().cost.technology;
  if (fs::path(surrogate.technology()).stem() == fs::path(technology).stem()) return;
  throw InputError(Location{setup.config().cost.surrogate.file},
                   fmt::format("predicts energies of technology '{}', the study's is '{}'",
                               surrogate.technology(), technology));
}

/// The study's random labels and what `simulated` trials add to them.
Dataset labels_with(const StudySetup& setup, const StudyOptions& options, const SearchSpace& space,
                    std::span<const TrialRecord> simulated) {
  Dataset data = Dataset::load(labels_file(options));
  for (const TrialRecord& trial : simulated) {
    const Candidate candidate = space.decode(trial.choices);
    const std::optional<Costs> label = label_of(trial, setup, space);
    if (label) data.append(candidate.network, candidate.hardware, *label);
  }
  return data;
}

/// Predictions of the simulator as those of the study's device; none stay none.
PredictPairs with_correction(PredictPairs predictions, const StudySetup& setup) {
  if (!predictions || !setup.correction()) return predictions;
  return corrected_predictions(std::move(predictions), setup.correction());
}

}  // namespace

PredictPairs refitted_predictions(const StudySetup& setup, const StudyOptions& options,
                                  const SearchSpace& space,
                                  std::span<const TrialRecord> simulated) {
  const Dataset data = labels_with(setup, options, space, simulated);
  if (!is_mlp(setup)) return with_correction(fitted(setup, options, data), setup);
  std::optional<TrainedSurrogate> trained = train(data, setup, options, "");
  if (!trained) return {};
  return with_correction(
      predictions_of(std::make_shared<const Surrogate>(std::move(trained->model))), setup);
}

PredictPairs study_predictions(const StudySetup& setup, const StudyOptions& options) {
  const SurrogateSettings& settings = setup.config().cost.surrogate;
  if (!is_mlp(setup)) {
    const std::optional<Dataset> labels = study_labels(setup, options);
    return labels ? with_correction(fitted(setup, options, *labels), setup) : PredictPairs{};
  }
  const auto surrogate = settings.file.empty()
                             ? make_surrogate(setup, options)
                             : std::make_shared<const Surrogate>(Surrogate::load(settings.file));
  if (!surrogate) return {};
  require_fit(*surrogate, setup);
  // One that was tuned speaks of the device already.
  if (surrogate->tuned()) return predictions_of(surrogate);
  return with_correction(predictions_of(surrogate), setup);
}

}  // namespace dovetail

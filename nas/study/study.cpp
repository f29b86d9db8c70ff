#include "nas/study/study.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/folder_kind.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/text/version.h"
#include "models/accuracy/none/none_kind.h"
#include "nas/strategy/policy_answers.h"
#include "nas/strategy/strategies.h"
#include "nas/study/build_probes.h"
#include "nas/study/moved_paths.h"
#include "nas/study/study_growth.h"
#include "nas/study/study_lock.h"
#include "nas/study/study_supernet.h"
#include "nas/study/study_surrogate.h"
#include "nas/study/study_training.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// "line 'X' was 'Y'" for the first line in which two texts differ.
std::string first_difference(const std::string& now, const std::string& before) {
  const std::vector<std::string> a = split(now, '\n'), b = split(before, '\n');
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string found = i < a.size() ? std::string(trim(a[i])) : "nothing";
    const std::string stored = i < b.size() ? std::string(trim(b[i])) : "nothing";
    if (found != stored) return fmt::format("found '{}', begun with '{}'", found, stored);
  }
  return "no difference";
}

/// Throws InputError if a file of a program that answers for accuracy or costs is another or gone.
void require_same_programs(const StudyDescription& now, const StudyDescription& stored,
                           const fs::path& file) {
  for (const auto& [word, checksum] : stored.facts.programs) {
    const auto it = now.facts.programs.find(word);
    if (it != now.facts.programs.end() && it->second == checksum) continue;
    const bool of_costs = word.starts_with(StudyFacts::kOfCosts);
    throw InputError(fmt::format(
        "{}: {}, of the {} command, {}", file.string(),
        of_costs ? word.substr(std::string(StudyFacts::kOfCosts).size()) : word,
        of_costs ? "cost" : "accuracy",
        it == now.facts.programs.end() ? "is gone" : "has changed since the study was begun"));
  }
}

/// Throws InputError unless the stored study is the one that `now` describes.
void require_same_study(const StudyDescription& now, const StudyDescription& stored,
                        const fs::path& file) {
  std::string hint = "; to start anew, use another folder";
  const std::string& configuration = now.facts.configuration;
  const std::string begun = with_folder_of(stored.facts.configuration, configuration);
  if (configuration != begun) {
    const std::string difference = first_difference(configuration, begun);
    if (difference.starts_with("found 'evaluations:") || difference.starts_with("found 'seeds:")) {
      hint = "; for more of them go on with 'dovetail search', and --resume";
    }
    throw InputError(file.string() +
                     ": the configuration is not that of the stored study: " + difference + hint);
  }
  require_same_inputs(now, stored, file);
  require_same_programs(now, stored, file);
}

/// Another build may go on with a study if it finds the same. What a surrogate predicts depends on
/// the last digits of a build.
void require_same_answers(const StudySetup& setup, const StudyStore& store, const fs::path& file) {
  const std::string now = build_description(), begun = store.description().facts.build;
  if (same_build(now, begun)) return;
  const CostModelInfo& model = *setup.config().cost.model;
  if (model.from_user) return;  // the same files, and no simulation
  const std::string difference =
      model.surrogate ? "a search on predictions goes on with the build that began it"
                      : changed_figure(setup, store);
  if (difference.empty()) return;
  throw InputError(
      fmt::format("{}: begun with {}, this is {}, and {}; to start anew, use another folder",
                  file.string(), begun, now, difference));
}

/// Keeps the answers of a slow accuracy source in the store for as long as it lives.
class KeptAccuracies {
 public:
  KeptAccuracies(AccuracyCache& cache, StudyStore& store, ProgressMode progress) : cache_(cache) {
    cache_.restart(
        store.accuracies(),
        [&store](const std::string& network, const AccuracyAnswer& answer) {
          store.append_accuracy(network, answer);
        },
        progress);
  }
  ~KeptAccuracies() { cache_.restart({}, {}); }
  KeptAccuracies(const KeptAccuracies&) = delete;
  KeptAccuracies& operator=(const KeptAccuracies&) = delete;

 private:
  AccuracyCache& cache_;
};

/// Where sources keep work that is not done yet.
fs::path unfinished_folder(const StudyOptions& options) {
  return fs::absolute(options.folder / AccuracySource::kPassingFolder);
}

/// Throws InputError unless `now` is the stored study, or that with more evaluations or seeds.
/// True for the latter.
bool require_same_or_grown(const StudySetup& setup, const StudyDescription& now,
                           const StudyDescription& stored, const fs::path& file) {
  StudyDescription resized = stored;
  resized.facts.configuration =
      with_size_of(stored.facts.configuration, now.facts.configuration, file);
  try {
    require_same_study(now, resized, file);
  } catch (const InputError& error) {
    const bool grew = resized.facts.configuration != stored.facts.configuration;
    if (!grew || setup.strategy_reason().empty()) throw;
    throw InputError(fmt::format(
        "{} (the study names no strategy, and has '{}' for so many evaluations; one that it names "
        "stays)",
        error.what(), setup.config().strategy));
  }
  return resized.facts.configuration != stored.facts.configuration;
}

/// The stored study that is gone on with; nothing if it grows and so begins anew.
std::optional<StudyStore> resumed_store(const StudySetup& setup, const StudyOptions& options,
                                        const fs::path& file) {
  std::optional<StudyStore> store = StudyStore::open(file, StudyStore::Access::kWrite);
  const StudyDescription now = setup.description();
  bool grows = false;
  if (options.may_grow) {
    grows = require_same_or_grown(setup, now, store->description(), file);
  } else {
    require_same_study(now, store->description(), file);
  }
  require_same_answers(setup, *store, file);
  if (!grows) return store;
  if (const std::string key = key_of_giving_up(setup.config()); !key.empty()) {
    throw InputError(file.string() + ": accuracy." + key +
                     ": such a study takes no more evaluations or seeds, "
                     "since what it gives up depends on their order; to search more, begin anew in "
                     "another folder");
  }
  store.reset();
  SmallerStudy(unfinished_folder(options)).take(file);
  return std::nullopt;
}

/// A new one, which knows what it had found before it grew.
StudyStore new_store(const StudySetup& setup, const StudyOptions& options, const fs::path& file) {
  const StudyDescription description = setup.description();
  const SmallerStudy smaller(unfinished_folder(options));
  if (smaller.exists()) {
    require_same_or_grown(setup, description, smaller.description(), smaller.file());
  }
  write_file_atomically(options.folder / "effective.yaml",
                        fmt::format("# Every setting of the study, run by dovetail {}.\n{}",
                                    description.facts.build, description.facts.configuration));
  return StudyStore::create(file, description);
}

/// Of a study whose folder is locked.
StudyStore open_store(const StudySetup& setup, const StudyOptions& options) {
  // Nobody else writes results here now.
  for (const fs::path& folder : {options.folder, options.folder / "surrogate"}) {
    remove_abandoned_files(folder);
  }
  const fs::path file = options.folder / "study.db";
  // A study that was killed before it had one has nothing to go on with, but its settings.
  const bool begun = fs::exists(file) || !fs::exists(options.folder / "effective.yaml");
  if (options.resume && begun) {
    std::optional<StudyStore> store = resumed_store(setup, options, file);
    if (store) return std::move(*store);
  } else if (fs::exists(file)) {
    throw InputError(options.folder.string() +
                     " holds a study already; go on with it by --resume, or use another folder");
  }
  return new_store(setup, options, file);
}

/// A strategy that cannot search a space says so when it is made: before anything is written.
void require_usable_strategy(const StudySetup& setup) {
  const StudyConfig& config = setup.config();
  for (const std::string& label : setup.labels()) {
    const SearchSpace& whole = setup.space(label);
    // Which network a first phase finds has no say in what a strategy can search.
    const NetworkSide& network = whole.network();
    const HardwareSide& hardware = whole.hardware();
    std::optional<Candidate> first;
    if (network.space && !network.fixed) {
      first = {Choices(network.space->decisions().size(), 0),
               hardware.baseline_choices.value_or(Choices()), hardware.baseline};
    }
    for (const SearchPhase& phase : setup.phases(label)) {
      const SearchSpace searched = whole.phase(phase.scope, first);
      find_strategy(config.strategy)
          .make(searched, config.strategy_parameters, config.seeds.front());
    }
  }
}

/// The folder, once nothing speaks against working there.
const fs::path& ready_folder(const StudySetup& setup, const StudyOptions& options) {
  if (options.resume && !fs::is_directory(options.folder)) {
    throw InputError(options.folder.string() + ": no study is stored there");
  }
  require_folder_of(FolderKind::kStudy, options.folder);
  setup.accuracy()->source().require_ready();
  require_writable_folder(options.folder);
  return options.folder;
}

StudyOutcome carry_out(SearchRunner& runner, const StudyStore& store, const StudyOptions& options) {
  StudyOutcome outcome;
  outcome.complete = runner.run();
  outcome.trials = store.count();
  if (!outcome.complete) return outcome;
  store.require_in_place();
  if (options.report) options.report();
  for (const char* name : {"study.db", "timings.csv", "effective.yaml"}) {
    outcome.files.push_back(options.folder / name);
  }
  return outcome;
}

/// Of what asks for costs alone.
std::shared_ptr<AccuracyCache> without_accuracy(const StudySetup& setup) {
  return std::make_shared<AccuracyCache>(silent_accuracy(), setup.network().space);
}

/// Evaluators of a search on predictions.
void predict_with_surrogate(const StudySetup& setup, const StudyOptions& options,
                            StudyEvaluators& evaluators) {
  const auto predict_at =
      [&setup, &options](const SearchSpace& space, PredictPairs predictions,
                         std::shared_ptr<AccuracyCache> accuracy) -> std::unique_ptr<Evaluator> {
    if (!predictions) return nullptr;
    require_points_of_spaces(space);
    CostModelInputs inputs = setup.cost_inputs(options.workers);
    inputs.predict = std::move(predictions);
    return std::make_unique<PairEvaluator>(space, std::move(accuracy),
                                           setup.config().cost.model->make(inputs),
                                           setup.limits_before_accuracy());
  };
  const auto predict = [&setup, predict_at](const SearchSpace& space, PredictPairs predictions) {
    return predict_at(space, std::move(predictions), setup.accuracy());
  };
  // A model that is there is checked before anything is written; one that the study makes in its
  // folder is made when the first search begins.
  PredictPairs predictions;
  if (!setup.config().cost.surrogate.file.empty()) predictions = study_predictions(setup, options);
  evaluators.search = [&setup, &options, predict, predictions](const SearchSpace& space) mutable {
    if (!predictions) predictions = study_predictions(setup, options);
    return predict(space, predictions);
  };
  evaluators.costs = [&setup, &options, predict_at](const SearchSpace& space) {
    return predict_at(space, study_predictions(setup, options), without_accuracy(setup));
  };
  evaluators.refit = [&setup, &options, predict](const SearchSpace& space,
                                                 std::span<const TrialRecord> simulated) {
    return predict(space, refitted_predictions(setup, options, space, simulated));
  };
}

/// Where the accuracy source keeps its work.
fs::path work_folder(const StudySetup& setup, const StudyOptions& options) {
  return fs::absolute(options.folder / setup.accuracy()->source().work_folder());
}

/// The store of a study whose folder is locked, with what it knows from before it grew.
StudyStore filled_store(const StudySetup& setup, const StudyOptions& options) {
  StudyStore store = open_store(setup, options);
  const SmallerStudy smaller(unfinished_folder(options));
  smaller.hand_accuracies_to(store);
  smaller.hand_claims_to(store);
  return store;
}

}  // namespace

struct OpenStudy::Impl {
  Impl(const StudySetup& setup, const StudyOptions& options)
      : made_folder(!fs::exists(options.folder)),
        lock(ready_folder(setup, options)),
        folder(options.folder),
        begun(!fs::exists(options.folder / "study.db")),
        store(filled_store(setup, options)),
        kept(*setup.accuracy(), store, options.progress) {
    setup.accuracy()->work_in(work_folder(setup, options));
  }

  bool made_folder;  // by this process
  StudyLock lock;
  fs::path folder;
  bool begun;  // by this process
  StudyStore store;
  KeptAccuracies kept;
};

OpenStudy::OpenStudy(const StudySetup& setup, const StudyOptions& options)
    : impl_(std::make_unique<Impl>(setup, options)) {}

OpenStudy::~OpenStudy() = default;

StudyStore& OpenStudy::store() {
  return impl_->store;
}

void OpenStudy::forget_if_empty() {
  if (!impl_->begun || impl_->store.count() > 0 || !impl_->store.accuracies().empty()) return;
  { const StudyStore closed = std::move(impl_->store); }
  std::error_code ignored;  // what cannot be removed stays, and is an empty study
  for (const char* name : {"study.db", "effective.yaml"}) {
    fs::remove(impl_->folder / name, ignored);
  }
  if (!impl_->made_folder) return;
  fs::remove(impl_->folder / ".lock", ignored);
  fs::remove(impl_->folder, ignored);  // if it is empty
}

StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options) {
  // Each is one for all searches of the study, so that its workers stay from batch to batch.
  const auto evaluator_of = [&setup](const CostModelInfo& model, const StudyOptions& how,
                                     const std::vector<Constraint>& limits) {
    return [&setup, limits,
            costs = model.make(setup.cost_inputs(how.workers))](const SearchSpace& space) {
      return std::make_unique<PairEvaluator>(space, setup.accuracy(), costs, limits);
    };
  };
  // What is simulated again has an accuracy already; a search asks a slow source for those alone
  // that are within the limits.
  const std::vector<Constraint> limits = setup.limits_before_accuracy();
  const CostModelInfo &model = *setup.config().cost.model,
                      &simulation = find_cost_model("simulation");
  StudyEvaluators evaluators;
  if (model.predicts) evaluators.simulation = evaluator_of(simulation, options, {});
  if (model.surrogate) {
    predict_with_surrogate(setup, options, evaluators);
  } else {
    evaluators.search = evaluator_of(model, options, limits);
    evaluators.costs = [&setup,
                        costs = model.make(setup.cost_inputs(1))](const SearchSpace& space) {
      return std::make_unique<PairEvaluator>(space, without_accuracy(setup), costs);
    };
  }
  return run_study(setup, options, evaluators);
}

StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options,
                       const StudyEvaluators& evaluators) {
  require_usable_strategy(setup);
  OpenStudy study(setup, options);
  StudyStore& store = study.store();
  const SmallerStudy smaller(unfinished_folder(options));
  try {
    if (options.stored) {
      options.stored(store.all());
      store.tell_appended(options.stored);
    }
    const PreparedSupernet supernet = prepare_supernet(setup, options, evaluators.costs);
    if (!supernet.complete) return {.complete = false, .trials = store.count(), .files = {}};
    StudyEvaluators all = smaller.known_to(evaluators, setup);
    if (supernet.policy) {
      all.strategy = [&](const SearchDomain& domain, std::uint64_t seed) {
        return make_policy_answers(domain, *supernet.policy, seed);
      };
    }
    SearchRunner runner(setup, std::move(all), store, options.keep_going, options.progress);
    StudyOutcome outcome = carry_out(runner, store, options);
    std::error_code ignored;
    if (outcome.complete) fs::remove_all(unfinished_folder(options), ignored);
    return outcome;
  } catch (const DiskFullError& e) {
    throw RunError(
        fmt::format("{}; {} trials are saved in {}; when there is room, --resume goes on", e.what(),
                    store.count(), options.folder.string()));
  }
}

}  // namespace dovetail

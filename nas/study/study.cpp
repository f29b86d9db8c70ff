#include "nas/study/study.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/text.h"
#include "nas/study/study_surrogate.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Keeps a second process from working on the same folder. A POSIX record lock: it ends with the
/// process however that ends, and forked workers do not hold it.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) {
    const fs::path file = folder / ".lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw InputError(file.string() + ": " + std::strerror(errno));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(descriptor_, F_SETLK, &lock) == 0) return;
    ::close(descriptor_);
    throw InputError(folder.string() + ": another process is working on this study");
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

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

/// Throws InputError unless the stored study is the one that `now` describes.
void require_same_study(const StudyDescription& now, const StudyDescription& stored,
                        const fs::path& file) {
  const std::string hint = "; to start anew, use another folder";
  const std::string& configuration = now.facts.at("configuration");
  if (configuration != stored.facts.at("configuration")) {
    throw InputError(file.string() + ": the configuration is not that of the stored study: " +
                     first_difference(configuration, stored.facts.at("configuration")) + hint);
  }
  require_same_inputs(now, stored, file);
  if (now.facts.at("build") != stored.facts.at("build")) {
    throw InputError(fmt::format("{}: begun with {}, this is {}{}", file.string(),
                                 stored.facts.at("build"), now.facts.at("build"), hint));
  }
}

/// Keeps the answers of a slow accuracy source in the store for as long as it lives.
class KeptAccuracies {
 public:
  KeptAccuracies(AccuracyCache& cache, StudyStore& store) : cache_(cache) {
    cache_.restart(store.accuracies(),
                   [&store](const std::string& network, const AccuracyAnswer& answer) {
                     store.append_accuracy(network, answer);
                   });
  }
  ~KeptAccuracies() { cache_.restart({}, {}); }
  KeptAccuracies(const KeptAccuracies&) = delete;
  KeptAccuracies& operator=(const KeptAccuracies&) = delete;

 private:
  AccuracyCache& cache_;
};

StudyStore open_store(const StudySetup& setup, const StudyOptions& options) {
  const fs::path file = options.folder / "study.db";
  if (options.resume) {
    StudyStore store = StudyStore::open(file, StudyStore::Access::kWrite);
    require_same_study(setup.description(), store.description(), file);
    return store;
  }
  if (fs::exists(file)) {
    throw InputError(options.folder.string() +
                     " holds a study already; go on with it by --resume, or use another folder");
  }
  const StudyDescription description = setup.description();
  write_file_atomically(
      options.folder / "effective.yaml",
      fmt::format("# Every setting of the study, run by dovetail {}.\n{}",
                  description.facts.at("build"), description.facts.at("configuration")));
  return StudyStore::create(file, description);
}

/// A study without a single answer is a failed run; its trials say why.
void require_something_found(const StudyOutcome& outcome) {
  std::map<TrialStatus, std::int64_t> by_status;
  for (const RunResult& result : outcome.results.runs) {
    if (!result.front.empty()) return;
    for (const auto& [status, count] : result.by_status) by_status[status] += count;
  }
  std::vector<std::string> counts;
  for (const auto& [status, count] : by_status) {
    counts.push_back(fmt::format("{} {}", count, to_string(status)));
  }
  throw RunError(fmt::format("no candidate holds the constraints (trials: {}); see {}",
                             join(counts), outcome.files.front().parent_path().string()));
}

}  // namespace

StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options) {
  StudyEvaluators evaluators;
  const auto simulate = [&](const SearchSpace& space) -> std::unique_ptr<Evaluator> {
    return std::make_unique<SimulationEvaluator>(space, setup.accuracy(), setup.simulator(),
                                                 options.workers);
  };
  evaluators.simulation = simulate;
  evaluators.search = simulate;
  if (setup.config().cost.model == CostModel::kSurrogateThenSimulation) {
    // A model that is there is checked before anything is written; one that the study makes in its
    // folder is made when the first search begins.
    std::shared_ptr<const Surrogate> surrogate;
    if (!setup.config().cost.surrogate.file.empty()) surrogate = study_surrogate(setup, options);
    evaluators.search = [&setup, &options, surrogate](
                            const SearchSpace& space) mutable -> std::unique_ptr<Evaluator> {
      if (!surrogate) surrogate = study_surrogate(setup, options);
      if (!surrogate) return nullptr;
      return std::make_unique<SurrogateEvaluator>(space, setup.accuracy(), surrogate,
                                                  setup.simulator());
    };
    evaluators.refit = [&setup, &options](
                           const SearchSpace& space,
                           std::span<const TrialRecord> simulated) -> std::unique_ptr<Evaluator> {
      const auto refitted = refit_surrogate(setup, options, space, simulated);
      if (!refitted) return nullptr;
      return std::make_unique<SurrogateEvaluator>(space, setup.accuracy(), refitted,
                                                  setup.simulator());
    };
  }
  return run_study(setup, options, evaluators);
}

StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options,
                       const StudyEvaluators& evaluators) {
  if (options.resume && !fs::is_directory(options.folder)) {
    throw InputError(options.folder.string() + ": no study is stored there");
  }
  require_writable_folder(options.folder);
  const FolderLock lock(options.folder);
  StudyStore store = open_store(setup, options);
  const KeptAccuracies kept(*setup.accuracy(), store);

  StudyOutcome outcome;
  SearchRunner runner(setup, evaluators, store, options.keep_going, options.progress);
  outcome.complete = runner.run();
  outcome.trials = store.count();
  if (!outcome.complete) return outcome;
  outcome.results = study_results(setup, store);
  outcome.files = write_results(setup, outcome.results, options.folder);
  outcome.files.push_back(options.folder / "study.db");
  outcome.files.push_back(options.folder / "effective.yaml");
  require_something_found(outcome);
  return outcome;
}

}  // namespace dovetail

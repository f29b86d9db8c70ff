#include "nas/study/study_growth.h"

#include <fmt/core.h>

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/study/trial_timings.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEvaluations = "evaluations: ", kSeeds = "seeds: [";

/// The one line of the first level that starts so; empty if there is none.
std::string line_of(const std::string& configuration, std::string_view start) {
  for (std::string& line : split(configuration, '\n')) {
    if (line.starts_with(start)) return std::move(line);
  }
  return "";
}

std::int64_t evaluations_of(const std::string& configuration) {
  const std::string line = line_of(configuration, kEvaluations);
  return line.empty() ? 0 : std::stoll(line.substr(kEvaluations.size()));
}

std::vector<std::string> seeds_of(const std::string& configuration) {
  const std::string line = line_of(configuration, kSeeds);
  if (line.empty()) return {};
  std::vector<std::string> seeds;
  for (const std::string& seed :
       split(line.substr(kSeeds.size(), line.size() - kSeeds.size() - 1), ',')) {
    seeds.emplace_back(trim(seed));
  }
  return seeds;
}

void require_no_smaller(const std::string& begun, const std::string& now, const fs::path& file) {
  const std::int64_t before = evaluations_of(begun), wanted = evaluations_of(now);
  if (wanted < before) {
    throw InputError(fmt::format(
        "{}: found {} evaluations, begun with {}: a study takes more of them, and never fewer; to "
        "start anew, use another folder",
        file.string(), wanted, before));
  }
  const std::vector<std::string> list = seeds_of(now);
  const std::set<std::string> seeds(list.begin(), list.end());
  for (const std::string& seed : seeds_of(begun)) {
    if (seeds.contains(seed)) continue;
    throw InputError(fmt::format(
        "{}: found seeds {}, begun with {}: a study takes more seeds if those that it has are "
        "among them; to start anew, use another folder",
        file.string(), join(list), join(seeds_of(begun))));
  }
}

/// What was simulated for the points of each space, by the labels of runs.
using KnownTrials = std::map<std::string, std::vector<std::pair<Choices, Evaluation>>>;

}  // namespace

std::string with_size_of(const std::string& begun, const std::string& now, const fs::path& file) {
  require_no_smaller(begun, now, file);
  std::vector<std::string> lines = split(begun, '\n');
  for (std::string& line : lines) {
    for (const std::string_view start : {kEvaluations, kSeeds}) {
      if (line.starts_with(start)) line = line_of(now, start);
    }
  }
  return join(lines, "\n");
}

SmallerStudy::SmallerStudy(const fs::path& unfinished)
    : folder_(unfinished / "before_it_grew"), file_(folder_ / "study.db") {}

bool SmallerStudy::exists() const {
  return fs::exists(file_);
}

StudyDescription SmallerStudy::description() const {
  return StudyStore::open(file_, StudyStore::Access::kRead).description();
}

void SmallerStudy::take(const fs::path& study) {
  if (exists()) {
    throw InputError(study.string() +
                     ": the study is growing already; let it reach the evaluations and seeds that "
                     "it was given last, and then give it more");
  }
  fs::create_directories(folder_);
  const fs::path timings = TrialTimings::beside(study);
  // The study goes last: a process that ends before has changed nothing that counts.
  if (fs::exists(timings)) fs::rename(timings, TrialTimings::beside(file_));
  fs::rename(study, file_);
}

void SmallerStudy::hand_accuracies_to(StudyStore& store) const {
  if (!exists()) return;
  const auto known = StudyStore::open(file_, StudyStore::Access::kRead).accuracies();
  const auto there = store.accuracies();
  for (const auto& [network, answer] : known) {
    if (!there.contains(network)) store.append_accuracy(network, answer);
  }
}

void SmallerStudy::hand_claims_to(StudyStore& store) const {
  if (!exists()) return;
  const StudyStore before = StudyStore::open(file_, StudyStore::Access::kRead);
  for (std::size_t run = 0; run < before.description().runs.size(); ++run) {
    std::vector<TrialRecord> claims = before.trials(run, Stage::kClaimed);
    if (store.trials(run, Stage::kClaimed).empty()) store.append(run, Stage::kClaimed, claims);
  }
}

StudyEvaluators SmallerStudy::known_to(StudyEvaluators evaluators, const StudySetup& setup) const {
  if (!exists()) return evaluators;
  const StudyStore store = StudyStore::open(file_, StudyStore::Access::kRead);
  const bool predicts = setup.config().cost.model->predicts;
  const auto known = std::make_shared<KnownTrials>();
  for (const StoredTrial& trial : store.all()) {
    if (trial.record.evaluation.claimed) continue;  // nothing is known of it
    // Of a search on predictions what was simulated; all others are predicted again.
    if (predicts && trial.stage == to_string(Stage::kSearch)) continue;
    (*known)[store.description().runs[trial.run].label].emplace_back(trial.record.choices,
                                                                     trial.record.evaluation);
  }
  StudyEvaluators::Make& make = predicts ? evaluators.simulation : evaluators.search;
  make = [known, &setup, fresh = make](const SearchSpace& space) -> std::unique_ptr<Evaluator> {
    std::unique_ptr<Evaluator> made = fresh(space);
    if (!made) return nullptr;
    auto cached = std::make_unique<CachedEvaluator>(space, std::move(made));
    for (const auto& [label, trials] : *known) {
      if (&setup.space(label) != &space) continue;
      for (const auto& [choices, evaluation] : trials) cached->remember(choices, evaluation);
    }
    return cached;
  };
  return evaluators;
}

}  // namespace dovetail

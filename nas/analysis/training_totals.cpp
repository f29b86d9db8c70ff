#include "nas/analysis/training_totals.h"

#include <algorithm>

#include "models/accuracy/train/train_kind.h"
#include "models/training/job/early_end.h"

namespace dovetail {
namespace {

/// Whole epochs of each training of a network.
std::vector<std::int64_t> epochs_of(const AccuracyAnswer& answer, int trials) {
  std::vector<std::int64_t> epochs(static_cast<std::size_t>(trials), 0);
  for (const CurvePoint& point : answer.curve) {
    if (point.trial < 0 || point.trial >= trials) continue;
    std::int64_t& most = epochs[static_cast<std::size_t>(point.trial)];
    most = std::max<std::int64_t>(most, point.epoch);
  }
  return epochs;
}

}  // namespace

TrainingTotals training_totals(const std::map<std::string, AccuracyAnswer>& answers, int trials,
                               int epochs) {
  TrainingTotals totals;
  std::map<std::string, UnfinishedTrainings> others;
  for (const auto& [network, answer] : answers) {
    if (answer.ok() && answer.curve.empty()) continue;  // told from outside, not trained here
    const bool early = ended_early(answer.reason);
    for (const std::int64_t trained : epochs_of(answer, trials)) {
      ++totals.trainings;
      totals.epochs_trained += trained;
      if (trained >= epochs) {
        ++totals.to_the_end;
        continue;
      }
      const std::string reason = answer.reason.substr(0, answer.reason.find(':'));
      UnfinishedTrainings& row = others[reason];
      row.reason = reason;
      ++row.trainings;
      row.epochs_trained += trained;
      if (early) row.epochs_saved += epochs - trained;
    }
  }
  for (const auto& [reason, row] : others) {
    totals.epochs_saved += row.epochs_saved;
    totals.others.push_back(row);
  }
  std::ranges::stable_sort(totals.others, std::ranges::greater(), &UnfinishedTrainings::trainings);
  return totals;
}

std::optional<TrainingTotals> training_totals(const StoredStudy& study) {
  const TrainSettings* settings = train_settings(*study.config.accuracy.settings);
  if (settings == nullptr) return std::nullopt;
  const StudyStore store = StudyStore::open(study.file, StudyStore::Access::kRead);
  return training_totals(store.accuracies(), settings->trials, settings->recipe.epochs);
}

}  // namespace dovetail

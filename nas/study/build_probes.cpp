#include "nas/study/build_probes.h"

#include <fmt/core.h>

#include <algorithm>

#include "nas/evaluation/evaluator.h"

namespace dovetail {
namespace {

constexpr std::size_t kProbes = 20;

/// Costs alone, if asking for the accuracy takes long.
class TrialProbe {
 public:
  explicit TrialProbe(const StudySetup& setup)
      : setup_(setup), costs_(find_cost_model("simulation").make(setup.cost_inputs(1))) {}

  std::string difference(const StoredTrial& trial) {
    const TrialRecord& record = trial.record;
    const SearchSpace& space = setup_.space(setup_.runs()[trial.run].label);
    const Candidate candidate = space.decode(record.choices);
    Evaluation found =
        Evaluation::of_costs(costs_->costs_of({candidate.network, candidate.hardware}), true);
    const bool quick = !setup_.accuracy()->source().slow();
    if (quick) {
      found.accuracy = setup_.accuracy()->of(std::span(&candidate.network, 1), {}).at(0).estimate;
    }
    for (const Figure& figure : figures()) {
      if (figure.key == "top1_percent" && !quick) continue;
      if (!record.evaluation.has(figure)) continue;
      const double now = found.value(figure), stored = record.evaluation.value(figure);
      if (found.ok() && now == stored) continue;
      return fmt::format("trial {}: {} is {}, stored is {}", record.id, figure.key, now, stored);
    }
    return "";
  }

 private:
  const StudySetup& setup_;
  std::shared_ptr<CostModel> costs_;
};

}  // namespace

std::string changed_figure(const StudySetup& setup, const StudyStore& store) {
  std::vector<StoredTrial> trials = store.all();
  std::erase_if(trials, [](const StoredTrial& trial) {
    return !trial.record.evaluation.ok() || !trial.record.evaluation.simulated;
  });
  TrialProbe probe(setup);
  const std::size_t probes = std::min(kProbes, trials.size());
  for (std::size_t i = 0; i < probes; ++i) {
    const std::string difference = probe.difference(trials[i * trials.size() / probes]);
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace dovetail

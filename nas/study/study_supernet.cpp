#include "nas/study/study_supernet.h"

#include <fmt/core.h>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "models/accuracy/supernet/supernet_kind.h"
#include "models/training/supernet/uniform_training.h"
#include "nas/oneshot/oneshot_search.h"

namespace dovetail {
namespace {

bool is_oneshot(const StudyConfig& config) {
  return config.strategy == oneshot_strategy().name;
}

std::string loss_note(double loss, const SupernetProgress& now) {
  return fmt::format("epoch {} of {}, loss {:.3f}", (now.steps - 1) / now.steps_per_epoch + 1,
                     now.all_steps / now.steps_per_epoch, loss);
}

std::string record_note(const std::vector<OneshotRecord>& records) {
  if (records.empty()) return "";
  const OneshotRecord& last = records.back();
  return fmt::format("epoch {}: reward {:.4f}, drawn {:.2f} % and {:.4g} ms, entropy {:.3g}",
                     last.epoch, last.reward, last.top1_percent, last.latency_ms, last.entropy);
}

}  // namespace

void require_oneshot_fits(const StudyConfig& config) {
  if (!is_oneshot(config)) return;
  const SupernetSettings* supernet = supernet_settings(*config.accuracy.settings);
  const auto refuse = [](const std::string& why) {
    throw InputError("strategy 'oneshot': " + why);
  };
  if (supernet == nullptr) refuse("it trains a policy with a supernet: accuracy.source: supernet");
  if (!supernet->folder.empty()) {
    refuse("accuracy.folder has no effect: the supernet is trained with the policy, in the study");
  }
  if (config.seeds.size() != 1) refuse("seeds: allowed is one, since the supernet is one");
  if (config.scope == Scope::kHardware || config.phase) refuse("scope: allowed joint, network");
  if (config.compare_with_fixed_hardware) {
    refuse("comparison: the supernet and its policy are of one search");
  }
  if (config.cost.rounds > 1) refuse("cost.rounds: allowed 1");
  if (!config.restrict.empty()) refuse("restrict: the policy draws from the whole space");
  if (!config.network.points.empty()) refuse("network.points: the policy draws from all networks");
}

PreparedSupernet prepare_supernet(const StudySetup& setup, const StudyOptions& options,
                                  const StudyEvaluators::Make& costs) {
  const StudyConfig& config = setup.config();
  const SupernetSettings* settings = supernet_settings(*config.accuracy.settings);
  PreparedSupernet prepared;
  if (settings == nullptr) return prepared;
  const auto& space = setup.network().space;
  const std::filesystem::path folder =
      settings->folder.empty() ? options.folder / setup.accuracy()->source().work_folder()
                               : settings->folder;
  SupernetProgram supernet(settings->job_of(*space), folder);
  const SupernetProgress now = supernet.progress();
  if (now.finished() && !is_oneshot(config)) return prepared;
  Progress progress(
      is_oneshot(config) ? "train supernet and policy, steps" : "train the supernet, steps",
      now.all_steps, options.progress);
  if (!is_oneshot(config)) {
    prepared.complete =
        train_uniformly(supernet, space, settings->job.recipe.seed, options.keep_going,
                        [&](const SupernetProgress& p, double loss) {
                          progress.update(p.steps, loss_note(loss, p));
                        });
    return prepared;
  }
  const SearchSpace& searched = setup.space(setup.labels().front());
  auto evaluator = costs(searched);
  if (!evaluator) return {false, {}};
  CachedEvaluator cached(searched, std::move(evaluator));
  OneshotSearch search(searched, setup.objective(), cached, supernet,
                       OneshotSettings::of(config.strategy_parameters), config.seeds.front());
  prepared.complete =
      search.run(options.keep_going,
                 [&](const SupernetProgress& p, const std::vector<OneshotRecord>& records) {
                   progress.update(p.steps, record_note(records));
                   if (p.steps % p.steps_per_epoch != 0) return;
                   write_file_atomically(options.folder / "oneshot.csv", oneshot_csv(records));
                 });
  prepared.policy = search.policy();
  return prepared;
}

}  // namespace dovetail

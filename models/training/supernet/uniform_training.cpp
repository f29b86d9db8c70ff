#include "models/training/supernet/uniform_training.h"

#include <algorithm>

#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/training/supernet/supernet_plan.h"

namespace dovetail {
namespace {

constexpr std::uint64_t kStepStream = std::uint64_t{3} << 40;
constexpr double kWarmup = 0.25;  // share of the steps
constexpr const char* kNote = "uniform";

}  // namespace

bool train_uniformly(SupernetProgram& supernet, std::shared_ptr<const NetworkSpace> space,
                     std::uint64_t seed, const KeepGoing& keep_going,
                     const std::function<void(const SupernetProgress&, double loss)>& on_step) {
  SupernetProgress now = supernet.progress();
  if (now.finished()) return true;
  if (now.steps > 0 && supernet.note() != kNote) {
    throw InputError("the supernet is one that a one-shot search has begun to train");
  }
  const Choices largest = SupernetPlan(space).largest();
  const DecisionSpace& decisions = space->decisions();
  for (; !now.finished(); ++now.steps) {
    if (keep_going && !keep_going()) return false;
    const double warmup = kWarmup * static_cast<double>(now.all_steps);
    const double share = std::max(0.0, 1 - static_cast<double>(now.steps) / warmup);
    Rng rng(seed, kStepStream + now.steps);
    Choices network(decisions.size());
    for (std::size_t d = 0; d < network.size(); ++d) {
      const auto drawn = static_cast<std::uint16_t>(rng.index(decisions[d].choices.size()));
      network[d] = rng.uniform() < share ? largest[d] : drawn;
    }
    const SupernetStep step = supernet.train(std::span(&network, 1));
    if ((now.steps + 1) % now.steps_per_epoch == 0) supernet.save(kNote);
    if (on_step) on_step({now.steps + 1, now.steps_per_epoch, now.all_steps}, step.loss);
  }
  return true;
}

}  // namespace dovetail

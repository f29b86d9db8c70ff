#include "models/accuracy/train/halving_rungs.h"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace dovetail {

HalvingRungs::HalvingRungs(int eta, int epochs) : eta_(eta) {
  for (int epoch = 1; epoch < epochs; epoch *= eta) rungs_.push_back({epoch, {}});
}

void HalvingRungs::learn(std::span<const double> percents) {
  for (Known& rung : rungs_) {
    if (percents.size() < static_cast<std::size_t>(rung.epoch)) return;
    const double percent = percents[static_cast<std::size_t>(rung.epoch) - 1];
    rung.percents.insert(
        std::upper_bound(rung.percents.begin(), rung.percents.end(), percent, std::greater<>()),
        percent);
  }
}

std::vector<Rung> HalvingRungs::of_next() const {
  std::vector<Rung> rungs;
  for (const Known& rung : rungs_) {
    if (rung.percents.empty()) continue;
    const std::size_t with_next = rung.percents.size() + 1;
    const std::size_t promoted =
        std::max<std::size_t>(1, with_next / static_cast<std::size_t>(eta_));
    rungs.push_back({rung.epoch, rung.percents[promoted - 1]});
  }
  return rungs;
}

}  // namespace dovetail

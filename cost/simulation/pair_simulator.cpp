#include "cost/simulation/pair_simulator.h"

#include <chrono>
#include <utility>

#include "cost/figures/simulated.h"
#include "sim/simulator.h"

namespace dovetail {

struct PairSimulator::Impl {
  Simulator simulator;
};

PairSimulator::PairSimulator(PairDomain domain, const std::string& technology)
    : domain_(std::move(domain)), impl_(new Impl{Simulator(totals_only(technology))}) {}

PairSimulator::~PairSimulator() = default;

PairCosts PairSimulator::costs(const Pair& pair) {
  const auto start = std::chrono::steady_clock::now();
  PairCosts found;
  const Answer answer = answer_of([&] {
    found.costs =
        costs_of(impl_->simulator.run(*domain_.network_of(pair), domain_.accelerator_of(pair)));
    return std::string();
  });
  if (answer.kind != AnswerKind::kBytes) found.failure = answer;
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}

double PairSimulator::area_mm2(const AcceleratorConfig& accelerator) const {
  return impl_->simulator.area_mm2(accelerator);
}

}  // namespace dovetail

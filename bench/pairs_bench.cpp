// Time of random (network, accelerator) pairs of ofa_mbv3 x nahas_edge, mapper included, on one
// core: quantiles, the ratio to runs without reuse of mappings in the same session, and the peak
// memory. usage: pairs_bench [PAIRS]

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "base/files/paths.h"
#include "base/text/version.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

/// Processor time of this process, which other work on the machine disturbs less than the clock.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct BuiltPair {
  Network network;
  AcceleratorConfig accelerator;
};

std::vector<BuiltPair> random_pairs(int count) {
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  const DesignSpace accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  std::vector<BuiltPair> pairs;
  for (int i = 0; i < count; ++i) {
    Rng rng(2026, static_cast<std::uint64_t>(i));
    pairs.push_back({networks.build(networks.canonical(networks.decisions().sample(rng))),
                     accelerators.decode(accelerators.decisions().sample(rng))});
  }
  return pairs;
}

struct Times {
  std::vector<double> ms;
  int infeasible = 0;

  double quantile(double q) const {
    return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))];
  }
};

Times time_pairs(const std::vector<BuiltPair>& pairs, const SimulatorOptions& options) {
  Simulator simulator(options);
  Times times;
  for (const BuiltPair& pair : pairs) {
    const double begin = cpu_ms();
    times.infeasible += simulator.run(pair.network, pair.accelerator).feasible() ? 0 : 1;
    times.ms.push_back(cpu_ms() - begin);
  }
  std::sort(times.ms.begin(), times.ms.end());
  return times;
}

void run(int count) {
  const double before = cpu_ms();
  Simulator({.per_layer = false}).run(find_network("mobilenet_v2"), AcceleratorConfig{});
  fmt::print("{}\n\nfirst simulation of the process, elaboration included: {:.2f} ms\n\n",
             build_description(), cpu_ms() - before);
  const std::vector<BuiltPair> pairs = random_pairs(count);
  SimulatorOptions options;
  options.per_layer = false;
  const Times with_reuse = time_pairs(pairs, options);
  options.reuse = false;
  const Times without = time_pairs(pairs, options);
  fmt::print("{} random pairs, processor ms a pair\n", count);
  fmt::print("{:16} {:>8} {:>8} {:>8} {:>8}\n", "", "median", "95 %", "longest", "ratio");
  const auto row = [&](const char* name, const Times& t) {
    fmt::print("{:16} {:8.3f} {:8.3f} {:8.3f} {:8.2f}\n", name, t.quantile(0.5), t.quantile(0.95),
               t.ms.back(), t.quantile(0.5) / without.quantile(0.5));
  };
  row("mappings reused", with_reuse);
  row("mapped anew", without);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("\n{} of them infeasible; peak memory of the process {:.0f} MB\n",
             with_reuse.infeasible, static_cast<double>(usage.ru_maxrss) / 1024);
}

}  // namespace
}  // namespace dovetail

int main(int argc, char** argv) {
  dovetail::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 1000);
}

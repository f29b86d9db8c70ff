#include "cost/simulation/loose_simulation.h"

#include <algorithm>
#include <utility>

#include "base/text/error.h"
#include "cost/simulation/protocol.h"

namespace dovetail {
namespace {

/// Pairs of a request: each worker is to get some, and handing over few costs as much as many.
constexpr std::size_t kMostTogether = 16;
constexpr std::size_t kRequestsPerWorker = 4;

bool same_networks(std::span<const NetworkSide> a, std::span<const NetworkSide> b) {
  return std::ranges::equal(a, b, [](const NetworkSide& x, const NetworkSide& y) {
    return x.space == y.space && x.network == y.network;
  });
}

}  // namespace

LooseSimulation::LooseSimulation(int workers, TaskRunner run)
    : workers_(workers), run_(std::move(run)) {
  if (!run_ && workers != 1) pool_.emplace(workers);
}

std::vector<LooseCosts> LooseSimulation::costs_here(std::span<const NetworkSide> networks,
                                                    std::span<const LoosePair> pairs,
                                                    const KeepGoing& keep_going) {
  std::vector<LooseCosts> found;
  for (const LoosePair& pair : pairs) {
    if (keep_going && !keep_going()) break;
    found.push_back(simulator_.costs(networks[pair.network], pair));
  }
  return found;
}

std::vector<LooseCosts> LooseSimulation::costs(std::span<const NetworkSide> networks,
                                               std::span<const LoosePair> pairs,
                                               const KeepGoing& keep_going) {
  if (pairs.empty()) return {};
  // A single pair is simulated before another process of this machine has heard of it.
  if (!run_ && (!pool_ || pairs.size() < 2)) return costs_here(networks, pairs, keep_going);
  if (job_.empty() || !same_networks(told_, networks)) {
    told_.assign(networks.begin(), networks.end());
    job_ = loose_job_text(networks);
  }
  const std::size_t pieces = static_cast<std::size_t>(workers_) * kRequestsPerWorker;
  const std::size_t together =
      std::clamp<std::size_t>((pairs.size() + pieces - 1) / pieces, 1, kMostTogether);
  std::vector<LooseCosts> found;
  Tasks tasks;
  tasks.count = (pairs.size() + together - 1) / together;
  tasks.job = job_;
  tasks.request = [&](std::uint64_t task) {
    const std::size_t begin = task * together;
    return loose_request_text(pairs.subspan(begin, std::min(together, pairs.size() - begin)));
  };
  tasks.deliver = [&](std::uint64_t, const std::string& answer) {
    for (LooseCosts& costs : loose_answer_from_text(answer)) found.push_back(std::move(costs));
  };
  tasks.keep_going = keep_going;
  const std::uint64_t done = run_ ? run_(tasks) : pool_->run(tasks);
  if (found.size() != std::min<std::size_t>(pairs.size(), done * together)) {
    throw RunError("a worker sent half an answer");
  }
  return found;
}

}  // namespace dovetail

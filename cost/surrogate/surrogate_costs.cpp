#include "cost/surrogate/surrogate_costs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Pairs that are predicted at once: enough that the network is read once for many.
constexpr std::uint64_t kPairsAtOnce = 4096;

}  // namespace

PredictPairs predictions_of(std::shared_ptr<const Surrogate> surrogate) {
  return [surrogate = std::move(surrogate)](std::span<const Choices> network,
                                            std::span<const Choices> hardware) {
    return surrogate->predict(network, hardware);
  };
}

SurrogateCosts::SurrogateCosts(PairDomain domain, PredictPairs predict,
                               const std::string& technology)
    : domain_(std::move(domain)),
      predict_(std::move(predict)),
      simulator_(totals_only(technology)) {
  if (!domain_.network.space || !domain_.hardware.space) {
    throw InputError("a surrogate needs a network space and a hardware space");
  }
}

std::uint64_t SurrogateCosts::stream(const PairStream& pairs) {
  std::uint64_t done = 0;
  while (done < pairs.count && (!pairs.keep_going || pairs.keep_going())) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t end = std::min(pairs.count, done + kPairsAtOnce);
    std::vector<Choices> networks, hardware;
    for (std::uint64_t i = done; i < end; ++i) {
      Pair pair = pairs.pair(i);
      networks.push_back(std::move(pair.network));
      hardware.push_back(std::move(pair.hardware));
    }
    const std::vector<CostPrediction> predictions = predict_(networks, hardware);
    std::vector<PairCosts> found(predictions.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      found[i].costs = predictions[i].costs;
      found[i].costs.area_mm2 = simulator_.area_mm2(domain_.hardware.space->decode(hardware[i]));
    }
    // What was found together took equal parts of the time.
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    for (std::size_t i = 0; i < found.size(); ++i, ++done) {
      found[i].seconds = took.count() / static_cast<double>(found.size());
      pairs.deliver(done, {std::move(networks[i]), std::move(hardware[i])}, found[i]);
    }
  }
  return done;
}

}  // namespace dovetail

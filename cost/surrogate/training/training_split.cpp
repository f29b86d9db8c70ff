#include "cost/surrogate/training/training_split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/numbers/random.h"

namespace dovetail {

std::uint64_t training_stream(TrainingStream kind, std::size_t member, std::uint64_t index) {
  return static_cast<std::uint64_t>(kind) << 56 | static_cast<std::uint64_t>(member) << 48 | index;
}

TrainingSplit split_rows(const Dataset& data, const TrainingOptions& options) {
  std::map<std::pair<Choices, Choices>, std::vector<std::size_t>> rows_of_pair;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    rows_of_pair[{data.network(r), data.hardware(r)}].push_back(r);
  }
  std::vector<const std::vector<std::size_t>*> groups;
  for (const auto& [pair, rows] : rows_of_pair) groups.push_back(&rows);
  std::sort(groups.begin(), groups.end(), [](auto* a, auto* b) { return a->front() < b->front(); });
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(options.seed, training_stream(TrainingStream::kSplit));
  rng.shuffle(order);

  const auto share = [&](double fraction) {
    return static_cast<std::size_t>(std::lround(fraction * static_cast<double>(groups.size())));
  };
  const std::size_t held_out = share(options.held_out_fraction);
  const std::size_t validation = held_out + share(options.validation_fraction);
  TrainingSplit split;
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto& part = i < held_out ? split.held_out : i < validation ? split.validation : split.train;
    const auto& rows = *groups[order[i]];
    part.insert(part.end(), rows.begin(), rows.end());
  }
  return split;
}

}  // namespace dovetail

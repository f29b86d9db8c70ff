#include "models/accuracy/measured/representatives.h"

#include <string>
#include <unordered_map>

#include "models/network/space/network_space.h"

namespace dovetail {

Representatives::Representatives(const NetworkSpace& space) : decisions_(&space.decisions()) {
  const auto count = decisions_->count();
  if (!count || *count > kMostPoints) return;
  std::unordered_map<std::string, std::uint64_t> first;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const Choices choices = decisions_->from_index(i);
    const auto [known, added] = first.try_emplace(space.canonical_key(choices), i);
    first_.push_back(added ? choices : first_[known->second]);
  }
}

const Choices& Representatives::of(const Choices& network) const {
  if (first_.empty()) return network;
  decisions_->validate(network);
  return first_[decisions_->index_of(network)];
}

}  // namespace dovetail

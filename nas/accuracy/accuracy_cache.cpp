#include "nas/accuracy/accuracy_cache.h"

#include <set>

#include "models/network/network_space.h"

namespace dovetail {

std::string AccuracyCache::key_of(const Choices& network) const {
  if (source_->slow() && space_) return space_->canonical_key(network);
  return {reinterpret_cast<const char*>(network.data()),
          network.size() * sizeof(Choices::value_type)};
}

std::vector<AccuracyAnswer> AccuracyCache::of(std::span<const Choices> networks,
                                              const KeepGoing& keep_going) {
  std::vector<std::string> keys, missing_keys;
  std::vector<Choices> missing;
  std::set<std::string> asked;
  for (const Choices& network : networks) {
    keys.push_back(key_of(network));
    if (known_.contains(keys.back()) || !asked.insert(keys.back()).second) continue;
    missing.push_back(network);
    missing_keys.push_back(keys.back());
  }
  if (!missing.empty()) {
    source_->ask(
        missing,
        [&](std::size_t i, const AccuracyAnswer& answer) {
          if (keep_ && source_->slow()) keep_(missing_keys[i], answer);
          known_.emplace(missing_keys[i], answer);
        },
        keep_going);
  }
  std::vector<AccuracyAnswer> answers;
  for (const std::string& key : keys) {
    const auto known = known_.find(key);
    if (known == known_.end()) break;
    answers.push_back(known->second);
  }
  return answers;
}

void AccuracyCache::restart(std::map<std::string, AccuracyAnswer> known, Keep keep) {
  known_ = std::move(known);
  keep_ = std::move(keep);
}

}  // namespace dovetail

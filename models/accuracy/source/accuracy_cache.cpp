#include "models/accuracy/source/accuracy_cache.h"

#include <fmt/core.h>

#include <set>

#include "base/text/error.h"
#include "models/accuracy/source/learning_source.h"
#include "models/network/space/network_space.h"
#include "models/network/space/training_decisions.h"

namespace dovetail {

std::string AccuracyCache::key_of(const Choices& network) const {
  if (source_->slow() && space_) {
    const std::string training = training_key(space_->decisions(), network);
    return space_->canonical_key(network) + (training.empty() ? "" : "; " + training);
  }
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
  if (!missing.empty()) ask(missing, missing_keys, keep_going);
  std::vector<AccuracyAnswer> answers;
  for (const std::string& key : keys) {
    const auto known = known_.find(key);
    if (known == known_.end()) break;
    answers.push_back(known->second);
  }
  return answers;
}

void AccuracyCache::ask(std::span<const Choices> networks, std::span<const std::string> keys,
                        const KeepGoing& keep_going) {
  const bool slow = source_->slow();
  Progress progress("ask for accuracies", networks.size(), slow ? progress_ : ProgressMode::kQuiet);
  std::uint64_t done = 0, without = 0;
  source_->ask(
      networks,
      [&](std::size_t i, const AccuracyAnswer& answer) {
        if (slow && keep_) keep_(keys[i], answer);
        known_.emplace(keys[i], answer);
        if (!slow) return;
        without += answer.ok() ? 0 : 1;
        progress.update(++done, without > 0 ? fmt::format("{} without an answer", without) : "");
      },
      keep_going);
}

void AccuracyCache::tell(const Choices& network, const AccuracyAnswer& answer) {
  const std::string key = key_of(network);
  const auto known = known_.find(key);
  if (known == known_.end()) {
    if (keep_) keep_(key, answer);
    known_.emplace(key, answer);
  } else if (known->second != answer) {
    const AccuracyAnswer& before = known->second;
    throw InputError(
        fmt::format("top1_percent: found {}, and for the same network it was told before: {}",
                    answer.estimate.top1_percent,
                    before.ok() ? fmt::format("{}", before.estimate.top1_percent) : before.reason));
  }
}

void AccuracyCache::settle(const Choices& network) {
  auto* learning = dynamic_cast<LearningSource*>(source_.get());
  if (learning == nullptr) return;
  const std::string key = key_of(network);
  const auto known = known_.find(key);
  if (known == known_.end() || !settled_.insert(key).second) return;
  learning->learn(network, known->second);
}

void AccuracyCache::restart(std::map<std::string, AccuracyAnswer> known, Keep keep,
                            ProgressMode progress) {
  known_ = std::move(known);
  settled_.clear();
  if (auto* learning = dynamic_cast<LearningSource*>(source_.get())) learning->forget();
  keep_ = std::move(keep);
  progress_ = progress;
}

}  // namespace dovetail

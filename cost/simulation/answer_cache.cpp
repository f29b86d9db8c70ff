#include "cost/simulation/answer_cache.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace dovetail {
namespace {

using nlohmann::json;

constexpr std::size_t kOverheadBytes = 128;  // of an entry, about

/// The list called `key` of an object; null if it is none.
const json* list_of(const json& node, const char* key) {
  if (!node.is_object()) return nullptr;
  const auto at = node.find(key);
  return at != node.end() && at->is_array() ? &*at : nullptr;
}

std::string joined(const std::vector<std::string>& items, const char* key) {
  std::string text = fmt::format("{{\"{}\":[", key);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    text += items[i];
  }
  return text + "]}";
}

}  // namespace

Answer AnswerCache::answer(const std::string& job, const std::string& request,
                           const std::function<Answer(const std::string&)>& ask) {
  const json node = json::parse(request, nullptr, /*allow_exceptions=*/false);
  const json* const pairs = list_of(node, "pairs");
  if (pairs == nullptr) return ask(request);

  std::vector<std::string> keys, costs(pairs->size()), unknown;
  std::vector<std::size_t> places;  // of the unknown ones
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = number_of(job);
    for (const json& pair : *pairs) {
      std::string text = pair.dump(-1, ' ', false, json::error_handler_t::replace);
      keys.push_back(fmt::format("{}\n{}", number, text));
      const std::size_t i = keys.size() - 1;
      if (const auto known = costs_.find(keys[i]); known != costs_.end()) {
        costs[i] = known->second;
        continue;
      }
      places.push_back(i);
      unknown.push_back(std::move(text));
    }
    counts_.pairs += keys.size();
    counts_.found += keys.size() - unknown.size();
  }
  if (!unknown.empty()) {
    Answer found = ask(joined(unknown, "pairs"));
    if (found.kind != AnswerKind::kBytes) return found;
    json answer = json::parse(found.bytes, nullptr, /*allow_exceptions=*/false);
    const json* const list = list_of(answer, "costs");
    if (list == nullptr || list->size() != unknown.size()) return found;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < places.size(); ++i) {
      json pair_costs = (*list)[i];
      costs[places[i]] = pair_costs.dump();
      if (pair_costs.contains("seconds")) pair_costs["seconds"] = 0;
      keep(std::move(keys[places[i]]), pair_costs.dump());
    }
  }
  return {AnswerKind::kBytes, joined(costs, "costs")};
}

AnswerCache::Counts AnswerCache::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::uint64_t AnswerCache::number_of(const std::string& job) {
  const auto [at, fresh] = jobs_.try_emplace(job, numbers_);
  if (fresh) {
    ++numbers_;
    bytes_ += job.size() + kOverheadBytes;
  }
  return at->second;
}

void AnswerCache::keep(std::string key, std::string costs) {
  if (bytes_ > most_bytes_) {
    costs_.clear();
    jobs_.clear();
    bytes_ = 0;
  }
  bytes_ += key.size() + costs.size() + kOverheadBytes;
  costs_.insert_or_assign(std::move(key), std::move(costs));
}

}  // namespace dovetail

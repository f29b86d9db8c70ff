#include "cost/simulation/answer_cache.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/text/nesting.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr std::size_t kOverheadBytes = 128;  // of an entry, about
constexpr int kMostNesting = 64;
// Of a pair whose costs could not be found (protocol.cpp).
constexpr const char *kInputError = "input_error", *kRunError = "run_error";

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
  if (is_nested_deeper(request, kMostNesting)) {
    return {AnswerKind::kInputError,
            fmt::format("request: found more than {} objects in each other", kMostNesting)};
  }
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
      if (pair_costs.contains(kRunError)) continue;  // another time it may go well
      if (pair_costs.contains("seconds")) pair_costs["seconds"] = 0;
      keep(std::move(keys[places[i]]), pair_costs.dump());
    }
  }
  return {AnswerKind::kBytes, joined(costs, "costs")};
}

AnswerCache::Counts AnswerCache::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.bytes = bytes_;
  return counts;
}

std::uint64_t AnswerCache::number_of(const std::string& job) {
  forget_if_full();
  const auto [at, fresh] = jobs_.try_emplace(job, numbers_);
  if (fresh) {
    ++numbers_;
    bytes_ += job.size() + kOverheadBytes;
  }
  return at->second;
}

void AnswerCache::keep(std::string key, std::string costs) {
  forget_if_full();
  bytes_ += key.size() + costs.size() + kOverheadBytes;
  costs_.insert_or_assign(std::move(key), std::move(costs));
}

void AnswerCache::forget_if_full() {
  if (bytes_ <= most_bytes_) return;
  costs_.clear();
  jobs_.clear();
  bytes_ = 0;
}

Answer answer_each(const std::string& request,
                   const std::function<Answer(const std::string&)>& ask) {
  Answer whole = ask(request);
  if (whole.kind == AnswerKind::kBytes || is_nested_deeper(request, kMostNesting)) return whole;
  const json node = json::parse(request, nullptr, /*allow_exceptions=*/false);
  const json* const pairs = list_of(node, "pairs");
  if (pairs == nullptr) return whole;
  std::vector<std::string> costs;
  for (const json& pair : *pairs) {
    const Answer one = pairs->size() == 1 ? whole : ask(joined({pair.dump()}, "pairs"));
    const json found = json::parse(one.bytes, nullptr, /*allow_exceptions=*/false);
    const json* const list = one.kind == AnswerKind::kBytes ? list_of(found, "costs") : nullptr;
    const char* const key = one.kind == AnswerKind::kInputError ? kInputError : kRunError;
    costs.push_back(list != nullptr && list->size() == 1
                        ? list->front().dump()
                        : json{{"seconds", 0}, {key, one.bytes}}.dump());
  }
  return {AnswerKind::kBytes, joined(costs, "costs")};
}

}  // namespace dovetail

#include "cost/simulation/answer_cache.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/nesting.h"
#include "cost/simulation/job_content.h"

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

std::string text_of(const json& node) {
  return node.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Equal for pairs of equal jobs that cost the same. A loose pair names its network by the position
/// in its job's list, which says nothing to others; what its accelerator is called is seen in a
/// report alone.
std::string key_of(const json& pair, const std::string& text, std::uint64_t common,
                   const std::vector<std::uint64_t>& networks) {
  const auto at = pair.is_object() ? pair.find("network") : pair.end();
  if (at == pair.end() || !at->is_number_unsigned() || at->get<std::size_t>() >= networks.size()) {
    return fmt::format("{}\n{}", common, text);
  }
  json rest = pair;
  rest.erase("network");
  const auto accelerator = rest.find("accelerator");
  const auto report = rest.find("report");
  if (accelerator != rest.end() && accelerator->is_object() && report != rest.end() &&
      *report == false) {
    accelerator->erase("name");
  }
  return fmt::format("{} {}\n{}", common, networks[at->get<std::size_t>()], text_of(rest));
}

}  // namespace

/// A request, and what is known of its answer.
struct AnswerCache::Question {
  std::vector<std::string> texts;  // of its pairs, as the request has them
  std::vector<std::string> keys;   // equal for pairs that cost the same
  std::vector<std::string> costs;  // empty: not known yet
};

/// A pair that someone asks a worker about.
struct AnswerCache::UnderWay {
  bool over = false;
  std::string costs;              // empty: there are none that others could take
  std::optional<Answer> failure;  // of finding this very pair
};

/// The pairs that one request asks about, while others wait for them. However that ends, nobody
/// waits any longer.
class AnswerCache::Claim {
 public:
  explicit Claim(AnswerCache& cache) : cache_(cache) {}
  ~Claim() { end(); }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  bool empty() const { return places_.empty(); }
  void end() {
    if (claimed_.empty()) return;
    {
      const std::lock_guard lock(cache_.mutex_);
      for (const auto& [key, one] : claimed_) {
        one->over = true;
        cache_.under_way_.erase(key);
      }
    }
    claimed_.clear();
    cache_.over_.notify_all();
  }
  /// With the cache's mutex held.
  void add(std::size_t place, const std::string& key, std::shared_ptr<UnderWay> one) {
    places_.push_back(place);
    claimed_.emplace_back(key, std::move(one));
  }

  /// Puts the answers of `ask` into the question. What it returns is the answer to all of it.
  std::optional<Answer> find(Question& question,
                             const std::function<Answer(const std::string&)>& ask) {
    std::vector<std::string> texts;
    for (const std::size_t place : places_) texts.push_back(question.texts[place]);
    Answer found = ask(joined(texts, "pairs"));
    if (found.kind != AnswerKind::kBytes) {
      // Of several pairs nobody knows which one it was.
      if (found.kind == AnswerKind::kRunError && places_.size() == 1) tell_failure(found);
      return found;
    }
    json answer = json::parse(found.bytes, nullptr, /*allow_exceptions=*/false);
    const json* const list = list_of(answer, "costs");
    if (list == nullptr || list->size() != places_.size()) return found;
    const std::lock_guard lock(cache_.mutex_);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      json costs = (*list)[i];
      question.costs[places_[i]] = costs.dump();
      if (costs.contains(kInputError)) continue;
      if (costs.contains("seconds")) costs["seconds"] = 0;
      claimed_[i].second->costs = costs.dump();
      // Another time it may go well.
      if (!costs.contains(kRunError)) cache_.keep(claimed_[i].first, claimed_[i].second->costs);
    }
    return std::nullopt;
  }

 private:
  void tell_failure(const Answer& failure) {
    const std::lock_guard lock(cache_.mutex_);
    claimed_.front().second->failure = failure;
  }

  AnswerCache& cache_;
  std::vector<std::size_t> places_;                                         // in the question
  std::vector<std::pair<std::string, std::shared_ptr<UnderWay>>> claimed_;  // with their keys
};

Answer AnswerCache::answer(const std::string& job, const std::string& request,
                           const std::function<Answer(const std::string&)>& ask) {
  if (is_nested_deeper(request, kMostNesting)) {
    return {AnswerKind::kInputError,
            fmt::format("request: found more than {} objects in each other", kMostNesting)};
  }
  const json node = json::parse(request, nullptr, /*allow_exceptions=*/false);
  const json* const pairs = list_of(node, "pairs");
  if (pairs == nullptr) return ask(request);

  Question question;
  question.costs.resize(pairs->size());
  {
    const std::lock_guard lock(mutex_);
    const KnownJob& known = known_job(job);
    for (const json& pair : *pairs) {
      question.texts.push_back(text_of(pair));
      question.keys.push_back(key_of(pair, question.texts.back(), known.common, known.networks));
    }
    counts_.pairs += pairs->size();
  }
  // What is under way elsewhere may end without an answer that others could take. Nobody waits
  // before what others wait for is found, so no two wait for each other.
  for (bool all = false; !all;) {
    Claim mine(*this);
    Others others;
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < question.keys.size(); ++i) {
        if (!question.costs[i].empty()) continue;
        if (const auto known = costs_.find(question.keys[i]); known != costs_.end()) {
          question.costs[i] = known->second;
          ++counts_.found;
          continue;
        }
        const auto [at, fresh] = under_way_.try_emplace(question.keys[i]);
        if (fresh) {
          at->second = std::make_shared<UnderWay>();
          mine.add(i, at->first, at->second);
        } else {
          others.emplace_back(i, at->second);
        }
      }
    }
    if (!mine.empty()) {
      if (auto whole = mine.find(question, ask)) return std::move(*whole);
    }
    mine.end();
    if (auto whole = wait_for(others, question)) return std::move(*whole);
    all = std::ranges::none_of(question.costs, &std::string::empty);
  }
  return {AnswerKind::kBytes, joined(question.costs, "costs")};
}

/// Takes what others ask about; what it returns is the answer to all of the question.
std::optional<Answer> AnswerCache::wait_for(const Others& others, Question& question) {
  if (others.empty()) return std::nullopt;
  std::unique_lock lock(mutex_);
  ++counts_.waiting;
  std::optional<Answer> failure;
  for (const auto& [place, one] : others) {
    over_.wait(lock, [&one = one] { return one->over; });
    if (one->failure) failure = one->failure;
    if (one->costs.empty()) continue;
    question.costs[place] = one->costs;
    ++counts_.found;
    ++counts_.shared;
  }
  --counts_.waiting;
  return failure;
}

AnswerCache::Counts AnswerCache::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.bytes = bytes_;
  return counts;
}

const AnswerCache::KnownJob& AnswerCache::known_job(const std::string& job) {
  forget_if_full();
  const auto [at, fresh] = jobs_.try_emplace(job);
  if (!fresh) return at->second;
  bytes_ += job.size() + kOverheadBytes;
  const JobContent content = content_of_job(job);
  at->second.common = number_of(content.common);
  for (const std::string& network : content.networks) {
    at->second.networks.push_back(number_of(network));
  }
  return at->second;
}

std::uint64_t AnswerCache::number_of(const std::string& content) {
  const auto [at, fresh] = contents_.try_emplace(content, numbers_);
  if (fresh) {
    ++numbers_;
    bytes_ += content.size() + kOverheadBytes;
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
  contents_.clear();
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

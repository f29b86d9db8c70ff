#include "cost/figures/set_figures.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

const std::string kRatio = "latency_ratio";

/// A key taken apart: "latency_ms", "@" and "resnet18", or "latency_ms" and "_mean".
struct KeyParts {
  std::string figure, ending, member;
};

KeyParts parts_of(const std::string& key) {
  if (const std::size_t at = key.find('@'); at != std::string::npos) {
    return {key.substr(0, at), "@", key.substr(at + 1)};
  }
  for (const char* ending : {"_max", "_mean", "_sum"}) {
    const std::string text = ending;
    if (key.size() > text.size() && key.ends_with(text)) {
      return {key.substr(0, key.size() - text.size()), text, ""};
    }
  }
  return {key, "", ""};
}

/// Null if it is no figure of costs.
const Figure* cost_figure(const std::string& key) {
  for (const Figure& figure : figures()) {
    if (figure.key == key && !figure.maximise) return &figure;
  }
  return nullptr;
}

bool is_ratio(const KeyParts& parts) {
  return parts.figure == kRatio && (parts.ending == "_max" || parts.ending == "_mean");
}

/// What to offer where a key is none.
std::vector<std::string> known_keys(std::span<const SetMember> members) {
  std::vector<std::string> known;
  for (const Figure& figure : figures()) {
    if (!figure.maximise) known.push_back(figure.key);
  }
  for (const std::string& key : SetFigure::keys_of(members)) known.push_back(key);
  return known;
}

/// Where the member stands; throws InputError for one that is not there.
std::size_t position_of(const std::string& key, const std::string& name,
                        std::span<const SetMember> members) {
  std::vector<std::string> names;
  for (const SetMember& member : members) {
    if (member.name == name) return names.size();
    names.push_back(member.name);
  }
  throw InputError(fmt::format("'{}': {}", key, unknown_name("name", name, names)));
}

}  // namespace

SetFigure SetFigure::parse(const std::string& key, std::span<const SetMember> members) {
  const KeyParts parts = parts_of(key);
  SetFigure found;
  found.key_ = key;
  found.weights_.assign(members.size(), 1);
  found.divisors_.assign(members.size(), 1);
  found.figure_ = is_ratio(parts) ? &find_figure("latency_ms") : cost_figure(parts.figure);
  if (found.figure_ == nullptr) {
    throw InputError(unknown_name("figure", key, known_keys(members)));
  }
  found.unit_ = is_ratio(parts) ? "" : found.figure_->unit;
  found.decimals_ = found.figure_->decimals;
  if (parts.ending == "@") {
    found.member_ = parts.member;
    found.weights_.assign(members.size(), 0);
    found.weights_[position_of(key, parts.member, members)] = 1;
  } else if (parts.ending == "_mean" || parts.ending == "_sum") {
    found.kind_ = parts.ending == "_mean" ? Kind::kMean : Kind::kSum;
    for (std::size_t m = 0; m < members.size(); ++m) found.weights_[m] = members[m].weight;
  }
  if (!is_ratio(parts)) return found;
  for (std::size_t m = 0; m < members.size(); ++m) {
    found.divisors_[m] = members[m].reference_ms;
    if (!std::isnan(members[m].reference_ms)) continue;
    throw InputError(fmt::format(
        "'{}': there is no latency to compare that of '{}' with: it needs a limit on its latency",
        key, members[m].name));
  }
  return found;
}

std::vector<std::string> SetFigure::keys_of(std::span<const SetMember> members) {
  std::vector<std::string> keys;
  for (const char* figure : {"latency_ms", "energy_mj", "power_mw"}) {
    for (const SetMember& member : members) {
      keys.push_back(fmt::format("{}@{}", figure, member.name));
    }
  }
  for (const char* key : {"latency_ms_mean", "latency_ms_sum", "energy_mj_mean", "energy_mj_sum",
                          "power_mw_max", "edp_mj_ms_max"}) {
    keys.emplace_back(key);
  }
  const bool compared = std::ranges::all_of(
      members, [](const SetMember& member) { return !std::isnan(member.reference_ms); });
  if (compared) keys.insert(keys.end(), {"latency_ratio_max", "latency_ratio_mean"});
  return keys;
}

bool SetFigure::is_of(const std::string& member) const {
  return member_.empty() ? kind_ == Kind::kWorst : member_ == member;
}

double SetFigure::of(std::span<const Costs* const> costs) const {
  double worst = -std::numeric_limits<double>::infinity(), sum = 0, weights = 0;
  for (std::size_t m = 0; m < costs.size(); ++m) {
    if (weights_[m] == 0) continue;
    const double value = figure_->of(*costs[m]) / divisors_[m];
    if (std::isnan(value)) return value;
    worst = std::max(worst, value);
    sum += weights_[m] * value;
    weights += weights_[m];
  }
  if (kind_ == Kind::kWorst) return worst;
  return kind_ == Kind::kSum ? sum : sum / weights;
}

bool is_set_key(const std::string& key) {
  const KeyParts parts = parts_of(key);
  if (parts.ending.empty() || (parts.ending == "@" && parts.member.empty())) return false;
  return is_ratio(parts) || cost_figure(parts.figure) != nullptr;
}

const Figure& set_metric(const std::string& key) {
  static std::mutex mutex;
  static std::map<std::string, Figure> metrics;  // which never moves what it holds
  if (!is_set_key(key)) throw InputError(fmt::format("'{}' is no figure of a set", key));
  const std::lock_guard lock(mutex);
  if (const auto known = metrics.find(key); known != metrics.end()) return known->second;
  const KeyParts parts = parts_of(key);
  const Figure& of_pairs = is_ratio(parts) ? find_figure("latency_ms") : *cost_figure(parts.figure);
  Figure metric = of_pairs;
  metric.key = metric.name = key;
  metric.unit = is_ratio(parts) ? "" : of_pairs.unit;
  metric.meaning = of_pairs.meaning + ", of a set";
  metric.kind = FigureKind::kMetric;
  metric.predicted = false;
  metric.known_infeasible = false;
  metric.get = [key](const Costs& costs, const AccuracyEstimate&) {
    const auto value = costs.of_set.find(key);
    return value == costs.of_set.end() ? Costs::kUnknown : value->second;
  };
  metric.set = [key](double value, Costs& costs, AccuracyEstimate&) { costs.of_set[key] = value; };
  return metrics.emplace(key, std::move(metric)).first->second;
}

Costs costs_of_set(std::span<const SetMember> members, std::span<const SetFigure> set_figures,
                   std::span<const Costs* const> costs) {
  Costs worst;
  AccuracyEstimate none;
  for (std::size_t m = 0; m < costs.size(); ++m) {
    if (costs[m]->feasible()) continue;
    worst.reason = costs[m]->reason;
    worst.reason_text = members[m].name + ": " + costs[m]->reason_text;
    worst.area_mm2 = costs[m]->area_mm2;
    return worst;
  }
  for (const Figure& figure : figures()) {
    if (figure.maximise || figure.set == nullptr) continue;
    figure.set(SetFigure::parse(figure.key, members).of(costs), worst, none);
  }
  for (const SetFigure& figure : set_figures) worst.of_set[figure.key()] = figure.of(costs);
  return worst;
}

}  // namespace dovetail

#include "nas/experiments/explore/choice_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

/// Runs it; what is wrong is told with the option.
template <typename Read>
auto told_with(const std::string& option, const Read& read) {
  try {
    return read();
  } catch (const InputError& e) {
    const std::string message = e.what();
    throw InputError(message.starts_with(option) ? message : option + ": " + message);
  }
}

/// A network may be called as it was asked for, a file also without its folder and ending.
std::string proper_name(const std::string& name, const std::vector<ExploredNetwork>& networks) {
  for (const ExploredNetwork& network : networks) {
    const std::filesystem::path file = network.asked;
    const bool of_file = file.has_extension() && file.stem() == name;
    if (network.asked == name || network.name == name || of_file) return network.name;
  }
  return name;
}

std::string proper_key(const std::string& key, const std::vector<ExploredNetwork>& networks) {
  const std::size_t at = key.find('@');
  if (at == std::string::npos) return key;
  return key.substr(0, at + 1) + proper_name(key.substr(at + 1), networks);
}

/// "KEY=NUMBER", both sides checked.
std::pair<std::string, double> positive_assignment(const std::string& text,
                                                   const std::string& option) {
  // The name of a network may have an '=': what is behind the last one is the number.
  const std::size_t equals = text.rfind('=');
  const std::optional<double> value =
      equals == std::string::npos ? std::nullopt : decimal_number(text.substr(equals + 1));
  if (value && *value > 0) return {text.substr(0, equals), *value};
  throw InputError(
      fmt::format("{}: found '{}', allowed NAME=NUMBER with a number above 0", option, text));
}

/// Those that files of explorations have, or that follow from them.
SetFigure parse_known(const std::string& key, const std::vector<SetMember>& members) {
  SetFigure figure = SetFigure::parse(key, members);
  Costs costs;
  AccuracyEstimate none;
  for (const Figure* known : pair_figures()) known->set(1, costs, none);
  if (!std::isnan(figure.of_pairs().of(costs))) return figure;
  throw InputError(
      fmt::format("'{}' is not known of explorations; they have latency, energy, "
                  "area, cycles and what follows from them",
                  key));
}

std::vector<SetMember> read_members(const ChoiceWords& words,
                                    const std::vector<ExploredNetwork>& networks,
                                    const std::map<std::string, double>& limits) {
  std::vector<SetMember> members;
  for (const ExploredNetwork& network : networks) {
    SetMember member{network.name, 1, network.base_ms};
    // A limit of its own before one on all.
    for (const std::string& key : {std::string("latency_ms"), "latency_ms@" + network.name}) {
      if (const auto limit = limits.find(key); limit != limits.end()) {
        member.reference_ms = limit->second;
      }
    }
    members.push_back(member);
  }
  for (const std::string& text : words.weights) {
    const auto [asked, weight] = positive_assignment(text, "--weight");
    const std::string name = proper_name(asked, networks);
    const auto member = std::ranges::find(members, name, &SetMember::name);
    if (member == members.end()) {
      std::vector<std::string> known;
      for (const SetMember& one : members) known.push_back(one.name);
      throw InputError("--weight: " + unknown_name("network", asked, known));
    }
    member->weight = weight;
  }
  return members;
}

}  // namespace

ChoiceQuery read_choice(const ChoiceWords& words, const std::vector<ExploredNetwork>& networks) {
  std::map<std::string, double> limits;
  for (const std::string& text : words.limits) {
    const auto [asked, most] = positive_assignment(text, "--max");
    const std::string key = proper_key(asked, networks);
    if (!limits.emplace(key, most).second) {
      throw InputError(fmt::format("--max: found a second limit on '{}'", key));
    }
  }
  ChoiceQuery query;
  query.members = read_members(words, networks, limits);
  const auto parse = [&](const std::string& option, const std::string& key) {
    return told_with(option, [&] { return parse_known(proper_key(key, networks), query.members); });
  };
  for (const std::string& text : words.limits) {  // in the order in which they were given
    const std::string key = proper_key(text.substr(0, text.rfind('=')), networks);
    query.limits.push_back({parse("--max", key), limits.at(key)});
  }
  std::vector<std::string> front = words.front;
  if (front.empty()) {
    const bool compared = std::ranges::none_of(
        query.members, [](const SetMember& m) { return std::isnan(m.reference_ms); });
    front = {compared && networks.size() > 1 ? "latency_ratio_max" : "latency_ms", "area_mm2"};
  }
  for (const std::string& key : front) query.front.push_back(parse("--front", key));
  if (!words.choose.empty()) query.choose = parse("--choose", words.choose);
  return query;
}

std::optional<double> area_limit(const ChoiceQuery& query) {
  std::optional<double> most;
  for (const SetLimit& limit : query.limits) {
    const std::string& key = limit.figure.key();
    if (limit.figure.of_pairs().key != "area_mm2" || key.ends_with("_sum")) continue;
    most = std::min(most.value_or(limit.most), limit.most);
  }
  return most;
}

}  // namespace dovetail

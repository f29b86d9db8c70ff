#include "models/network/space/space_description.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files/checksum.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

using nlohmann::json;

/// What stands in a list, which nothing else is: to go over a null is to go over nothing.
std::vector<json> list_of(const json& node) {
  return node.get<std::vector<json>>();
}

constexpr std::uint64_t kProbeSeed = 1;
constexpr int kProbes = 2000;  // half to find the guards, half to check them

struct Probe {
  Choices choices;
  std::vector<bool> active;
};

std::vector<Probe> probe(const DecisionSpace& decisions, const ActiveDecisions& active) {
  Rng rng(kProbeSeed);
  std::vector<Probe> probes(kProbes);
  for (Probe& p : probes) {
    p.choices = decisions.sample(rng);
    p.active = active(p.choices);
  }
  return probes;
}

/// For each parent, the choices at which `decision` was seen active; kept where some never were.
std::vector<Guard> guards_of(std::size_t decision, const DecisionSpace& decisions,
                             const std::vector<Probe>& probes) {
  std::vector<Guard> guards;
  for (std::size_t parent = 0; parent < decisions.size(); ++parent) {
    if (parent == decision) continue;
    std::vector<bool> seen(decisions[parent].choices.size(), false);
    for (std::size_t i = 0; i < probes.size() / 2; ++i) {
      if (probes[i].active[decision]) seen[probes[i].choices[parent]] = true;
    }
    const bool restricts = std::find(seen.begin(), seen.end(), false) != seen.end();
    if (restricts) {
      guards.push_back({static_cast<std::uint16_t>(decision), static_cast<std::uint16_t>(parent),
                        std::move(seen)});
    }
  }
  return guards;
}

/// Changes with the networks that the space builds, whatever its decisions are called.
std::string definition_of(const NetworkSpace& space, const std::vector<Probe>& probes) {
  constexpr std::size_t kKeys = 100;
  Checksum checksum;
  for (std::size_t i = 0; i < kKeys; ++i) {
    checksum.add(space.canonical_key(probes[i].choices));
    checksum.add("\n");
  }
  return checksum.text();
}

bool allowed(const std::vector<Guard>& guards, const Choices& choices) {
  return std::all_of(guards.begin(), guards.end(),
                     [&](const Guard& g) { return g.allowed[choices[g.parent]]; });
}

/// Those of every decision that they tell all of, at each of the probes.
std::vector<Guard> guards_in(const DecisionSpace& decisions, const std::vector<Probe>& probes) {
  std::vector<Guard> found;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    const std::vector<Guard> guards = guards_of(d, decisions, probes);
    const bool holds = std::all_of(probes.begin(), probes.end(), [&](const Probe& p) {
      return allowed(guards, p.choices) == p.active[d];
    });
    if (holds) found.insert(found.end(), guards.begin(), guards.end());
  }
  return found;
}

json decisions_to_json(const DecisionSpace& space) {
  json list = json::array();
  for (const Decision& d : space.decisions()) {
    list.push_back(
        {{"name", d.name}, {"unit", d.unit}, {"choices", d.choices}, {"values", d.values}});
  }
  return list;
}

Guard guard_from_json(const json& node, const DecisionSpace& decisions) {
  Guard guard;
  guard.decision = static_cast<std::uint16_t>(decisions.find(node.at("decision")));
  guard.parent = static_cast<std::uint16_t>(decisions.find(node.at("parent")));
  const Decision& parent = decisions[guard.parent];
  guard.allowed.assign(parent.choices.size(), false);
  for (const std::string choice : node.at("choices")) {
    const auto it = std::find(parent.choices.begin(), parent.choices.end(), choice);
    if (it == parent.choices.end()) throw InputError("guard with an unknown choice " + choice);
    guard.allowed[static_cast<std::size_t>(it - parent.choices.begin())] = true;
  }
  return guard;
}

}  // namespace

std::vector<bool> SpaceDescription::active(const Choices& choices) const {
  std::vector<bool> result(decisions.size(), true);
  for (const Guard& g : guards) {
    if (!g.allowed[choices[g.parent]]) result[g.decision] = false;
  }
  return result;
}

std::vector<Guard> find_guards(const DecisionSpace& decisions, const ActiveDecisions& active) {
  return guards_in(decisions, probe(decisions, active));
}

SpaceDescription describe(const NetworkSpace& space) {
  const std::vector<Probe> probes =
      probe(space.decisions(), [&](const Choices& choices) { return space.active(choices); });
  return {space.name(), space.decisions(), guards_in(space.decisions(), probes),
          definition_of(space, probes)};
}

SpaceDescription describe(const DesignSpace& space) {
  return {space.name(), space.decisions(), {}, space.base().to_yaml()};
}

std::string to_json_text(const SpaceDescription& space) {
  json guards = json::array();
  for (const Guard& g : space.guards) {
    json choices = json::array();
    for (std::size_t c = 0; c < g.allowed.size(); ++c) {
      if (g.allowed[c]) choices.push_back(space.decisions[g.parent].choices[c]);
    }
    guards.push_back({{"decision", space.decisions[g.decision].name},
                      {"parent", space.decisions[g.parent].name},
                      {"choices", choices}});
  }
  return json{{"name", space.name},
              {"decisions", decisions_to_json(space.decisions)},
              {"guards", guards},
              {"definition", space.definition}}
      .dump();
}

SpaceDescription space_from_json_text(const std::string& text, const std::string& file) {
  try {
    const json node = json::parse(text);
    std::vector<Decision> decisions;
    for (const json& d : list_of(node.at("decisions"))) {
      decisions.push_back({d.at("name"), d.at("unit"), d.at("choices"), d.at("values")});
    }
    SpaceDescription space{
        node.at("name"), DecisionSpace(std::move(decisions)), {}, node.at("definition")};
    for (const json& g : list_of(node.at("guards"))) {
      space.guards.push_back(guard_from_json(g, space.decisions));
    }
    return space;
  } catch (const json::exception& e) {
    throw InputError(Location{file},
                     fmt::format("not the description of a space: {}", json_fault(e)));
  }
}

void require_same_decisions(const DecisionSpace& expected, const DecisionSpace& found,
                            const std::string& what, const std::string& file) {
  const auto fail = [&](const std::string& difference) {
    throw InputError(Location{file}, fmt::format("is for another {} space: {}", what, difference));
  };
  if (expected.size() != found.size()) {
    fail(fmt::format("it has {} decisions, {} expected", found.size(), expected.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Decision &e = expected[i], &f = found[i];
    if (e.name != f.name) {
      fail(fmt::format("decision {} is '{}', '{}' expected", i + 1, f.name, e.name));
    }
    if (e.choices != f.choices) {
      fail(fmt::format("choices of '{}' are {{{}}}, {{{}}} expected", e.name, join(f.choices),
                       join(e.choices)));
    }
  }
}

void require_same_space(const SpaceDescription& expected, const SpaceDescription& found,
                        const std::string& what, const std::string& file) {
  require_same_decisions(expected.decisions, found.decisions, what, file);
  if (expected.definition == found.definition) return;
  throw InputError(Location{file},
                   fmt::format("is for another {} space: '{}' has the same decisions as '{}' but "
                               "what it holds fixed differs",
                               what, found.name, expected.name));
}

}  // namespace dovetail

#include "models/network/space/point_count.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

namespace dovetail {
namespace {

constexpr double kMaxSteps = 1e7;

/// Decisions that have to do with each other, and the lines that read them.
struct Group {
  std::vector<std::size_t> guards;  // stand in a condition, so they are always active
  std::vector<std::size_t> others;
  std::vector<const BlockLine*> lines;
};

/// A decision that stands for all that are linked to it, for each decision (a forest of links).
class Links {
 public:
  explicit Links(std::size_t size) : next_(size) { std::iota(next_.begin(), next_.end(), 0); }
  std::size_t root(std::size_t i) {
    while (next_[i] != i) i = next_[i] = next_[next_[i]];
    return i;
  }
  void link(std::size_t a, std::size_t b) { next_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> next_;
};

/// Conditions link their decision with those of their line. Unconditional lines link nothing: what
/// they read is active wherever the others are.
std::vector<Group> group_decisions(std::size_t size, std::span<const BlockLine> lines) {
  Links links(size);
  std::vector<bool> guard(size, false);
  for (const BlockLine& line : lines) {
    if (!line.condition) continue;
    guard[line.condition->decision] = true;
    for (const auto& used : line.substitutions) links.link(used.decision, line.condition->decision);
  }
  std::map<std::size_t, Group> groups;
  for (std::size_t i = 0; i < size; ++i) {
    Group& group = groups[links.root(i)];
    (guard[i] ? group.guards : group.others).push_back(i);
  }
  for (const BlockLine& line : lines) {
    if (line.condition) {
      groups[links.root(line.condition->decision)].lines.push_back(&line);
    } else {
      for (const auto& used : line.substitutions) {
        groups[links.root(used.decision)].lines.push_back(&line);
      }
    }
  }
  std::vector<Group> result;
  for (auto& [root, group] : groups) result.push_back(std::move(group));
  return result;
}

/// Sets `choices` of the guards to their next combination; false after the last.
bool advance(const DecisionSpace& decisions, const Group& group, Choices& choices) {
  for (const std::size_t guard : group.guards) {
    if (++choices[guard] < decisions[guard].choices.size()) return true;
    choices[guard] = 0;
  }
  return false;
}

std::optional<double> count(const DecisionSpace& decisions, const Group& group,
                            const std::vector<bool>& always) {
  double combinations = 1;
  for (const std::size_t guard : group.guards) {
    combinations *= static_cast<double>(decisions[guard].choices.size());
  }
  const double each = static_cast<double>(group.lines.size() + group.others.size() + 1);
  if (combinations * each > kMaxSteps) return std::nullopt;

  double points = 0;
  Choices choices(decisions.size(), 0);
  std::vector<bool> active(decisions.size());
  do {
    for (const std::size_t other : group.others) active[other] = always[other];
    for (const BlockLine* line : group.lines) {
      if (!line->holds(choices)) continue;
      for (const auto& used : line->substitutions) active[used.decision] = true;
    }
    double product = 1;
    for (const std::size_t other : group.others) {
      if (active[other]) product *= static_cast<double>(decisions[other].choices.size());
    }
    points += product;
  } while (advance(decisions, group, choices));
  return points;
}

}  // namespace

std::optional<double> count_canonical_points(const DecisionSpace& decisions,
                                             std::span<const BlockLine> lines,
                                             std::span<const std::size_t> always) {
  std::vector<bool> is_always(decisions.size(), false);
  for (const std::size_t i : always) is_always[i] = true;
  double points = 1;
  for (const Group& group : group_decisions(decisions.size(), lines)) {
    const auto of_group = count(decisions, group, is_always);
    if (!of_group) return std::nullopt;
    points *= *of_group;
  }
  return points;
}

}  // namespace dovetail

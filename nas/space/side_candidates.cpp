#include "nas/space/side_candidates.h"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "base/text/text.h"

namespace dovetail {
namespace {

/// Of each decision the choices that are left, in their order.
using Kept = std::vector<std::vector<std::uint16_t>>;

std::vector<std::uint16_t> kept_of(const Decision& decision, const std::string& name,
                                   const DecisionLimit& limit) {
  std::vector<std::uint16_t> kept;
  for (const std::string& choice : limit.choices) {
    const auto found = std::ranges::find(decision.choices, choice);
    if (found == decision.choices.end()) {
      throw InputError(limit.where, fmt::format("restrict: {}: {}", name,
                                                unknown_name("choice", choice, decision.choices)));
    }
    kept.push_back(static_cast<std::uint16_t>(found - decision.choices.begin()));
  }
  std::ranges::sort(kept);
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

Kept kept_choices(const DecisionSpace& decisions, const std::string& side,
                  const std::vector<DecisionLimit>& limits) {
  Kept kept(decisions.size());
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    const DecisionLimit* its = nullptr;
    for (const DecisionLimit& limit : limits) {
      if (!limit.is_about(side, decision.name)) continue;
      if (its != nullptr) {
        throw InputError(limit.where,
                         fmt::format("restrict: found two limits on {}{}, '{}' and '{}'; allowed "
                                     "is one",
                                     side, decision.name, its->decision, limit.decision));
      }
      its = &limit;
      kept[i] = kept_of(decision, side + decision.name, limit);
    }
    for (std::uint16_t c = 0; its == nullptr && c < decision.choices.size(); ++c) {
      kept[i].push_back(c);
    }
  }
  return kept;
}

DecisionSpace narrowed(const DecisionSpace& decisions, const Kept& kept) {
  std::vector<Decision> few;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& all = decisions[i];
    Decision decision{all.name, all.unit, {}, {}};
    for (const std::uint16_t c : kept[i]) {
      decision.choices.push_back(all.choices[c]);
      if (all.ordered()) decision.values.push_back(all.values[c]);
    }
    few.push_back(std::move(decision));
  }
  return DecisionSpace(std::move(few));
}

/// Position of a choice in those kept, or of the nearest; steps count where choices are ordered.
std::uint16_t nearest_of(const std::vector<std::uint16_t>& kept, std::uint16_t choice,
                         bool ordered) {
  const auto found = std::ranges::lower_bound(kept, choice);
  if (found != kept.end() && *found == choice) {
    return static_cast<std::uint16_t>(found - kept.begin());
  }
  if (!ordered || found == kept.begin()) return 0;
  const bool below = found == kept.end() || choice - *(found - 1) <= *found - choice;
  return static_cast<std::uint16_t>(found - kept.begin() - (below ? 1 : 0));
}

class NarrowedSide : public SideCandidates {
 public:
  NarrowedSide(const DecisionSpace& decisions, std::string side,
               const std::vector<DecisionLimit>& limits)
      : all_(decisions),
        side_(std::move(side)),
        kept_(kept_choices(decisions, side_, limits)),
        few_(narrowed(decisions, kept_)) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      some_ = some_ || kept_[i].size() < decisions[i].choices.size();
    }
  }

  bool some() const override { return some_; }
  double cardinality() const override { return few_.cardinality(); }
  std::optional<std::uint64_t> count() const override { return few_.count(); }
  Choices point(std::uint64_t index) const override { return widened(few_.from_index(index)); }
  Choices sample(Rng& rng) const override { return widened(few_.sample(rng)); }
  std::vector<Choices> neighbours(const Choices& choices) const override {
    if (!some_) return all_.neighbours(choices);
    std::vector<Choices> found;
    for (Choices& near : few_.neighbours(few_of(choices))) {
      found.push_back(widened(std::move(near)));
    }
    return found;
  }
  Choices candidate(const Choices& choices) const override {
    return some_ ? widened(few_of(choices)) : choices;
  }
  void require(const Choices& choices, const std::vector<bool>& active) const override {
    const std::optional<std::size_t> i = outside(choices, active);
    if (!i) return;
    throw InputError(fmt::format("{}{} is {}, but 'restrict' allows {}", side_, all_[*i].name,
                                 all_[*i].choices[choices[*i]], join(few_[*i].choices)));
  }
  /// The first decision whose choice is not left to it.
  std::optional<std::size_t> outside(const Choices& choices,
                                     const std::vector<bool>& active) const {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (active[i] && std::ranges::count(kept_[i], choices[i]) == 0) return i;
    }
    return std::nullopt;
  }

 private:
  Choices widened(Choices few) const {
    for (std::size_t i = 0; i < few.size(); ++i) few[i] = kept_[i][few[i]];
    return few;
  }
  Choices few_of(const Choices& all) const {
    Choices few(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      few[i] = nearest_of(kept_[i], all[i], all_[i].ordered());
    }
    return few;
  }

  const DecisionSpace& all_;
  std::string side_;
  Kept kept_;
  DecisionSpace few_;
  bool some_ = false;
};

class ListedSide : public SideCandidates {
 public:
  ListedSide(std::shared_ptr<const NetworkSpace> space, std::shared_ptr<const NetworkPoints> points)
      : space_(std::move(space)), points_(std::move(points)) {}

  bool some() const override { return true; }
  double cardinality() const override { return static_cast<double>(points_->size()); }
  std::optional<std::uint64_t> count() const override { return points_->size(); }
  Choices point(std::uint64_t index) const override { return (*points_)[index]; }
  Choices sample(Rng& rng) const override { return (*points_)[rng.index(points_->size())]; }
  std::vector<Choices> neighbours(const Choices& choices) const override {
    const Choices network = space_->canonical(choices);
    // As many as the space would have, were all of them networks to be asked for.
    return points_->nearest_others(network, space_->decisions().neighbours(network).size());
  }
  Choices candidate(const Choices& choices) const override {
    return points_->nearest(space_->canonical(choices));
  }
  void require(const Choices& choices, const std::vector<bool>&) const override {
    points_->require(choices);
  }

 private:
  std::shared_ptr<const NetworkSpace> space_;
  std::shared_ptr<const NetworkPoints> points_;
};

}  // namespace

bool DecisionLimit::is_about(const std::string& side, const std::string& name) const {
  return ::fnmatch(decision.c_str(), name.c_str(), 0) == 0 ||
         ::fnmatch(decision.c_str(), (side + name).c_str(), 0) == 0;
}

std::shared_ptr<const SideCandidates> candidates_within(const DecisionSpace& decisions,
                                                        const std::string& side,
                                                        const std::vector<DecisionLimit>& limits) {
  return std::make_shared<NarrowedSide>(decisions, side, limits);
}

std::shared_ptr<const SideCandidates> candidates_of_list(const NetworkSide& network,
                                                         const std::vector<DecisionLimit>& limits) {
  const NarrowedSide within(network.space->decisions(), "net.", limits);
  if (!within.some()) return std::make_shared<ListedSide>(network.space, network.points);
  std::vector<Choices> kept;
  for (std::size_t i = 0; i < network.points->size(); ++i) {
    const Choices& point = (*network.points)[i];
    if (!within.outside(point, network.space->active(point))) kept.push_back(point);
  }
  const std::string name = network.points->name() + " within 'restrict'";
  if (kept.empty()) throw InputError("found no network of " + name);
  return std::make_shared<ListedSide>(network.space,
                                      std::make_shared<NetworkPoints>(*network.space, kept, name));
}

void require_known_decisions(const std::vector<DecisionLimit>& limits, const DecisionSpace* network,
                             const DecisionSpace* hardware) {
  for (const DecisionLimit& limit : limits) {
    std::vector<std::string> known;
    bool found = false;
    for (const auto& [side, decisions] : {std::pair("net.", network), std::pair("hw.", hardware)}) {
      if (decisions == nullptr) continue;
      for (const Decision& decision : decisions->decisions()) {
        found = found || limit.is_about(side, decision.name);
        known.push_back(side + decision.name);
      }
    }
    if (!found) {
      throw InputError(limit.where, "restrict: " + unknown_name("decision", limit.decision, known));
    }
  }
}

}  // namespace dovetail

#include "nas/strategy/variation.h"

#include <utility>

namespace dovetail {
namespace {

constexpr int kMutationsForNew = 20;
constexpr int kDrawsForNew = 1000;
constexpr std::uint64_t kSmallSpace = 1'000'000;

using ChangeOne = void (*)(const DecisionSpace&, Choices&, std::size_t, Rng&);

void change_one(const SearchDomain& domain, Choices& choices, ChangeOne change, Rng& rng) {
  const std::vector<bool> active = domain.active(choices);
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (active[i] && domain.decisions()[i].choices.size() > 1) candidates.push_back(i);
  }
  if (candidates.empty()) return;
  change(domain.decisions(), choices, candidates[rng.index(candidates.size())], rng);
}

void change_each(const DecisionSpace& space, Choices& choices, double rate, ChangeOne change,
                 Rng& rng) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (rng.uniform() < rate) change(space, choices, i, rng);
  }
}

using Accept = std::function<bool(const Choices&)>;
using Violation = std::function<double(const Choices&)>;

/// The first that is accepted, or of what violates the one that does least.
struct Drawn {
  std::optional<Choices> accepted, least;
};

Drawn draw_until_accepted(int most, const std::function<Choices()>& draw, const Accept& accept,
                          const Violation& violation_of) {
  Drawn drawn;
  double least = 0;
  for (int i = 0; i < most; ++i) {
    Choices choices = draw();
    if (accept(choices)) {
      drawn.accepted = std::move(choices);
      break;
    }
    const double violation = violation_of(choices);
    if (violation > 0 && (!drawn.least || violation < least)) {
      drawn.least = std::move(choices);
      least = violation;
    }
  }
  return drawn;
}

/// Steps that do not raise the violation, to the first point that is accepted.
std::optional<Choices> walk_down(const SearchDomain& domain, Choices choices, const Accept& accept,
                                 const Violation& violation_of, Rng& rng) {
  double violation = violation_of(choices);
  for (int i = 0; i < kDrawsForNew; ++i) {
    Choices next = choices;
    step_one(domain, next, rng);
    if (accept(next)) return domain.candidate(next);
    const double its = violation_of(next);
    if (its > violation) continue;
    choices = std::move(next);
    violation = its;
  }
  return std::nullopt;
}

}  // namespace

void change_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng) {
  const std::size_t count = space[i].choices.size();
  if (count < 2) return;
  const std::size_t other = rng.index(count - 1);
  choices[i] = static_cast<std::uint16_t>(other < choices[i] ? other : other + 1);
}

void step_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng) {
  const std::size_t count = space[i].choices.size();
  if (!space[i].ordered() || count < 3) {
    change_choice(space, choices, i, rng);
    return;
  }
  const bool up = choices[i] == 0 || (choices[i] + 1u < count && rng.index(2) == 0);
  choices[i] = static_cast<std::uint16_t>(up ? choices[i] + 1 : choices[i] - 1);
}

void mutate_one(const SearchDomain& domain, Choices& choices, Rng& rng) {
  change_one(domain, choices, change_choice, rng);
}

void step_one(const SearchDomain& domain, Choices& choices, Rng& rng) {
  change_one(domain, choices, step_choice, rng);
}

void mutate_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng) {
  change_each(space, choices, rate, change_choice, rng);
}

void step_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng) {
  change_each(space, choices, rate, step_choice, rng);
}

Choices uniform_crossover(const Choices& a, const Choices& b, Rng& rng) {
  Choices child = a;
  for (std::size_t i = 0; i < child.size(); ++i) {
    if (rng.uniform() < 0.5) child[i] = b[i];
  }
  return child;
}

bool better_reward(const Outcome& a, const Outcome& b) {
  if (a.violation != b.violation) return a.violation < b.violation;
  return a.reward > b.reward;
}

std::size_t best_position(std::span<const Outcome> outcomes) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    if (better_reward(outcomes[i], outcomes[best])) best = i;
  }
  return best;
}

Choices draw_within_limits(const SearchDomain& domain, const std::function<Choices()>& draw,
                           Rng& rng) {
  const auto violation_of = [&](const Choices& choices) {
    return domain.predicted_violation(choices).value_or(0);
  };
  const auto accept = [&](const Choices& choices) { return violation_of(choices) <= 0; };
  Drawn drawn = draw_until_accepted(kDrawsForNew, draw, accept, violation_of);
  if (drawn.accepted) return std::move(*drawn.accepted);
  return walk_down(domain, *drawn.least, accept, violation_of, rng).value_or(*drawn.least);
}

double SeenCandidates::known_violation(const Choices& choices) const {
  return look_ahead_ ? domain_.predicted_violation(choices).value_or(0) : 0;
}

bool SeenCandidates::would_be_new(const Choices& choices) const {
  return !seen_.contains(domain_.canonical(choices)) && known_violation(choices) <= 0;
}

bool SeenCandidates::remember_new(const Choices& choices) {
  const bool is_new = would_be_new(choices);
  if (is_new) seen_.insert(domain_.canonical(choices));
  return is_new;
}

void SeenCandidates::start_from(std::span<const Choices> candidates) {
  for (const Choices& choices : candidates) {
    starts_.push_back(choices);
    seen_.insert(domain_.canonical(choices));
  }
}

std::optional<Choices> SeenCandidates::first_candidate(Rng& rng) {
  if (starts_.empty() || rng.index(2) == 0) return sample_new(rng);
  Choices choices = starts_[rng.index(starts_.size())];
  for (std::size_t changes = 1 + rng.index(3); changes-- > 0;) mutate_one(domain_, choices, rng);
  return make_new(std::move(choices), rng);
}

std::optional<Choices> SeenCandidates::make_new(Choices choices, Rng& rng) {
  for (int i = 0; i < kMutationsForNew; ++i) {
    if (remember_new(choices)) return domain_.candidate(choices);
    mutate_one(domain_, choices, rng);
  }
  return sample_new(rng);
}

std::optional<Choices> SeenCandidates::sample_new(Rng& rng) {
  const std::optional<std::uint64_t> count = domain_.count();
  const bool small = count && *count <= kSmallSpace;
  const auto accept = [this](const Choices& choices) { return remember_new(choices); };
  const auto violation_of = [this](const Choices& choices) { return known_violation(choices); };
  Drawn drawn = draw_until_accepted(
      cursor_ > 0 ? 0 : kDrawsForNew, [&] { return domain_.sample(rng); }, accept, violation_of);
  if (drawn.accepted) return drawn.accepted;
  if (drawn.least) {
    const auto found = walk_down(domain_, *drawn.least, accept, violation_of, rng);
    if (found) return found;
  }
  if (small) return next_in_order(*count);
  if (drawn.least) seen_.insert(domain_.canonical(*drawn.least));
  return drawn.least;
}

std::optional<Choices> SeenCandidates::next_in_order(std::uint64_t count) {
  while (cursor_ < count) {
    Choices choices = domain_.point(cursor_++);
    if (remember_new(choices)) return choices;
  }
  return std::nullopt;
}

}  // namespace dovetail

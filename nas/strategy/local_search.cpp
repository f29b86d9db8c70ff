#include "nas/strategy/local_search.h"

#include <deque>
#include <optional>
#include <utility>

#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class LocalSearch : public Strategy {
 public:
  LocalSearch(const SearchDomain& domain, std::uint64_t seed)
      : domain_(domain), rng_(seed), seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      std::optional<Question> question = next_question();
      if (!question) break;
      asked.push_back(question->choices);
      waiting_.push_back(std::move(*question));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t climber = waiting_.front().climber;
      waiting_.pop_front();
      answer(climbers_[climber], candidates[i], outcomes[i]);
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      climbers_.push_back({});
      climbers_.back().told = true;
      move_to(climbers_.back(), candidates[i], outcomes[i]);
    }
  }

  std::size_t preferred_batch() const override { return 32; }

 private:
  /// One ascent: where it stands, and what it has learned of the points around.
  struct Climber {
    bool told = false;  // what its position is worth
    Choices position;
    Outcome outcome;
    std::vector<Choices> to_ask;  // neighbours not asked for yet
    std::size_t unanswered = 0;
    std::optional<std::pair<Choices, Outcome>> best_neighbour;
    bool ended = false;  // at a point that no neighbour is better than
  };
  struct Question {
    std::size_t climber;
    Choices choices;
  };

  /// A neighbour of the oldest ascent that has one to ask about; else the start of another ascent.
  std::optional<Question> next_question() {
    for (std::size_t c = first_alive_; c < climbers_.size(); ++c) {
      Climber& climber = climbers_[c];
      if (climber.to_ask.empty()) continue;
      Question question{c, std::move(climber.to_ask.back())};
      climber.to_ask.pop_back();
      ++climber.unanswered;
      return question;
    }
    std::optional<Choices> start = seen_.sample_new(rng_);
    if (!start) return std::nullopt;
    climbers_.push_back({});
    climbers_.back().unanswered = 1;
    return Question{climbers_.size() - 1, std::move(*start)};
  }

  void answer(Climber& climber, const Choices& choices, const Outcome& outcome) {
    --climber.unanswered;
    if (!climber.told) {
      climber.told = true;
      move_to(climber, choices, outcome);
      return;
    }
    if (!climber.best_neighbour || better_reward(outcome, climber.best_neighbour->second)) {
      climber.best_neighbour.emplace(choices, outcome);
    }
    if (climber.unanswered > 0 || !climber.to_ask.empty()) return;
    if (better_reward(climber.best_neighbour->second, climber.outcome)) {
      const auto [position, its_outcome] = *climber.best_neighbour;
      move_to(climber, position, its_outcome);
    } else {
      end(climber);
    }
  }

  void move_to(Climber& climber, const Choices& position, const Outcome& outcome) {
    climber.position = position;
    climber.outcome = outcome;
    climber.best_neighbour.reset();
    for (Choices& neighbour : domain_.neighbours(position)) {
      if (seen_.remember_new(neighbour)) climber.to_ask.push_back(std::move(neighbour));
    }
    rng_.shuffle(climber.to_ask);
    if (climber.to_ask.empty()) end(climber);
  }

  void end(Climber& climber) {
    climber.ended = true;
    while (first_alive_ < climbers_.size() && climbers_[first_alive_].ended) ++first_alive_;
  }

  const SearchDomain& domain_;
  Rng rng_;
  SeenCandidates seen_;
  std::deque<Climber> climbers_;
  std::size_t first_alive_ = 0;  // all before have ended
  std::deque<Question> waiting_;
};

}  // namespace

std::unique_ptr<Strategy> make_local_search(const SearchDomain& domain, const StrategyParameters&,
                                            std::uint64_t seed) {
  return std::make_unique<LocalSearch>(domain, seed);
}

}  // namespace dovetail

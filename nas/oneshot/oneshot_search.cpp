#include "nas/oneshot/oneshot_search.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text/csv.h"
#include "base/text/error.h"
#include "models/training/supernet/supernet_plan.h"
#include "nas/strategy/rate_schedule.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

constexpr double kInfeasiblePenalty = 0.2;
constexpr std::uint64_t kStepStream = std::uint64_t{3} << 40;

json record_json(const OneshotRecord& r) {
  return {r.epoch, r.loss, r.top1_percent, r.reward, r.latency_ms, r.infeasible_share, r.entropy};
}

OneshotRecord record_of(const json& row) {
  return {row.at(0), row.at(1), row.at(2), row.at(3), row.at(4), row.at(5), row.at(6)};
}

}  // namespace

OneshotSettings OneshotSettings::of(const StrategyParameters& parameters) {
  OneshotSettings settings;
  settings.single_step = parameters.at("single_step") != 0;
  settings.networks = static_cast<std::size_t>(parameters.at("networks"));
  settings.score_batches = static_cast<std::size_t>(parameters.at("score_batches"));
  settings.warmup = parameters.at("warmup");
  settings.delay = parameters.at("delay");
  settings.growth = parameters.at("growth");
  settings.learning_rate = parameters.at("learning_rate");
  settings.baseline = parameters.at("baseline");
  settings.entropy = parameters.at("entropy");
  return settings;
}

double OneshotSettings::rate(std::size_t step, std::size_t steps) const {
  return RateSchedule{learning_rate, delay, growth}.at(step, steps);
}

double OneshotSettings::warmup_share(std::size_t step, std::size_t steps) const {
  if (warmup <= 0) return 0;
  return std::max(0.0, 1 - static_cast<double>(step) / (warmup * static_cast<double>(steps)));
}

OneshotSearch::OneshotSearch(const SearchSpace& space, const Objective& objective, Evaluator& costs,
                             SupernetProgram& supernet, const OneshotSettings& settings,
                             std::uint64_t seed)
    : space_(space),
      objective_(objective),
      costs_(costs),
      supernet_(supernet),
      settings_(settings),
      seed_(seed),
      policy_(space.decisions(), 0),
      largest_(SupernetPlan(space.network().space).largest()) {
  restore(supernet.note());
}

bool OneshotSearch::run(const KeepGoing& keep_going, const OnStep& on_step) {
  SupernetProgress now = supernet_.progress();
  for (; !now.finished(); ++now.steps) {
    if (keep_going && !keep_going()) return false;
    step(now.steps, now.all_steps);
    if ((now.steps + 1) % now.steps_per_epoch == 0) {
      end_epoch((now.steps + 1) / now.steps_per_epoch, now.steps_per_epoch);
      supernet_.save(note());
    }
    if (on_step) on_step({now.steps + 1, now.steps_per_epoch, now.all_steps}, records_);
  }
  return true;
}

void OneshotSearch::step(std::size_t step, std::size_t steps) {
  Rng rng(seed_, kStepStream + step);
  const double rate = settings_.rate(step, steps);
  std::vector<Drawn> drawn = draw(rng, settings_.warmup_share(step, steps));
  std::vector<Choices> networks;
  for (const Drawn& one : drawn) networks.push_back(one.network);
  const SupernetStep trained = supernet_.train(networks);
  sums_.loss += trained.loss;
  if (settings_.single_step) return learn(drawn, trained.percents, rate);

  drawn = draw(rng, 0);
  std::vector<double> percents;
  for (const Drawn& one : drawn) {
    percents.push_back(supernet_.score(one.network, static_cast<int>(settings_.score_batches)));
  }
  learn(drawn, percents, rate);
}

std::vector<OneshotSearch::Drawn> OneshotSearch::draw(Rng& rng, double largest_share) const {
  std::vector<Drawn> drawn;
  for (std::size_t i = 0; i < settings_.networks; ++i) {
    Drawn one;
    one.draw.choices = policy_.draw(rng);
    one.draw.active = space_.active(one.draw.choices);
    one.network = space_.decode(one.draw.choices).network;
    for (std::size_t d = 0; d < one.network.size(); ++d) {
      if (largest_share > 0 && rng.uniform() < largest_share) one.network[d] = largest_[d];
    }
    drawn.push_back(std::move(one));
  }
  return drawn;
}

double OneshotSearch::reward(const Evaluation& costs, double percent) {
  ++drawn_;
  const double accuracy = percent / 100;
  if (!costs.ok()) {
    sums_.infeasible_share += 1;
    return accuracy - kInfeasiblePenalty;
  }
  ++ran_;
  sums_.latency_ms += costs.costs.latency_ms;
  Evaluation evaluation = costs;
  evaluation.accuracy = {percent, false};
  const Outcome outcome = objective_.outcome(evaluation);
  return outcome.reward - std::min(1.0, outcome.violation);
}

void OneshotSearch::learn(std::vector<Drawn>& drawn, const std::vector<double>& percents,
                          double rate) {
  std::vector<Choices> candidates;
  for (const Drawn& one : drawn) candidates.push_back(one.draw.choices);
  const std::vector<Evaluation> costs = costs_.evaluate(candidates, {});
  std::vector<double> rewards;
  double mean = 0;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    rewards.push_back(reward(costs[i], percents[i]));
    mean += rewards.back() / static_cast<double>(drawn.size());
    sums_.top1_percent += percents[i];
    sums_.reward += rewards.back();
  }
  baseline_ = settings_.baseline * baseline_ + (1 - settings_.baseline) * mean;
  baseline_weight_ = settings_.baseline * baseline_weight_ + (1 - settings_.baseline);
  if (rate <= 0) return;
  std::vector<PolicyDraw> draws;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    draws.push_back(std::move(drawn[i].draw));
    draws.back().advantage = rewards[i] - baseline_ / baseline_weight_;
  }
  policy_.set_learning_rate(rate);
  policy_.learn(draws, settings_.entropy);
}

void OneshotSearch::end_epoch(std::size_t epoch, std::size_t steps_per_epoch) {
  OneshotRecord record = sums_;
  record.epoch = epoch;
  record.loss /= static_cast<double>(steps_per_epoch);
  record.top1_percent /= drawn_;
  record.reward /= drawn_;
  record.infeasible_share /= drawn_;
  record.latency_ms = ran_ > 0 ? record.latency_ms / ran_ : 0;
  record.entropy = policy_.entropy();
  records_.push_back(record);
  sums_ = {};
  drawn_ = ran_ = 0;
}

std::string OneshotSearch::note() const {
  json document = {{"seed", seed_}, {"baseline", {baseline_, baseline_weight_}}};
  document["policy"] = policy_.state();
  json& rows = document["records"] = json::array();
  for (const OneshotRecord& record : records_) rows.push_back(record_json(record));
  return document.dump();
}

void OneshotSearch::restore(const std::string& note) {
  if (note.empty()) return;
  try {
    const json document = json::parse(note);
    if (document.at("seed") != seed_) {
      throw InputError("the supernet was trained with a policy of another seed");
    }
    baseline_ = document.at("baseline").at(0);
    baseline_weight_ = document.at("baseline").at(1);
    policy_.restore(document.at("policy").get<std::vector<double>>());
    for (const json& row : document.at("records")) records_.push_back(record_of(row));
  } catch (const json::exception&) {
    throw InputError("the supernet was trained without a policy");
  }
}

std::string oneshot_csv(const std::vector<OneshotRecord>& records) {
  CsvWriter csv("dovetail.oneshot/1");
  csv.header({{"epoch"},
              {"loss"},
              {"top1_percent", "%"},
              {"reward"},
              {"latency_ms", "ms"},
              {"infeasible_share"},
              {"entropy", "nats"}});
  for (const OneshotRecord& r : records) {
    csv.row(r.epoch, r.loss, r.top1_percent, r.reward, r.latency_ms, r.infeasible_share, r.entropy);
  }
  return csv.text();
}

}  // namespace dovetail

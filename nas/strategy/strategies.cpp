#include "nas/strategy/strategies.h"

#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/strategy/bayesian.h"
#include "nas/strategy/exhaustive.h"
#include "nas/strategy/gradient.h"
#include "nas/strategy/local_search.h"
#include "nas/strategy/moead.h"
#include "nas/strategy/nsga2.h"
#include "nas/strategy/policy_answers.h"
#include "nas/strategy/ppo.h"
#include "nas/strategy/random.h"
#include "nas/strategy/regularized_evolution.h"
#include "nas/strategy/reinforce.h"
#include "nas/strategy/simulated_annealing.h"

namespace dovetail {
namespace {

const std::vector<StrategyParameter> kBayesianParameters{
    {"constraints", 2, 0, 2, true, "0 ignored, 1 weigh by probability, 2 exclude violations"},
    {"initial", 20, 2, 10'000, true, "uniform candidates before the first model"},
    {"points", 500, 10, 2000, true, "most outcomes that the model is fitted to"},
    {"pool", 400, 10, 10'000, true, "candidates drawn for each batch, before the local search"},
    {"local_search", 3, 0, 100, true, "rounds in which neighbours of the best join the pool"},
    {"length_scales", 1, 0, 1, true, "1 one a decision and figure, 0 one a figure"},
    {"logarithms", 1, 0, 1, true, "1 costs are learned as logarithms, 0 as they are"}};

const std::vector<StrategyInfo>& table() {
  static const std::vector<StrategyInfo> rows{
      {"bayesian",
       "Gaussian process and expected improvement where constraints should hold (Stamoulis 2018)",
       true, kBayesianParameters, make_bayesian},
      {"ehvi",
       "Pareto front by Gaussian processes and expected hypervolume improvement (Emmerich 2006)",
       false, kBayesianParameters, make_ehvi},
      {"exhaustive",
       "every candidate, in the order of the space",
       false,
       {{"max_points", 1'000'000, 1, 1e9, true, "larger spaces are refused"}},
       make_exhaustive,
       false},
      {"gradient",
       "Pareto front by gradients of pair-product predictors over relaxed choices (DARTS 2019)",
       false,
       {{"relaxation", 4, 0, 5, true,
         "0 softmax, 1 gumbel, 2 binary, 3 straight-through, 4 sigmoid, 5 exponentiated"},
        {"initial", 20, 2, 10'000, true, "uniform candidates before the first model"},
        {"points", 500, 10, 2000, true, "most outcomes that the models are fitted to"},
        {"steps", 100, 1, 100'000, true, "of a search on the models"},
        {"learning_rate", 0.1, 1e-6, 10, false, "of a step"},
        {"samples", 0, 0, 1000, true, "asked for beside the likeliest choices of a search"},
        {"penalty", 10, 0, 1e6, false,
         "of an e-fold beyond a limit, in deviations of an objective"}},
       make_gradient},
      {"local_search",
       "steepest ascent over all neighbours, from random starts (White 2020)",
       true,
       {},
       make_local_search},
      {"moead",
       "Pareto front by decomposition into weighted subproblems, with constraints (Zhang 2007)",
       false,
       {{"population", 50, 2, 100'000, true, "subproblems, each with a member"},
        {"neighbours", 10, 2, 100'000, true, "nearest subproblems, from which parents come"},
        {"replaced", 2, 1, 100'000, true, "members that a child may replace"},
        {"mutations", 1, 0, 1000, false, "mean number of decisions changed in a child"}},
       make_moead},
      {"nsga2",
       "Pareto front by non-dominated sorting and crowding distance, with constraints (Deb 2002)",
       false,
       {{"population", 100, 2, 100'000, true, "members that survive a generation"},
        {"crossover", 0.9, 0, 1, false, "probability that a child has two parents"},
        {"mutations", 1, 0, 1000, false, "mean number of decisions changed in a child"},
        {"steps", 0.5, 0, 1, false, "share of children whose ordered decisions move by one step"}},
       make_nsga2},
      {"parego",
       "Pareto front by Gaussian process and random weightings, where constraints should hold "
       "(Knowles 2006)",
       false, kBayesianParameters, make_parego},
      {"ppo",
       "recurrent controller trained by proximal policy optimisation (Schulman 2017, NAHAS)",
       true,
       {{"batch", 10, 2, 10'000, true, "candidates for an update"},
        {"epochs", 4, 1, 100, true, "steps of an update"},
        {"clip", 0.2, 0.01, 1, false, "bound on the change of a probability ratio"},
        {"learning_rate", 5e-4, 1e-6, 1, false, "of Adam"},
        {"entropy", 1e-3, 0, 10, false, "weight of the entropy of the choices"},
        {"max_norm", 1, 1e-6, 1e6, false, "of the gradient"},
        {"hidden", 100, 1, 1000, true, "units of the LSTM"},
        {"embedding", 32, 1, 1000, true, "numbers by which a choice enters the LSTM"}},
       make_ppo},
      {"random", "uniform over every decision", false, {}, make_random},
      {"random_walk",
       "the best so far with some decisions moved to a neighbouring choice (Stamoulis 2018)",
       true,
       {{"moves", 2, 0.01, 1000, false, "mean number of decisions moved"}},
       make_random_walk},
      {"regularized_evolution",
       "aging evolution: tournament, one mutation, the oldest dies (Real 2019)",
       true,
       {{"population", 100, 2, 100'000, true, "members alive"},
        {"tournament", 25, 1, 100'000, true, "members drawn to find a parent"}},
       make_regularized_evolution},
      {"reinforce",
       "independent probabilities for each decision, moved by the reward (Williams 1992, TuNAS)",
       true,
       {{"learning_rate", 4.8e-3, 0, 10, false, "of Adam, after the delay; 0: one for the horizon"},
        {"delay", 0, 0, 0.99, false, "share of the horizon before the policy learns"},
        {"growth", 1, 1, 1e6, false, "of the learning rate, from then to the horizon"},
        {"horizon", 0, 0, 1e9, true, "evaluations of the schedule; 0: those of the search"},
        {"baseline", 0.95, 0, 0.9999, false, "momentum of the mean reward that is subtracted"},
        {"entropy", 0, 0, 10, false, "weight of the entropy of the choices"}},
       make_reinforce},
      {"simulated_annealing",
       "chains that accept what is worse with a falling probability (Kirkpatrick 1983)",
       true,
       {{"chains", 8, 1, 10'000, true, "that take turns"},
        {"temperature", 0.1, 0, 1000, false, "at the start, in spreads of the acceptable rewards"},
        {"cooling", 0.97, 0.01, 1, false, "factor of the temperature with each answer of a chain"}},
       make_simulated_annealing},
  };
  return rows;
}

std::unique_ptr<Strategy> refuse_external(const SearchDomain&, const StrategyParameters&,
                                          std::uint64_t) {
  throw InputError(
      "strategy 'external': its candidates come from outside, by 'dovetail study tell' "
      "(docs/ask_tell.md)");
}

/// Of what a policy knows before it is trained: what a study searches with has learned.
std::unique_ptr<Strategy> make_untrained_policy(const SearchDomain& domain,
                                                const StrategyParameters&, std::uint64_t seed) {
  return make_policy_answers(domain, IndependentPolicy(domain.decisions(), 0), seed);
}

}  // namespace

const StrategyInfo& oneshot_strategy() {
  static const StrategyInfo kOneshot{
      "oneshot",
      "a policy trained together with shared weights (NAHAS 2020, TuNAS 2020, H2O-NAS 2023)",
      true,
      {{"single_step", 0, 0, 1, true,
        "1: the policy learns from the training images, before the weights see them"},
       {"networks", 1, 1, 1024, true, "drawn in a step, which share its batch"},
       {"score_batches", 4, 1, 1000, true, "of validation images, by which a draw is scored"},
       {"warmup", 0.25, 0, 1, false, "share of the steps in which the largest choices stand in"},
       {"delay", 0.25, 0, 0.99, false, "share of the steps before the policy learns"},
       {"growth", 10, 1, 1e6, false, "of its learning rate, from then to the end"},
       {"learning_rate", 0, 0, 100, false, "at first, of Adam; 0: one for the number of steps"},
       {"baseline", 0.95, 0, 0.9999, false, "momentum of the mean reward that is subtracted"},
       {"entropy", 0, 0, 10, false, "weight of the entropy of the choices"}},
      make_untrained_policy};
  return kOneshot;
}

const StrategyInfo& external_strategy() {
  static const StrategyInfo kExternal{
      "external", "candidates come from outside", false, {}, refuse_external, false};
  return kExternal;
}

StrategyParameters for_evaluations(StrategyParameters parameters, std::size_t evaluations) {
  const auto horizon = parameters.find("horizon");
  if (horizon != parameters.end() && horizon->second == 0) {
    horizon->second = static_cast<double>(evaluations);
  }
  return parameters;
}

StrategyParameters StrategyInfo::defaults() const {
  StrategyParameters values;
  for (const StrategyParameter& parameter : parameters) {
    values[parameter.name] = parameter.default_value;
  }
  return values;
}

std::span<const StrategyInfo> strategies() {
  return table();
}

const StrategyInfo& find_strategy(const std::string& name) {
  std::vector<std::string> known;
  for (const StrategyInfo& strategy : table()) {
    if (strategy.name == name) return strategy;
    known.push_back(strategy.name);
  }
  for (const StrategyInfo* apart : {&oneshot_strategy(), &external_strategy()}) {
    if (name == apart->name) return *apart;
    known.push_back(apart->name);
  }
  throw InputError(unknown_name("strategy", name, known));
}

}  // namespace dovetail

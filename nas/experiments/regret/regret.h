#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nas/experiments/regret/regret_problem.h"
#include "nas/strategy/strategies.h"

namespace dovetail {

/// What a study gets that names no strategy, as a strategy's name.
inline constexpr const char* kDefaultStrategy = "default";

/// A strategy with its parameters: "NAME", "NAME:KEY=VALUE:KEY=VALUE" or "default".
struct StrategyChoice {
  std::string label;                   // as written
  const StrategyInfo* info = nullptr;  // null: the default one for the budget
  StrategyParameters parameters;

  /// Throws InputError for unknown names and keys and for values out of range.
  static StrategyChoice parse(const std::string& text);
  std::unique_ptr<Strategy> make(const SearchDomain& domain, std::size_t evaluations,
                                 std::uint64_t seed) const;
  bool uses_reward() const;
};

/// Random first, the default, then every other strategy that does not enumerate, with its defaults.
std::vector<std::string> default_regret_strategies();

struct RegretOptions {
  std::vector<StrategyChoice> strategies;
  std::uint64_t seeds = 20;  // 0, 1, ...
  std::size_t evaluations = 500;
  /// Limits on costs are predicted by linear models of so many random pairs, which do not count as
  /// evaluations; 0: they are not.
  std::size_t predicted_from = 0;
  int workers = 1;
  std::function<bool()> keep_going;
};

/// Share of the best reward from which a search counts as having arrived.
inline constexpr double kNearOptimum = 0.99;

/// One search.
struct RegretRun {
  std::uint64_t evaluations = 0, acceptable = 0;
  std::uint64_t violating = 0;  // have figures, but not within the constraint
  /// After how many evaluations it had an acceptable reward of kNearOptimum of the best; 0: never.
  std::uint64_t near_optimum_after = 0;
  std::uint64_t acceptable_until_near_optimum = 0;  // of those; 0: never there
  double rmspe_percent = 0;      // of the largest of the models that predict limits; 0 without
  double hypervolume_ratio = 0;  // of its front to the true one; 1 is no regret
  double reward_ratio = 0;       // of its best acceptable reward to the best; 0 if it found none
};

/// Runs every strategy with every seed, asking in the batches it prefers. [strategy][seed].
std::vector<std::vector<RegretRun>> run_regret(const RegretProblem& problem,
                                               const RegretOptions& options);

/// A row a strategy: median and quartiles of both ratios, and how often it is ahead of random.
std::string regret_table(const RegretOptions& options,
                         const std::vector<std::vector<RegretRun>>& runs);
/// The same figures (schema dovetail.regret/1), and a row a search (dovetail.regret_runs/2).
std::string regret_csv(const RegretProblem& problem, const RegretOptions& options,
                       const std::vector<std::vector<RegretRun>>& runs);
std::string regret_runs_csv(const RegretProblem& problem, const RegretOptions& options,
                            const std::vector<std::vector<RegretRun>>& runs);

}  // namespace dovetail

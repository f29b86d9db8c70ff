#include "nas/experiments/fidelity/halving.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/numbers/random.h"
#include "base/numbers/samples.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using Networks = std::vector<std::size_t>;

constexpr HalvingPolicy kPolicies[] = {HalvingPolicy::kHighOnly, HalvingPolicy::kLowOnly,
                                       HalvingPolicy::kHalving};

std::string name_of(HalvingPolicy policy) {
  switch (policy) {
    case HalvingPolicy::kHighOnly:
      return "high_only";
    case HalvingPolicy::kLowOnly:
      return "low_only";
    case HalvingPolicy::kHalving:
      return "successive_halving";
  }
  return "";
}

std::size_t promoted(std::size_t networks, double eta) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(networks) / eta));
}

double seconds_of(const Fidelities& data, HalvingPolicy policy, std::size_t networks, double eta) {
  const auto count = static_cast<double>(networks);
  switch (policy) {
    case HalvingPolicy::kHighOnly:
      return count * data.high.seconds;
    case HalvingPolicy::kLowOnly:
      return count * data.low.seconds;
    case HalvingPolicy::kHalving:
      return count * data.low.seconds +
             static_cast<double>(promoted(networks, eta)) * data.high.seconds;
  }
  return 0;
}

/// The most networks that a budget pays, at least one.
std::size_t affordable(const Fidelities& data, HalvingPolicy policy, double seconds, double eta) {
  std::size_t networks = 1;
  while (networks < data.networks && seconds_of(data, policy, networks + 1, eta) <= seconds) {
    ++networks;
  }
  return networks;
}

/// Puts the best by one training each in front.
void sort_by_training(Networks& networks, const Fidelities::Fidelity& fidelity, Rng& rng) {
  std::vector<std::pair<double, std::size_t>> trained;
  for (const std::size_t network : networks) {
    const std::size_t seed = rng.index(fidelity.top1_percent.size());
    trained.emplace_back(-fidelity.top1_percent[seed][network], network);
  }
  std::sort(trained.begin(), trained.end());
  for (std::size_t i = 0; i < networks.size(); ++i) networks[i] = trained[i].second;
}

/// The network that one search chooses.
std::size_t chosen(const Fidelities& data, HalvingPolicy policy, std::size_t count, double eta,
                   Rng& rng) {
  Networks networks(data.networks);
  std::iota(networks.begin(), networks.end(), std::size_t{0});
  rng.shuffle(networks);
  networks.resize(count);
  if (policy != HalvingPolicy::kHighOnly) sort_by_training(networks, data.low, rng);
  if (policy == HalvingPolicy::kHalving) networks.resize(promoted(count, eta));
  if (policy != HalvingPolicy::kLowOnly) sort_by_training(networks, data.high, rng);
  return networks.front();
}

std::string list_of(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(fmt::format("{:.3f}", value));
  return join(texts);
}

}  // namespace

std::vector<HalvingRow> halving_regrets(const Fidelities& data, const HalvingOptions& options) {
  const std::vector<double> truth = data.truth();
  const double best = *std::max_element(truth.begin(), truth.end());
  std::vector<HalvingRow> rows;
  for (const double budget : options.budgets) {
    for (const HalvingPolicy policy : kPolicies) {
      HalvingRow row{policy, budget};
      row.networks = affordable(data, policy, budget * data.high.seconds, options.eta);
      row.seconds = seconds_of(data, policy, row.networks, options.eta);
      std::vector<double> regrets;
      for (std::uint64_t draw = 0; draw < options.draws; ++draw) {
        Rng rng(options.seed, draw);
        regrets.push_back(best - truth[chosen(data, policy, row.networks, options.eta, rng)]);
      }
      const Spread spread = Spread::of(regrets);
      row.regret_points = spread.mean;
      row.regret_deviation = spread.deviation;
      row.best_found_percent = 100 *
                               static_cast<double>(std::count(regrets.begin(), regrets.end(), 0)) /
                               static_cast<double>(regrets.size());
      rows.push_back(row);
    }
  }
  return rows;
}

std::string halving_csv(const std::vector<HalvingRow>& rows) {
  CsvWriter csv("dovetail.fidelity_regrets/1");
  csv.header({{"policy"},
              {"budget", "expensive trainings"},
              {"networks"},
              {"seconds", "s"},
              {"regret_points", "points of top-1"},
              {"regret_deviation", "points of top-1"},
              {"best_found_percent", "%"}});
  for (const HalvingRow& row : rows) {
    csv.row(name_of(row.policy), row.budget, row.networks, row.seconds, row.regret_points,
            row.regret_deviation, row.best_found_percent);
  }
  return csv.text();
}

std::string fidelities_text(const Fidelities& data, const std::vector<HalvingRow>& rows) {
  const FidelityRanks ranks = fidelity_ranks(data);
  const auto same_best = std::count(ranks.same_best.begin(), ranks.same_best.end(), true);
  std::string text = fmt::format(
      "{} networks; '{}' takes {:.0f} s, '{}' {:.0f} s: {:.1f} times cheaper\n"
      "Kendall's tau of '{}' with the mean of '{}', by seed: {}; between its seeds: {}\n"
      "Its best is the true best for {} of {} seeds\n\n",
      data.networks, data.low.name, data.low.seconds, data.high.name, data.high.seconds,
      data.high.seconds / data.low.seconds, data.low.name, data.high.name,
      list_of(ranks.tau_with_truth), list_of(ranks.tau_between), same_best, ranks.same_best.size());
  Table table({{"budget"},
               {"policy", Table::Align::kLeft},
               {"networks"},
               {"hours"},
               {"regret [points]"},
               {"best found [%]"}});
  for (const HalvingRow& row : rows) {
    table.add_row({format_number(row.budget), name_of(row.policy), std::to_string(row.networks),
                   fmt::format("{:.1f}", row.seconds / 3600),
                   fmt::format("{:.3f} +- {:.3f}", row.regret_points, row.regret_deviation),
                   fmt::format("{:.0f}", row.best_found_percent)});
  }
  return text + "A budget is so many trainings of '" + data.high.name + "'\n" + table.str();
}

}  // namespace dovetail

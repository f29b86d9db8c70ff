#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/numbers/samples.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/study/study_results.h"
#include "nas/study/study_tables.h"

namespace dovetail {
namespace {

constexpr std::size_t kBestPairs = 10;  // shown of each front

/// The choices of a trial for every decision of both sides, as written; "" where a decision has no
/// effect.
std::vector<std::string> decision_cells(const StudySetup& setup, const FrontMember& member) {
  const SearchSpace& space = setup.space(member.run.label);
  const Candidate candidate = space.decode(member.trial.choices);
  std::vector<std::string> cells;
  const auto add = [&](const DecisionSpace& decisions, const Choices& choices,
                       const std::vector<bool>& active) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const bool known = !choices.empty() && active[i];
      cells.push_back(known ? decisions[i].choices[choices[i]] : "");
    }
  };
  if (const auto& networks = setup.network().space) {
    add(networks->decisions(), candidate.network, networks->active(candidate.network));
  }
  if (const auto& hardware = setup.hardware().space) {
    add(hardware->decisions(), candidate.hardware,
        std::vector<bool>(hardware->decisions().size(), true));
  }
  return cells;
}

std::string pareto_csv(const StudySetup& setup, const StudyResults& results) {
  std::vector<std::string> header{"run", "seed", "trial"};
  for (const Figure& metric : metrics()) header.push_back(metric.key);
  header.emplace_back("area_over_baseline");
  for (const Figure& count : counts()) header.push_back(count.key);
  header.emplace_back("extrapolated");
  if (const auto& networks = setup.network().space) {
    for (const Decision& decision : networks->decisions().decisions()) {
      header.push_back("net." + decision.name);
    }
  }
  if (const auto& hardware = setup.hardware().space) {
    for (const Decision& decision : hardware->decisions().decisions()) {
      header.push_back("hw." + decision.name);
    }
  }
  std::string text = join(header, ",") + "\n";
  for (const std::string& label : setup.labels()) {
    for (const FrontMember& member : results.fronts.at(label)) {
      const Evaluation& evaluation = member.trial.evaluation;
      std::vector<std::string> cells{label, std::to_string(member.run.seed),
                                     std::to_string(member.trial.id)};
      for (const Figure& metric : metrics()) {
        cells.push_back(format_number(evaluation.value(metric)));
      }
      cells.push_back(format_number(evaluation.costs.area_mm2 / setup.baseline_area_mm2()));
      for (const Figure& count : counts()) cells.push_back(format_number(evaluation.value(count)));
      cells.emplace_back(evaluation.accuracy.extrapolated ? "1" : "0");
      for (std::string& cell : decision_cells(setup, member)) cells.push_back(std::move(cell));
      text += join(cells, ",") + "\n";
    }
  }
  return text;
}

std::string hypervolume_csv(const StudySetup& setup, const StudyResults& results) {
  const Objective& objective = setup.objective();
  std::string text = "run,seed,hypervolume,front_points,evaluations,simulated";
  for (const Figure* metric : objective.pareto) text += ",reference_" + metric->key;
  text += "\n";
  for (const RunResult& result : results.runs) {
    text += fmt::format("{},{},{},{},{},{}", result.run.label, result.run.seed,
                        format_number(result.hypervolume), result.front.size(), result.searched,
                        result.simulated);
    for (const double value : objective.reference) text += "," + format_number(value);
    text += "\n";
  }
  return text;
}

std::string convergence_csv(const StudySetup& setup, const StudyResults& results) {
  const std::optional<Reward>& reward = setup.objective().reward;
  const std::size_t targets = reward ? reward->terms.size() : 0;
  std::string text = "run,seed,evaluations,hypervolume,figures,distance_percent,best_reward";
  for (std::size_t k = 0; k < targets; ++k) {
    text += "," + reward->terms[k].metric->key + "_over_target_percent";
  }
  text += "\n";
  for (const RunResult& result : results.runs) {
    for (const ConvergencePoint& point : result.convergence) {
      text +=
          fmt::format("{},{},{},{},{},{},{}", result.run.label, result.run.seed, point.evaluations,
                      format_number(point.hypervolume), point.simulated ? "simulated" : "predicted",
                      format_number(point.distance_percent),
                      point.best_reward ? format_number(*point.best_reward) : "");
      for (std::size_t k = 0; k < targets; ++k) {
        text += "," + (point.best_reward ? format_number(point.over_target_percent[k]) : "");
      }
      text += "\n";
    }
  }
  return text;
}

void add_pair(Table& table, const StudySetup& setup, const FrontMember& member) {
  const SearchSpace& space = setup.space(member.run.label);
  const Evaluation& evaluation = member.trial.evaluation;
  const Network network = space.build_network(member.trial.choices);
  std::vector<std::string> cells{member.run.label, std::to_string(member.trial.id)};
  for (std::string& cell : figure_cells(evaluation)) cells.push_back(std::move(cell));
  cells.push_back(fmt::format("{:.2f}", evaluation.costs.area_mm2 / setup.baseline_area_mm2()));
  cells.push_back(fmt::format("{:.0f}", static_cast<double>(network.macs()) / 1e6));
  cells.push_back(fmt::format("{:.2f}", static_cast<double>(network.parameters()) / 1e6));
  cells.push_back(accelerator_summary(space.decode(member.trial.choices).accelerator));
  table.add_row(std::move(cells));
}

/// Where the accuracies of the fronts come from, and how many of them are guesses.
std::string accuracy_text(const StudySetup& setup, const StudyResults& results) {
  std::size_t points = 0, extrapolated = 0;
  for (const auto& [label, front] : results.fronts) {
    for (const FrontMember& member : front) {
      ++points;
      extrapolated += member.trial.evaluation.accuracy.extrapolated ? 1 : 0;
    }
  }
  std::string text = "Accuracy: " + setup.accuracy()->source().description() + "\n";
  if (extrapolated > 0) {
    text += fmt::format(
        "Of {} points of the fronts {} have an extrapolated accuracy: beyond what it was fitted "
        "on.\n",
        points, extrapolated);
  }
  return text;
}

std::string pairs_text(const StudySetup& setup, const StudyResults& results) {
  using enum Table::Align;
  Table table(figure_columns({{"run", kLeft}, {"trial"}},
                             {{"/ baseline"}, {"MMAC"}, {"Mparam"}, {"accelerator", kLeft}}));
  std::string text = "Best pairs (simulated):\n";
  for (const std::string& label : setup.labels()) {
    if (label != setup.labels().front()) table.add_rule();
    const std::vector<FrontMember>& front = results.fronts.at(label);
    for (const std::size_t i : evenly_spread(front.size(), kBestPairs)) {
      add_pair(table, setup, front[i]);
    }
  }
  text += table.str();
  text += accuracy_text(setup, results);
  if (!setup.objective().reward) return text;
  text += "\nLargest reward of each search:\n";
  Table best(figure_columns({{"run", kLeft}, {"seed"}, {"trial"}, {"reward"}}));
  for (const RunResult& result : results.runs) {
    if (!result.best_reward) continue;
    const TrialRecord& trial = result.best_reward->trial;
    std::vector<std::string> cells{result.run.label, std::to_string(result.run.seed),
                                   std::to_string(trial.id), fmt::format("{:.5f}", *trial.reward)};
    for (std::string& cell : figure_cells(trial.evaluation)) {
      cells.push_back(std::move(cell));
    }
    best.add_row(std::move(cells));
  }
  return text + best.str();
}

std::string reference_text(const Objective& objective) {
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < objective.pareto.size(); ++k) {
    parts.push_back(
        fmt::format("{} {}", format_number(objective.reference[k]), objective.pareto[k]->unit));
  }
  return join(parts);
}

std::string searches_text(const StudySetup& setup, const StudyResults& results) {
  using enum Table::Align;
  Table table({{"run", kLeft},
               {"seed"},
               {"evaluations"},
               {"no figures"},
               {"simulated"},
               {"front"},
               {"hypervolume"},
               {"latency error [%]"},
               {"energy error [%]"}});
  const auto error = [](const std::optional<double>& percent) {
    return percent ? fmt::format("{:.2f}", *percent) : "-";
  };
  for (const RunResult& result : results.runs) {
    const auto ok = result.by_status.find(TrialStatus::kOk);
    const std::int64_t with_figures = ok == result.by_status.end() ? 0 : ok->second;
    table.add_row({result.run.label, std::to_string(result.run.seed),
                   std::to_string(result.searched), std::to_string(result.searched - with_figures),
                   std::to_string(result.simulated), std::to_string(result.front.size()),
                   fmt::format("{:.4f}", result.hypervolume), error(result.latency_error_percent),
                   error(result.energy_error_percent)});
  }
  return fmt::format(
      "Searches (hypervolume of the simulated front, reference {}; errors of predictions):\n{}",
      reference_text(setup.objective()), table.str());
}

/// Mean and sample standard deviation of the hypervolumes of each label.
std::string means_text(const StudySetup& setup, const StudyResults& results) {
  if (setup.config().seeds.size() < 2) return "";
  std::string text;
  for (const std::string& label : setup.labels()) {
    std::vector<double> values;
    for (const RunResult& result : results.runs) {
      if (result.run.label == label) values.push_back(result.hypervolume);
    }
    const Spread spread = Spread::of(values);
    text += fmt::format("{}: hypervolume {:.4f} +- {:.4f} over {} seeds\n", label, spread.mean,
                        spread.deviation, values.size());
  }
  return text;
}

std::string comparisons_text(const std::vector<FrontComparison>& comparisons) {
  if (comparisons.empty()) return "";
  std::string text = fmt::format(
      "\nJoint against fixed hardware, over the {} points of the fixed-hardware front:\n",
      comparisons.front().points);
  for (const FrontComparison& c : comparisons) {
    text += fmt::format("  {:+.2f} points of top-1 at no more {} ({} points matched)\n",
                        c.top1_gain_points, c.cost->name, c.matched_cost);
    text += fmt::format("  {:+.1f} % {} at no less top-1 ({} points matched)\n",
                        -c.cost_cut_percent, c.cost->name, c.matched_accuracy);
  }
  return text;
}

}  // namespace

std::vector<std::filesystem::path> write_results(const StudySetup& setup,
                                                 const StudyResults& results,
                                                 const std::filesystem::path& folder) {
  std::vector<std::pair<const char*, std::string>> files{
      {"pareto.csv", pareto_csv(setup, results)},
      {"hypervolume.csv", hypervolume_csv(setup, results)},
      {"convergence.csv", convergence_csv(setup, results)},
      {"attainment.csv", attainment_csv(results.attainments)}};
  if (!results.rounds.empty()) files.emplace_back("rounds.csv", rounds_csv(results.rounds));
  std::vector<std::filesystem::path> written;
  for (const auto& [name, content] : files) {
    write_file_atomically(folder / name, content);
    written.push_back(folder / name);
  }
  return written;
}

std::string results_text(const StudySetup& setup, const StudyResults& results) {
  std::string text = pairs_text(setup, results) + "\n" + searches_text(setup, results);
  text += means_text(setup, results);
  if (!results.rounds.empty()) text += "\n" + rounds_text(results.rounds);
  return text + comparisons_text(results.comparisons);
}

std::string accelerator_summary(const AcceleratorConfig& accelerator) {
  return fmt::format("{}x{} PEs, {} lanes x {} SIMD, {} KiB RF, {} MiB, {} GB/s", accelerator.pes_x,
                     accelerator.pes_y, accelerator.compute_lanes, accelerator.simd_units,
                     format_number(accelerator.register_file_kib),
                     format_number(accelerator.local_memory_mib),
                     format_number(accelerator.io_bandwidth_gbps));
}

}  // namespace dovetail

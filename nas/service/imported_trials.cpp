#include "nas/service/imported_trials.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cost/figures/figure_range.h"

namespace dovetail {
namespace {

/// Figures in files have seven significant digits.
constexpr double kSameShare = 1e-6;

/// What the columns of a file mean.
struct Columns {
  std::map<std::size_t, std::string> decisions;  // by position
  std::map<std::size_t, const Figure*> figures;

  Columns(const std::vector<std::string>& header, const DecisionSpace& space,
          const std::string& file) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      for (const Decision& decision : space.decisions()) {
        if (decision.name == header[i]) decisions[i] = header[i];
      }
      for (const Figure& figure : dovetail::figures()) {
        if (figure.key == header[i]) figures[i] = &figure;
      }
    }
    if (!decisions.empty()) return;
    std::vector<std::string> names;
    for (const Decision& decision : space.decisions()) names.push_back(decision.name);
    throw InputError(file + ": found no column of a decision, allowed " + join(names));
  }
};

double claimed_figure(const std::string& cell, const Location& where) {
  if (const auto number = number_of_cell(cell)) return *number;
  throw InputError(where, "found '" + cell + "', allowed a number or nothing");
}

void require_possible(const Figure& figure, double value, const Location& where) {
  try {
    require_in_range(figure, value);
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  }
}

/// What the objective asks for and a trial lacks; null if it has all.
const Figure* missing_figure(const Evaluation& evaluation, const Objective& objective) {
  std::vector<const Figure*> asked = objective.pareto;
  for (const Constraint& constraint : objective.constraints) asked.push_back(constraint.metric);
  if (objective.reward) {
    asked.push_back(&find_figure("top1_percent"));
    for (const RewardTerm& term : objective.reward->terms) asked.push_back(term.metric);
  }
  for (const Figure* figure : asked) {
    if (!evaluation.has(*figure)) return figure;
  }
  return nullptr;
}

}  // namespace

Evaluation claimed_evaluation(const std::map<const Figure*, double>& claims,
                              const Objective& objective) {
  Evaluation evaluation = Evaluation::of_costs({}, /*simulated=*/false);
  evaluation.claimed = true;
  evaluation.accuracy.top1_percent = Costs::kUnknown;
  for (const auto& [figure, value] : claims) {
    if (figure->set) figure->set(value, evaluation.costs, evaluation.accuracy);
  }
  const Figure* const missing = missing_figure(evaluation, objective);
  if (missing == nullptr) return evaluation;
  evaluation = Evaluation::without_figures(
      TrialStatus::kFailed,
      fmt::format("claims no {}{}", missing->key,
                  missing->set ? "" : ", which follows from other figures"),
      /*simulated=*/false);
  evaluation.claimed = true;
  return evaluation;
}

ImportedTrials ImportedTrials::read(const std::filesystem::path& file, const DecisionSpace& space,
                                    ImportTrust trust) {
  CsvReader reader(file.string(), read_file(file));
  const auto header = reader.next();
  if (!header) throw InputError(file.string() + ": found no line with the names of its columns");
  const Columns columns(*header, space, file.string());
  ImportedTrials imported;
  while (const auto row = reader.next()) {
    if (row->size() != header->size()) {
      throw InputError(reader.where(), fmt::format("found {} cells, allowed {}, as the header has",
                                                   row->size(), header->size()));
    }
    OutsideCandidate candidate;
    for (const auto& [at, decision] : columns.decisions) {
      // Nothing: a decision without an effect.
      if (!(*row)[at].empty()) candidate.point.choices[decision] = (*row)[at];
    }
    auto& claimed = imported.claimed.emplace_back();
    for (const auto& [at, figure] : columns.figures) {
      if ((*row)[at].empty()) continue;
      const double value = claimed[figure] = claimed_figure((*row)[at], reader.where());
      if (trust == ImportTrust::kAll) require_possible(*figure, value, reader.where());
      if (trust == ImportTrust::kAccuracy && figure->key == "top1_percent") {
        candidate.top1_percent = value;
      }
    }
    imported.candidates.push_back(std::move(candidate));
  }
  return imported;
}

std::string claims_table(const ImportedTrials& imported, std::span<const TrialRecord> found) {
  Table table({{"figure", Table::Align::kLeft}, {"trials"}, {"differ"}, {"most [%]"}});
  for (const Figure& figure : figures()) {
    std::size_t both = 0, differ = 0;
    double most = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto claim = imported.claimed[i].find(&figure);
      if (claim == imported.claimed[i].end() || !found[i].evaluation.has(figure)) continue;
      const double value = found[i].evaluation.value(figure);
      const double share = std::abs(claim->second - value) / std::max(std::abs(value), 1e-300);
      ++both;
      differ += share > kSameShare ? 1 : 0;
      most = std::max(most, share);
    }
    if (both == 0) continue;
    table.add_row({figure.key, std::to_string(both), std::to_string(differ),
                   differ == 0 ? "0" : fmt::format("{:.3g}", 100 * most)});
  }
  return table.str();
}

}  // namespace dovetail

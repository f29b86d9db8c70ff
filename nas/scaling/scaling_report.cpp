#include "nas/scaling/scaling_report.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

std::string millions(std::int64_t count, int decimals) {
  return fmt::format("{:.{}f}", static_cast<double>(count) / 1e6, decimals);
}

std::string top1_text(const ScaleFigures& figures) {
  return fmt::format("{:.2f}{}", figures.top1_percent, figures.extrapolated ? " *" : "");
}

std::string growth_text(double after, double before) {
  return fmt::format("{:+.2f} %", 100 * (after / before - 1));
}

Table::Column words(const char* title) {
  return {title, Table::Align::kLeft};
}

void add_figures(std::vector<std::string>& row, const ScaleFigures& figures,
                 const ScaleFigures& start) {
  row.push_back(top1_text(figures));
  row.push_back(fmt::format("{:.4f}", figures.latency_ms));
  row.push_back(growth_text(figures.latency_ms, start.latency_ms));
  row.push_back(fmt::format("{:.2f}", 100 * figures.utilization));
  row.push_back(millions(figures.macs, 1));
  row.push_back(millions(figures.parameters, 2));
}

std::vector<Table::Column> with_figures(std::vector<Table::Column> columns) {
  for (const char* title :
       {"top-1 (%)", "latency (ms)", "growth", "utilization (%)", "MACs (M)", "parameters (M)"}) {
    columns.push_back({title});
  }
  return columns;
}

/// The budgets that the step answers, separated by blanks.
std::string answered(const ScalingMethod& method, std::size_t step,
                     const std::vector<double>& budgets_ms) {
  std::vector<std::string> texts;
  for (std::size_t b = 0; b < budgets_ms.size(); ++b) {
    if (method.answers[b] == step) texts.push_back(fmt::format("{:.7g}", budgets_ms[b]));
  }
  return join(texts, " ");
}

}  // namespace

std::string scaled_name(const ScalableNetwork& network) {
  return network.base().name + "-scaled";
}

std::string scaling_path_table(const ScalingComparison& comparison,
                               const ScalableNetwork& network) {
  Table table(with_figures({{"step"}, words("change")}));
  const std::vector<ScaleStep>& steps = comparison.methods.front().steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::vector<std::string> row{std::to_string(i), i == 0 ? network.base().name : steps[i].change};
    add_figures(row, steps[i].figures, comparison.start());
    table.add_row(std::move(row));
  }
  return table.str();
}

std::string scaling_answers_table(const ScalingComparison& comparison) {
  Table table(with_figures({{"budget (ms)"}, words("way"), words("change"), {"gain"}}));
  for (std::size_t b = 0; b < comparison.budgets_ms.size(); ++b) {
    if (b > 0) table.add_rule();
    for (const ScalingMethod& method : comparison.methods) {
      const ScaleStep& answer = method.answer(b);
      const bool path = method.name == "joint" || method.name == "larger" || method.name == "macs";
      const std::string change = method.answers[b] == 0 ? "none holds the budget"
                                 : path                 ? fmt::format("{} steps", method.answers[b])
                                                        : answer.change;
      std::vector<std::string> row{
          fmt::format("{:.4f}", comparison.budgets_ms[b]), method.name, change,
          fmt::format("{:+.2f}", answer.figures.top1_percent - comparison.start().top1_percent)};
      add_figures(row, answer.figures, comparison.start());
      table.add_row(std::move(row));
    }
  }
  return table.str();
}

std::string family_text(const NetworkFamily& family) {
  return fmt::format(
      "Top-1 from a fit to {} published networks of '{}': {:.2f} points when each is left out, at "
      "most {:.2f}\n* extrapolated: of another depth, or of channels that no one width gives; what "
      "that is worth comes from '{}'\n",
      family.members().size(), family.name(), family.error().rmse_points, family.error().max_points,
      family.effects());
}

std::string scaling_csv(std::span<const ScalingComparison> comparisons,
                        const ScalableNetwork& network, const NetworkFamily& family) {
  CsvWriter csv("dovetail.scaling/1");
  csv.note("network", network.base().name);
  csv.note("family", family.name());
  csv.note("family_left_out_rmse_points", fmt::format("{:.3f}", family.error().rmse_points));
  csv.header({{"accelerator"},
              {"way"},
              {"step"},
              {"change"},
              {"top1_percent", "%"},
              {"extrapolated"},
              {"latency_ms", "ms"},
              {"cycles"},
              {"utilization_percent", "%"},
              {"macs"},
              {"parameters"},
              {"resolution", "pixels"},
              {"blocks"},
              {"channels"},
              {"answers_ms", "ms"}});
  for (const ScalingComparison& comparison : comparisons) {
    for (const ScalingMethod& method : comparison.methods) {
      for (std::size_t i = 0; i < method.steps.size(); ++i) {
        const auto& [scale, change, figures] = method.steps[i];
        csv.row(comparison.accelerator, method.name, i, change, figures.top1_percent,
                figures.extrapolated, figures.latency_ms, figures.cycles, 100 * figures.utilization,
                figures.macs, figures.parameters, scale.resolution,
                fmt::format("{}", fmt::join(scale.blocks, " ")),
                fmt::format("{}", fmt::join(scale.channels, " ")),
                answered(method, i, comparison.budgets_ms));
      }
    }
  }
  return csv.text();
}

}  // namespace dovetail

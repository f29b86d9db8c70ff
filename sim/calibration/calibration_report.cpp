#include "sim/calibration/calibration_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text/table.h"
#include "base/text/text.h"
#include "base/text/version.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

/// A table, and what is said above it.
struct Section {
  std::string text;
  std::vector<Table::Column> columns;
  std::vector<std::vector<std::string>> rows;
};

std::string as_text(const Section& section) {
  Table table(section.columns);
  for (const auto& row : section.rows) table.add_row(row);
  return section.text + "\n\n" + table.str();
}

/// A cell of a Markdown table cannot hold a bare '|'.
std::string escaped(const std::string& cell) {
  return join(split(cell, '|'), "\\|");
}

std::string as_markdown(const Section& section) {
  std::string text = section.text + "\n\n|";
  for (const Table::Column& column : section.columns) text += " " + column.title + " |";
  text += "\n|";
  for (const Table::Column& column : section.columns) {
    text += column.align == Align::kLeft ? " --- |" : " ---: |";
  }
  for (const auto& row : section.rows) {
    text += "\n|";
    for (const std::string& cell : row) text += cell.empty() ? " |" : " " + escaped(cell) + " |";
  }
  return text + "\n";
}

std::string number(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "cannot run";
}

std::string ratio_cell(double ratio) {
  return std::isfinite(ratio) ? fmt::format("{:.3f}", ratio) : "cannot run";
}

/// Empty where nothing is allowed or not.
std::string within(double ratio, double tolerance) {
  const bool holds = std::abs(ratio - 1) <= tolerance;
  return fmt::format("{} ({:.0f} %)", holds ? "yes" : "no", 100 * tolerance);
}

Section points_section(const Calibration& calibration, const CalibrationFigures& presets) {
  Section section;
  section.text =
      "Published and simulated figures, with the accelerators as they are in their files.";
  section.columns = {{"group", Align::kLeft},
                     {"network", Align::kLeft},
                     {"unit", Align::kLeft},
                     {"published"},
                     {"simulated"},
                     {"ratio"},
                     {"within tolerance", Align::kLeft}};
  for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
    const CalibrationGroup& group = calibration.groups[g];
    for (std::size_t p = 0; p < group.points.size(); ++p) {
      const CalibrationPoint& point = group.points[p];
      const double ratio = presets[g][p] / point.published;
      section.rows.push_back({group.name, point.network.name(), group.quantity->unit,
                              format_number(point.published),
                              number(presets[g][p], group.quantity->decimals), ratio_cell(ratio),
                              group.published_slope ? "" : within(ratio, group.tolerance)});
    }
  }
  return section;
}

std::string sources(const Calibration& calibration) {
  std::string text = "Sources:\n\n";
  for (const CalibrationGroup& group : calibration.groups) {
    text += fmt::format("- {}: {}", group.name, group.source);
    if (group.host_ms > 0) {
      text += fmt::format("; {} ms of each latency are the host's", format_number(group.host_ms));
    }
    text += "\n";
  }
  return text;
}

std::string ranks_cell(const CalibrationGroup& group, const std::vector<double>& simulated) {
  const std::size_t swapped = swapped_pairs(group, simulated);
  return swapped == 0 ? "exact" : fmt::format("{} pairs swapped", swapped);
}

Section groups_section(const Calibration& calibration, const CalibrationFigures& presets) {
  Section section;
  section.text =
      "Ranks within each group, and the slope of those that are compared by it (least squares over "
      "the MACs; a fixed cost does not change it).";
  section.columns = {{"group", Align::kLeft},
                     {"accelerator", Align::kLeft},
                     {"ranks", Align::kLeft},
                     {"slope published"},
                     {"of these points"},
                     {"simulated"},
                     {"ratio"},
                     {"within tolerance", Align::kLeft}};
  for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
    const CalibrationGroup& group = calibration.groups[g];
    std::vector<std::string> row = {group.name, group.accelerator.name,
                                    ranks_cell(group, presets[g])};
    if (group.published_slope) {
      const double slope = slope_per_gmac(group, presets[g]);
      const double ratio = slope / *group.published_slope;
      row.push_back(
          fmt::format("{} {}/GMAC", format_number(*group.published_slope), group.quantity->unit));
      row.push_back(number(slope_per_gmac(group, published_figures(group)), 3));
      row.push_back(number(slope, 3));
      row.push_back(ratio_cell(ratio));
      row.push_back(within(ratio, group.tolerance));
    } else {
      row.insert(row.end(), 5, "");
    }
    section.rows.push_back(std::move(row));
  }
  return section;
}

/// The values that the accelerators have for a parameter.
std::string preset_cell(const Calibration& calibration, const CalibrationParameter& parameter) {
  std::vector<std::string> values;
  std::vector<std::string> each;
  for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
    if (!parameter.applies[g]) continue;
    const AcceleratorConfig& accelerator = calibration.groups[g].accelerator;
    const std::string value = parameter.parameter->text_in(accelerator);
    if (values.empty() || values.back() != value) values.push_back(value);
    const std::string named = value + " (" + accelerator.name + ")";
    if (std::find(each.begin(), each.end(), named) == each.end()) each.push_back(named);
  }
  return values.size() == 1 ? values[0] : join(each);
}

std::string value_of(const CalibrationParameter& parameter, std::size_t position) {
  return parameter.parameter->text_of(parameter.values[position]);
}

Section parameters_section(const CalibrationReport& report) {
  const Calibration& calibration = report.calibration;
  Section section;
  section.text = fmt::format(
      "Parameters fitted: {} combinations of the values tried, {} simulations; best is the one "
      "with "
      "the smallest mean absolute ln(simulated / published).",
      report.fit->combinations, report.fit->simulations);
  section.columns = {{"parameter", Align::kLeft},    {"unit", Align::kLeft},
                     {"tried", Align::kLeft},        {"best"},
                     {"in the files", Align::kLeft}, {"of", Align::kLeft}};
  for (std::size_t p = 0; p < calibration.parameters.size(); ++p) {
    const CalibrationParameter& parameter = calibration.parameters[p];
    std::vector<std::string> tried;
    std::vector<std::string> groups;
    for (std::size_t v = 0; v < parameter.values.size(); ++v)
      tried.push_back(value_of(parameter, v));
    for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
      if (parameter.applies[g]) groups.push_back(calibration.groups[g].name);
    }
    const bool everywhere = groups.size() == calibration.groups.size();
    section.rows.push_back({parameter.parameter->key, parameter.parameter->unit, join(tried),
                            value_of(parameter, report.fit->best.values[p]),
                            preset_cell(calibration, parameter),
                            everywhere ? "all groups" : join(groups)});
  }
  return section;
}

/// What a fit without some target chose otherwise.
std::string difference(const CalibrationReport& report, const CalibrationChoice& choice) {
  std::vector<std::string> changes;
  for (std::size_t p = 0; p < choice.values.size(); ++p) {
    const CalibrationParameter& parameter = report.calibration.parameters[p];
    if (choice.values[p] == report.fit->best.values[p]) continue;
    changes.push_back(parameter.parameter->key + " " + value_of(parameter, choice.values[p]));
  }
  return changes.empty() ? "the same" : join(changes);
}

Section left_out_section(const CalibrationReport& report) {
  const Calibration& calibration = report.calibration;
  const CalibrationFit& fit = *report.fit;
  Section section;
  section.text =
      "Leave-one-out: simulated / published of each figure with the parameters that all figures "
      "choose, and with those that the others choose without it.";
  section.columns = {{"figure", Align::kLeft},
                     {"chosen by all"},
                     {"chosen without it"},
                     {"parameters without it", Align::kLeft}};
  for (const LeftOut& left_out : fit.left_out) {
    section.rows.push_back({target_name(calibration, left_out.target),
                            ratio_cell(ratio_of(calibration, left_out.target, fit.best_figures)),
                            ratio_cell(left_out.ratio), difference(report, left_out.choice)});
  }
  for (const CalibrationTarget& target : calibration_targets(calibration)) {
    if (calibration.groups[target.group].fit) continue;
    const std::string ratio = ratio_cell(ratio_of(calibration, target, fit.best_figures));
    section.rows.push_back({target_name(calibration, target), "", ratio, "never fitted"});
  }
  return section;
}

std::string percent(double log_error) {
  if (!std::isfinite(log_error)) return "a network cannot run";
  return fmt::format("{:.4f} ({:.1f} %)", log_error, 100 * (std::exp(log_error) - 1));
}

Section errors_section(const CalibrationReport& report) {
  const CalibrationFit& fit = *report.fit;
  Section section;
  section.text = fmt::format("Errors over the {} figures fitted.", fit.targets.size());
  section.columns = {{"parameters", Align::kLeft}, {"mean absolute ln(simulated / published)"}};
  section.rows = {
      {"as in the files", percent(mean_log_error(report.calibration, fit.targets, report.presets))},
      {"best combination, in sample", percent(fit.best.error)},
      {"chosen without the figure, leave-one-out", percent(fit.left_out_error)}};
  return section;
}

std::vector<Section> fit_sections(const CalibrationReport& report) {
  if (!report.fit) return {};
  return {parameters_section(report), left_out_section(report), errors_section(report)};
}

Json json_of(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json choice_json(const Calibration& calibration, const CalibrationChoice& choice) {
  Json json;
  for (std::size_t p = 0; p < choice.values.size(); ++p) {
    const CalibrationParameter& parameter = calibration.parameters[p];
    const double value = parameter.values[choice.values[p]];
    const bool choice_of_names = parameter.parameter->is_choice();
    json[parameter.parameter->key] =
        choice_of_names ? Json(parameter.parameter->text_of(value)) : Json(value);
  }
  return json;
}

Json group_json(const CalibrationReport& report, std::size_t g) {
  const CalibrationGroup& group = report.calibration.groups[g];
  Json json;
  json["name"] = group.name;
  json["accelerator"] = group.accelerator.name;
  json["source"] = group.source;
  json["quantity"] = group.quantity->key;
  json["tolerance"] = group.tolerance;
  json["host_ms"] = group.host_ms;
  json["fit"] = group.fit;
  json["swapped_pairs"] = swapped_pairs(group, report.presets[g]);
  if (group.published_slope) {
    json["published_slope_per_gmac"] = *group.published_slope;
    json["simulated_slope_per_gmac"] = json_of(slope_per_gmac(group, report.presets[g]));
  }
  for (std::size_t p = 0; p < group.points.size(); ++p) {
    const CalibrationPoint& point = group.points[p];
    json["points"].push_back({{"network", point.network.name()},
                              {"macs", point.network.macs()},
                              {"published", point.published},
                              {"simulated", json_of(report.presets[g][p])},
                              {"ratio", json_of(report.presets[g][p] / point.published)}});
  }
  return json;
}

Json fit_json(const CalibrationReport& report) {
  const Calibration& calibration = report.calibration;
  const CalibrationFit& fit = *report.fit;
  Json json;
  json["combinations"] = fit.combinations;
  json["simulations"] = fit.simulations;
  json["measure"] = "mean absolute ln(simulated / published)";
  json["files_error"] = json_of(mean_log_error(calibration, fit.targets, report.presets));
  json["best_error"] = json_of(fit.best.error);
  json["left_out_error"] = json_of(fit.left_out_error);
  json["best"] = choice_json(calibration, fit.best);
  for (const LeftOut& left_out : fit.left_out) {
    const double in_sample = ratio_of(calibration, left_out.target, fit.best_figures);
    json["left_out"].push_back({{"figure", target_name(calibration, left_out.target)},
                                {"ratio_in_sample", json_of(in_sample)},
                                {"ratio_left_out", json_of(left_out.ratio)},
                                {"parameters", choice_json(calibration, left_out.choice)}});
  }
  return json;
}

}  // namespace

std::string in_sample_markdown(const Calibration& calibration, const CalibrationFigures& presets) {
  return as_markdown(points_section(calibration, presets)) + "\n" + sources(calibration) + "\n" +
         as_markdown(groups_section(calibration, presets));
}

std::string calibration_markdown(const CalibrationReport& report) {
  std::string text = in_sample_markdown(report.calibration, report.presets);
  for (const Section& section : fit_sections(report)) text += "\n" + as_markdown(section);
  return text;
}

std::string calibration_text(const CalibrationReport& report) {
  std::string text = as_text(points_section(report.calibration, report.presets)) + "\n" +
                     sources(report.calibration) + "\n" +
                     as_text(groups_section(report.calibration, report.presets));
  for (const Section& section : fit_sections(report)) text += "\n" + as_text(section);
  return text;
}

std::string calibration_json(const CalibrationReport& report) {
  Json json;
  json["schema"] = "dovetail.calibration_report/1";
  json["build"] = build_description();
  json["calibration"] = report.calibration.name;
  for (std::size_t g = 0; g < report.calibration.groups.size(); ++g) {
    json["groups"].push_back(group_json(report, g));
  }
  if (report.fit) json["fit"] = fit_json(report);
  return json.dump(2) + "\n";
}

std::optional<std::string> with_calibration(const std::string& document,
                                            const std::string& fragment) {
  const std::string begin = "<!-- dovetail calibrate -->\n";
  const std::size_t from = document.find(begin);
  const std::size_t to = document.find("<!-- end of dovetail calibrate -->", from);
  if (from == std::string::npos || to == std::string::npos) return std::nullopt;
  return document.substr(0, from + begin.size()) + "\n" + fragment + "\n" + document.substr(to);
}

}  // namespace dovetail

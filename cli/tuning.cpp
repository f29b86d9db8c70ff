#include "cli/tuning.h"

#include <fmt/core.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/text/table.h"
#include "cli/commands.h"
#include "cost/surrogate/correction/correction_fit.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/training/fine_tuning.h"

namespace dovetail {
namespace {

using Corrections = std::vector<std::array<CostCorrection, kPredictedCosts>>;

std::string cell(const RegressionMetrics& m, double value) {
  return m.count > 0 ? fmt::format("{:.2f}", value) : "-";
}

std::string tau_cell(const RegressionMetrics& m) {
  return m.count > 0 ? fmt::format("{:.3f}", m.kendall_tau) : "-";
}

/// Errors before and after on measurements that nothing was fitted to.
std::string checked_table(std::span<const Costs> said_before, std::span<const Costs> said_after,
                          const Measurements& check) {
  Table table({{fmt::format("on {} other measurements", check.size()), Table::Align::kLeft},
               {"pairs"},
               {"MAPE before, %"},
               {"after, %"},
               {"tau before"},
               {"after"}});
  const auto before = measure_errors(said_before, check), after = measure_errors(said_after, check);
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    table.add_row({predicted_costs()[c].figure->name, std::to_string(before[c].count),
                   cell(before[c], before[c].mape_percent), cell(after[c], after[c].mape_percent),
                   tau_cell(before[c]), tau_cell(after[c])});
  }
  return table.str();
}

std::string corrections_table(const Corrections& corrections) {
  Table table({{"member", Table::Align::kLeft},
               {"cost", Table::Align::kLeft},
               {"measurements"},
               {"error before, %"},
               {"leave-one-out, %"},
               {"penalty"}});
  for (std::size_t m = 0; m < corrections.size(); ++m) {
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      const CostCorrection& found = corrections[m][c];
      table.add_row({std::to_string(m + 1), predicted_costs()[c].figure->name,
                     std::to_string(found.measurements),
                     fmt::format("{:.2f}", found.before_percent),
                     fmt::format("{:.2f}", found.leave_one_out_percent),
                     found.corrected ? fmt::format("{:.3g}", found.penalty) : "not corrected"});
    }
  }
  return table.str();
}

void warn(const std::string& file, const std::vector<std::string>& doubts) {
  if (quiet()) return;
  for (const std::string& doubt : doubts) {
    fmt::print(stderr, "dovetail: warning: {}: {}\n", file, doubt);
  }
}

/// Where both ways of use write, once nothing speaks against it.
TrainingFiles ready_files(const TuningArguments& arguments) {
  const TrainingFiles files = TrainingFiles::of(arguments.output);
  claim_model_files(files);
  require_writable_folder(files.model.has_parent_path() ? files.model.parent_path() : ".");
  return files;
}

void print_outcome(const SimulatedMeasurements& used, const Corrections& corrections,
                   const std::string& checked, const TrainingFiles& files) {
  if (quiet()) return;
  fmt::print("{} measurements, {} infeasible ones left out", used.measured.size(),
             used.measured.infeasible);
  if (used.infeasible > 0) {
    fmt::print(", and {} that the simulator cannot run", used.infeasible);
  }
  fmt::print("\n\n{}", corrections_table(corrections));
  if (!checked.empty()) fmt::print("\n{}", checked);
  fmt::print("\nWritten:\n  {}\n  {}\n", files.model.string(), files.report.string());
}

/// Errors of the simulator, and of what it says corrected.
std::string checked_correction(const SimulatedMeasurements& check,
                               const SimulatorCorrection& correction) {
  const std::vector<CostRatios> ratios =
      correction.ratios(check.measured.network, check.measured.hardware);
  std::vector<Costs> after;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    after.push_back(corrected(check.simulated[i], ratios[i]));
  }
  return checked_table(check.simulated, after, check.measured);
}

}  // namespace

void claim_model_files(const TrainingFiles& files) {
  require_no_input(files.model);
  claim_output(files.report, "the report of the training");
}

void fine_tune_model(const TuningArguments& arguments) {
  const TrainingFiles files = ready_files(arguments);
  const Surrogate base = Surrogate::load(arguments.model);
  const Measurements measurements = read_measurements(arguments.measurements, base);
  warn(arguments.measurements, unit_doubts(base, measurements));
  std::optional<Measurements> check;
  if (!arguments.check.empty()) check = read_measurements(arguments.check, base);
  const FineTuned tuned = fine_tune(base, measurements);
  tuned.model.save(files.model);
  write_file_atomically(files.report, fine_tuning_report(base, tuned));
  const std::string checked = check ? checked_table(predicted_costs_of(base, *check),
                                                    predicted_costs_of(tuned.model, *check), *check)
                                    : "";
  print_outcome({measurements, {}, 0}, tuned.corrections, checked, files);
}

void correct_simulator(const TuningArguments& arguments) {
  const TrainingFiles files = ready_files(arguments);
  const Surrogate base = Surrogate::load(arguments.model);
  const auto file_of = [](const std::string& given, const SpaceDescription& space) {
    return resolve_config("spaces", given.empty() ? space.name : given);
  };
  const auto networks = NetworkSpace::load(file_of(arguments.space, base.network_space()));
  const auto accelerators = DesignSpace::load(file_of(arguments.hardware, base.hardware_space()));
  base.require_spaces(describe(networks), describe(accelerators));
  const auto simulated = [&](const std::string& file) {
    return simulate_measured(read_measurements(file, base), networks, accelerators,
                             base.technology());
  };
  const SimulatedMeasurements used = simulated(arguments.measurements);
  warn(arguments.measurements, unit_doubts(used.simulated, used.measured, "the simulator says"));
  std::optional<SimulatedMeasurements> check;
  if (!arguments.check.empty()) check = simulated(arguments.check);
  const FittedCorrection found =
      fit_correction(base, used, probe_simulator(networks, accelerators, base.technology()));
  found.correction.save(files.model);
  write_file_atomically(files.report, found.report);
  print_outcome(used, found.corrections, check ? checked_correction(*check, found.correction) : "",
                files);
}

}  // namespace dovetail

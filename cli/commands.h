#pragma once

#include <exception>

namespace CLI {
class App;
}

namespace dovetail {

// Each adds one subcommand, in the file of its name. A subcommand reads its arguments, calls the
// floors below and prints; it has no logic of its own.
void add_area_command(CLI::App& app);
void add_bench_command(CLI::App& app);
void add_calibrate_command(CLI::App& app);
void add_compare_surrogates_command(CLI::App& app);
void add_completion_command(CLI::App& app);
void add_dataset_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_explore_command(CLI::App& app);
void add_export_command(CLI::App& app);
void add_fit_accuracy_command(CLI::App& app);
void add_fit_transfer_command(CLI::App& app);
void add_label_command(CLI::App& app);
void add_list_command(CLI::App& app);
void add_map_command(CLI::App& app);
void add_plot_command(CLI::App& app);
void add_report_command(CLI::App& app);
void add_sample_command(CLI::App& app);
void add_scale_command(CLI::App& app);
void add_search_command(CLI::App& app);
void add_serve_command(CLI::App& app);
void add_simulate_command(CLI::App& app);
void add_study_command(CLI::App& app);
void add_train_command(CLI::App& app);
void add_train_network_command(CLI::App& app);
void add_validate_command(CLI::App& app);
void add_worker_command(CLI::App& app);

/// Adds the subcommands of bench that are about searches by gradients.
void add_gradient_benches(CLI::App& bench);
/// Adds the subcommands of study by which it is asked and told.
void add_ask_tell_commands(CLI::App& study);
/// Adds the subcommand of bench about cheap and expensive trainings.
void add_fidelity_bench(CLI::App& bench);
/// Adds the subcommand of bench that compares cost models.
void add_cost_models_bench(CLI::App& bench);

/// Adds the subcommand of study that trains.
void add_study_finish_command(CLI::App& study);

/// Prints why the command failed and returns the exit code. main() does it for what is thrown; a
/// command that has to say it earlier throws CLI::RuntimeError with the code.
int report_failure(const std::exception& failure);

/// --quiet was given: no progress, no table, errors only.
bool quiet();

}  // namespace dovetail

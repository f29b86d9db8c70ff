#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/process/progress.h"
#include "base/process/worker_program.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cli/commands.h"

namespace dovetail {
namespace {

enum ExitCode { kOk = 0, kRunFailed = 1, kInputError = 2 };

bool quiet_flag = false;

int run(int argc, char** argv) {
  CLI::App app{"Dovetail designs a neural network and the accelerator it runs on together."};
  app.name("dovetail");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", build_description());
  app.add_flag("-q,--quiet", quiet_flag, "No progress and no tables; errors only");

  add_simulate_command(app);
  add_map_command(app);
  add_explain_command(app);
  add_area_command(app);
  add_calibrate_command(app);
  add_explore_command(app);
  add_sample_command(app);
  add_search_command(app);
  add_study_command(app);
  add_label_command(app);
  add_dataset_command(app);
  add_train_command(app);
  add_validate_command(app);
  add_compare_surrogates_command(app);
  add_fit_accuracy_command(app);
  add_fit_transfer_command(app);
  add_plot_command(app);
  add_export_command(app);
  add_bench_command(app);
  add_list_command(app);
  add_worker_command(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::RuntimeError& e) {  // said already
    return e.get_exit_code();
  } catch (const CLI::ParseError& e) {
    app.exit(e);
    return kInputError;
  }
  return kOk;
}

}  // namespace

int report_failure(const std::exception& failure) {
  fmt::print(stderr, "dovetail: {}\n", failure.what());
  return dynamic_cast<const InputError*>(&failure) != nullptr ? kInputError : kRunFailed;
}

bool quiet() {
  return quiet_flag;
}

}  // namespace dovetail

int main(int argc, char** argv) {
  try {
    dovetail::install_stop_handler();
    dovetail::use_this_program_for_workers();
    std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a failed write, with a message
    return dovetail::run(argc, argv);
  } catch (const std::exception& e) {
    return dovetail::report_failure(e);
  }
}

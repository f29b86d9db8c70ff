#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <span>
#include <string>

#include "base/files/file_roles.h"
#include "base/process/progress.h"
#include "base/process/worker_program.h"
#include "base/text/error.h"
#include "base/text/message_text.h"
#include "base/text/version.h"
#include "cli/bare_command.h"
#include "cli/commands.h"
#include "cli/option_checks.h"

namespace dovetail {
namespace {

enum ExitCode { kOk = 0, kRunFailed = 1, kInputError = 2 };

bool quiet_flag = false;

int run(int argc, char** argv) {
  CLI::App app{"Dovetail designs a neural network and the accelerator it runs on together."};
  app.name("dovetail");
  print_help_if_bare(app);
  app.fallthrough();
  app.set_version_flag("--version", build_description());
  app.add_flag("-q,--quiet", quiet_flag, "No progress and no tables; errors only");
  app.footer(
      "dovetail COMMAND --help says what a command takes. Words and units are explained in\n"
      "docs/glossary.md, which stands beside the other pages of the documentation.");

  add_simulate_command(app);
  add_map_command(app);
  add_evaluate_command(app);
  add_serve_command(app);
  add_explain_command(app);
  add_area_command(app);
  add_calibrate_command(app);
  add_explore_command(app);
  add_sample_command(app);
  add_scale_command(app);
  add_search_command(app);
  add_study_command(app);
  add_label_command(app);
  add_dataset_command(app);
  add_train_command(app);
  add_train_network_command(app);
  add_validate_command(app);
  add_compare_surrogates_command(app);
  add_fit_accuracy_command(app);
  add_fit_transfer_command(app);
  add_plot_command(app);
  add_report_command(app);
  add_export_command(app);
  add_bench_command(app);
  add_list_command(app);
  add_completion_command(app);
  add_worker_command(app);

  app.failure_message([](const CLI::App* failed, const CLI::Error& failure) {
    return message_text(CLI::FailureMessage::simple(failed, failure));
  });
  check_all_options(app, quiet_flag);
  const FileRoles roles;
  try {
    check_lists(app, std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
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

/// Throws RunError if not all that was printed has arrived: an answer must not be lost in silence.
void require_printed() {
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && std::ferror(stdout) == 0) return;
  throw RunError(fmt::format("standard output: cannot write: {}",
                             flushed ? "part of it was lost" : std::strerror(errno)));
}

}  // namespace

int report_failure(const std::exception& failure) {
  std::string message = failure.what();
  int code = dynamic_cast<const InputError*>(&failure) != nullptr ? kInputError : kRunFailed;
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&failure)) {
    message = fmt::format("{}: {}", file->path1().string(), file->code().message());
    code = kInputError;
  } else if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) {
    message = "there is not enough memory for this";
  }
  fmt::print(stderr, "dovetail: {}\n", message_text(message));
  return code;
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
    const int code = dovetail::run(argc, argv);
    dovetail::require_printed();
    return code;
  } catch (const std::exception& e) {
    return dovetail::report_failure(e);
  }
}

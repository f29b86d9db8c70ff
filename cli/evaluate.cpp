#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/request_lines.h"
#include "nas/service/evaluation_service.h"

namespace dovetail {
namespace {

constexpr std::size_t kMostTogether = 1024;  // requests that are answered together

struct EvaluateArguments {
  std::string input, accuracy, surrogate, table;
  ServiceOptions options;
};

/// A YAML file or, in braces, the text of one.
std::string accuracy_of(const std::string& given) {
  return given.empty() || given.starts_with('{') ? given : read_file(given);
}

void evaluate(EvaluateArguments arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  RequestDefaults& defaults = arguments.options.defaults;
  defaults.accuracy = accuracy_of(arguments.accuracy);
  if (!arguments.surrogate.empty()) defaults.cost = {"surrogate", arguments.surrogate};
  if (!arguments.table.empty()) defaults.cost = {"table", arguments.table};
  EvaluationService service(arguments.options);
  RequestLines input(arguments.input);
  std::uint64_t line = 1;  // number of the first of the batch
  for (auto batch = input.next(); !batch.empty(); batch = input.next()) {
    std::string text;
    std::size_t begin = 0;
    while (begin < batch.size()) {
      if (is_blank(batch[begin])) {
        ++begin;
        continue;
      }
      std::size_t end = begin;
      while (end < batch.size() && end - begin < kMostTogether && !is_blank(batch[end])) ++end;
      const auto some = std::span(batch).subspan(begin, end - begin);
      const auto answers = service.answer(some, line + begin, [] { return !stop_requested(); });
      for (const std::string& answer : answers) text += answer + '\n';
      begin = end;
      if (answers.size() == some.size()) continue;
      std::fputs(text.c_str(), stdout);
      throw RunError("stopped; the requests that were under way have no answer");
    }
    line += batch.size();
    std::fputs(text.c_str(), stdout);
    if (std::fflush(stdout) != 0) return;  // main() says that nobody reads
  }
  if (stop_requested()) throw RunError("stopped");
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "evaluate",
      "Answer requests, a line of JSON each, with what pairs cost and how good they are");
  auto arguments = std::make_shared<EvaluateArguments>();
  ServiceOptions& options = arguments->options;
  options.workers = available_processors();
  command->add_option("-i,--input", arguments->input,
                      "Read the requests from this file instead of standard input");
  command->add_option("--accuracy", arguments->accuracy,
                      "Accuracy source of requests that name none: a YAML file, or its text in "
                      "braces, with the keys of a study");
  auto* surrogate = command->add_option("-m,--model", arguments->surrogate,
                                        "Surrogate (HDF5) instead of simulation");
  command->add_option("--table", arguments->table, "Table of costs (HDF5) instead of simulation")
      ->excludes(surrogate);
  command
      ->add_option("--technology", options.defaults.technology,
                   "Technology name or YAML, of area and energy, with its temperature")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", options.workers,
                   "Processes that simulate (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  command->add_flag("--trust", options.trust,
                    "Requests may name programs (accuracy source 'command'), which are run");
  command->footer(
      "A request: {\"network\": \"mobilenet_v2\", \"accelerator\": \"nahas_baseline\"}.\n"
      "Answers come in the order of the requests. All of it: docs/evaluate.md.");
  command->callback([arguments] { evaluate(*arguments); });
}

}  // namespace dovetail

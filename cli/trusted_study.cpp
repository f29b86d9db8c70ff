#include "cli/trusted_study.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <utility>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/accuracy/command/command_kind.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Whether a path leads into a folder, through links too.
bool is_in(const fs::path& path, const fs::path& folder) {
  const fs::path top = fs::weakly_canonical(folder), place = fs::weakly_canonical(path);
  return std::mismatch(top.begin(), top.end(), place.begin(), place.end()).first == top.end();
}

/// What the study does beside computing, a line each; empty if nothing.
std::string deeds(const StudyConfig& config, bool writes) {
  std::string lines;
  if (config.accuracy.source == command_kind().name) {
    lines += "it runs a program, for each network:\n";
    for (const std::string& line : split(config.accuracy.settings->yaml(), '\n')) {
      if (!line.empty()) lines += "    " + line + "\n";
    }
  }
  if (config.cost.model->name == kCommandCosts) {
    lines += fmt::format("it runs a program, for each candidate, in {}:\n    {}\n",
                         config.cost.command.folder.string(), join(config.cost.command.words, " "));
  }
  if (!config.service.empty()) {
    lines += fmt::format("it asks the service at {}\n", config.service);
  }
  const fs::path here = fs::current_path();
  if (writes && !config.output.empty() && !is_in(here / config.output, here)) {
    lines += fmt::format("it writes to {}, outside the current folder\n", config.output.string());
  }
  return lines;
}

/// Only a person at a terminal can say yes.
bool agreed(const std::string& file, const std::string& what) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) return false;
  fmt::print(stderr, "{}: {}Go on? [y/N] ", file, what);
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

}  // namespace

void add_trust_option(CLI::App& command, bool& trust) {
  command.add_flag(
      "--trust", trust,
      "The study may run its program (accuracy source or cost model 'command'), ask a service "
      "('cost.service') and write outside the current folder ('output'); else that is "
      "asked at the terminal, or refused");
}

StudyConfig load_trusted_study(const std::string& name_or_path, bool trust, bool writes) {
  const fs::path file = resolve_config("studies", name_or_path);
  StudyConfig config = StudyConfig::load(file);
  if (is_in(file, program_folder() / "configs")) return config;
  return trusted_study(std::move(config), file.string(), trust, writes);
}

StudyConfig trusted_study(StudyConfig config, const std::string& file, bool trust, bool writes) {
  if (trust) return config;
  const std::string what = deeds(config, writes);
  if (what.empty() || agreed(file, what)) return config;
  throw InputError(Location{file}, what + "  allowed with --trust");
}

}  // namespace dovetail

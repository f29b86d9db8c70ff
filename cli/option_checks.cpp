#include "cli/option_checks.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file_roles.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// Options that name what a command writes (`folder`: a study that is worked on). What any other
/// names is read.
constexpr std::array<std::string_view, 15> kOutputs{
    "folder",  "--jsonl",     "--optuna", "--attainment", "--csv",
    "--json",  "--markdown",  "--onnx",   "--output",     "--plot",
    "--trace", "--test-data", "--torch",  "--zigzag",     "--timeloop"};
/// Those of them that may be "-", standard output.
constexpr std::array<std::string_view, 3> kTexts{"--csv", "--json", "--jsonl"};
/// It is made if it is missing and read if it is there.
constexpr std::string_view kMadeIfMissing = "--table";

/// Empty if `text` is a whole number of this type, as one writes it: neither 010 (8 to some) nor
/// 0x10, and nothing that wraps around.
template <typename Number>
std::string whole_number(const std::string& text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && std::to_string(value) == text) return "";
  return fmt::format("found '{}', allowed a whole number from {} to {}", text,
                     std::numeric_limits<Number>::lowest(), std::numeric_limits<Number>::max());
}

std::string finite_number(const std::string& text) {
  return decimal_number(text) ? "" : fmt::format("found '{}', allowed a number", text);
}

std::string some_text(const std::string& text) {
  if (text.find('\0') != std::string::npos) return "found a text with a NUL in it";
  return text.empty() ? "found an empty text, allowed one that says something" : "";
}

/// CLI11's word for what an option takes, without the names of its checks.
std::string value_type(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

/// Before the checks of the option's own.
void check_values(CLI::Option& option) {
  const std::string type = value_type(option);
  std::string (*check)(const std::string&) = nullptr;
  if (type == "UINT") check = whole_number<std::uint64_t>;
  if (type == "INT") check = whole_number<std::int64_t>;
  if (type == "FLOAT") check = finite_number;
  if (type == "TEXT") check = some_text;
  if (check == nullptr) return;
  option.transform(CLI::Validator([check](std::string& text) { return check(text); }, ""));
}

void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) check_values(*option);
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    check_values(*command);
  }
}

bool is_output(const CLI::Option& option) {
  return std::ranges::find(kOutputs, option.get_name()) != kOutputs.end();
}

/// Throws InputError if standard output may not be `option`'s, or is that of `taken_by` already.
void claim_standard_output(const CLI::Option& option, std::string& taken_by) {
  const std::string name = option.get_name();
  if (std::ranges::find(kTexts, name) == kTexts.end()) {
    throw InputError(fmt::format(
        "{}: found '-', allowed a file; standard output can be that of {} (./- is a file too)",
        name, join(std::vector<std::string>(kTexts.begin(), kTexts.end()))));
  }
  if (!taken_by.empty()) {
    throw InputError(
        fmt::format("-: standard output is written as {} and as {}; write one of them "
                    "to a file",
                    taken_by, name));
  }
  taken_by = name;
}

/// A store, and what SQLite and a search keep beside it, now or later: trials that are not in the
/// store yet, for one.
void note_store(const fs::path& store) {
  note_input(store);
  for (const char* side : {"-wal", "-shm", "-journal"}) note_input(store.string() + side);
  note_input(store.parent_path() / ".lock");
}

/// `what`: a file, or the folder of a study, of which these are read.
void note_what_is_read(const fs::path& what) {
  std::error_code ignored;
  if (fs::is_regular_file(what, ignored)) {
    what.extension() == ".db" ? note_store(what) : note_input(what);
  }
  if (!fs::is_regular_file(what / "study.db", ignored)) return;
  note_store(what / "study.db");
  note_input(what / "timings.csv");
}

/// Calls `each` with every option of the command that was given and names files, and its values.
template <typename Each>
void for_each_file_option(const CLI::App& command, const Each& each) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || value_type(*option) != "TEXT") continue;
    if (option->get_name() != kMadeIfMissing) each(*option);
  }
  for (const CLI::App* sub : command.get_subcommands()) for_each_file_option(*sub, each);
}

void check_files(const CLI::App& app, bool& quiet) {
  for_each_file_option(app, [](const CLI::Option& option) {
    if (is_output(option)) return;
    for (const std::string& value : option.results()) note_what_is_read(value);
  });
  std::string prints;  // the option whose output is standard output
  for_each_file_option(app, [&prints](const CLI::Option& option) {
    if (!is_output(option)) return;
    for (const std::string& value : option.results()) {
      if (value == "-") {
        claim_standard_output(option, prints);
      } else {
        claim_output(value, option.get_name());
      }
    }
  });
  if (!prints.empty()) quiet = true;
}

/// Throws CLI::ValidationError if `text`, a value of `option`, is a list that lacks an element.
void check_list(const CLI::Option& option, const std::string& text) {
  const std::vector<std::string> items = split(text, option.get_delimiter());
  if (items.size() < 2 || std::find(items.begin(), items.end(), "") == items.end()) return;
  throw CLI::ValidationError(
      option.get_name(), fmt::format("found '{}', allowed a list without empty elements", text));
}

}  // namespace

void check_lists(CLI::App& app, std::span<const char* const> words) {
  CLI::App* command = &app;
  const CLI::Option* list = nullptr;  // whose values the words are
  for (const std::string word : words) {
    if (word.starts_with('-')) {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* option = command->get_option_no_throw(name);
      list = option != nullptr && option->get_delimiter() != '\0' ? option : nullptr;
      if (list != nullptr && name != word) check_list(*list, word.substr(name.size() + 1));
    } else if (list != nullptr) {
      check_list(*list, word);
    } else {
      for (CLI::App* sub : command->get_subcommands([](CLI::App*) { return true; })) {
        if (sub->get_name() != word) continue;
        command = sub;
        break;
      }
    }
  }
}

void check_all_options(CLI::App& app, bool& quiet) {
  check_values(app);
  app.parse_complete_callback([&app, &quiet] { check_files(app, quiet); });
}

}  // namespace dovetail

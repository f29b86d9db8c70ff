#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cli/commands.h"

namespace dovetail {
namespace {

using Words = std::vector<std::string>;

/// What can stand behind a command: its subcommands, or its options with the words that each takes.
struct Completion {
  std::string command;  // dovetail study show
  Words commands, options;
};

/// Names that `dovetail list KIND --names` prints, by the options that take them.
const std::map<std::string, std::string>& listed_kinds() {
  static const std::map<std::string, std::string> kinds{
      {"--network", "networks"}, {"--accelerator", "accelerators"}, {"--space", "spaces"},
      {"--hardware", "spaces"},  {"--technology", "technologies"},
  };
  return kinds;
}

/// Both ways to write each option of a command, without the positional ones.
Words options_of(const CLI::App& command) {
  Words words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_snames()) words.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

std::vector<const CLI::App*> shown_commands(const CLI::App& command) {
  const auto shown = [](const CLI::App* app) { return !app->get_group().empty(); };
  return command.get_subcommands(shown);
}

void add_completions(const CLI::App& command, const std::string& words,
                     std::vector<Completion>& completions) {
  Completion completion{words, {}, options_of(command)};
  for (const CLI::App* sub : shown_commands(command)) {
    completion.commands.push_back(sub->get_name());
  }
  completions.push_back(completion);
  for (const CLI::App* sub : shown_commands(command)) {
    add_completions(*sub, words + " " + sub->get_name(), completions);
  }
}

/// "-n|--network" and so on -> the kind that is listed, for the options that have names.
std::map<std::string, std::string> option_patterns(const CLI::App& command) {
  std::map<std::string, std::string> patterns;
  for (const CLI::Option* option : command.get_options()) {
    const auto kind = listed_kinds().find(option->get_name());
    if (kind == listed_kinds().end()) continue;
    std::string pattern;
    for (const std::string& name : option->get_snames()) pattern += "-" + name + "|";
    patterns[pattern + option->get_name()] = kind->second;
  }
  for (const CLI::App* sub : shown_commands(command)) patterns.merge(option_patterns(*sub));
  return patterns;
}

/// A case statement does it all, so that bash of any age and zsh's bashcompinit can run it.
std::string bash_completion(const CLI::App& app) {
  std::vector<Completion> completions;
  add_completions(app, app.get_name(), completions);
  std::string text =
      "# Completion of dovetail for bash: source <(dovetail completion bash)\n"
      "_dovetail() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local command=dovetail word commands= options= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    case \"$command $word\" in\n      ";
  Words known;
  for (const Completion& c : completions) {
    if (c.command != app.get_name()) known.push_back("\"" + c.command + "\"");
  }
  text += join(known, "|") + ") command=\"$command $word\" ;;\n    esac\n  done\n";
  text += "  case \"$command\" in\n";
  for (const Completion& c : completions) {
    text += fmt::format("    \"{}\") commands=\"{}\"; options=\"{}\" ;;\n", c.command,
                        join(c.commands, " "), join(c.options, " "));
  }
  text += "  esac\n  local names=\n  case \"$before\" in\n";
  std::map<std::string, std::string> by_letter = option_patterns(app);
  for (const auto& [pattern, kind] : by_letter) {
    text += fmt::format("    {}) names=$(\"${{COMP_WORDS[0]}}\" list {} --names 2>/dev/null) ;;\n",
                        pattern, kind);
  }
  text +=
      "  esac\n"
      "  if [ -n \"$names\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$names\" -- \"$current\") $(compgen -f -- \"$current\"))\n"
      "  elif [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
      "  elif [ -n \"$commands\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _dovetail dovetail\n";
  return text;
}

std::string zsh_completion(const CLI::App& app) {
  return "#compdef dovetail\n"
         "# Completion of dovetail for zsh: source <(dovetail completion zsh)\n"
         "autoload -U +X compinit && compinit\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_completion(app);
}

/// Between single quotes of fish, on one line.
std::string fish_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "'";
}

/// When the words so far name `command` and not more.
std::string fish_condition(const CLI::App& command, const Words& path) {
  if (path.empty()) return "__fish_use_subcommand";
  Words parts;
  for (const std::string& word : path) parts.push_back("__fish_seen_subcommand_from " + word);
  Words subs;
  for (const CLI::App* sub : shown_commands(command)) subs.push_back(sub->get_name());
  if (!subs.empty()) parts.push_back("not __fish_seen_subcommand_from " + join(subs, " "));
  return join(parts, "; and ");
}

void add_fish_lines(const CLI::App& command, const Words& path, std::string& text) {
  const std::string when = "complete -c dovetail -n " + fish_quoted(fish_condition(command, path));
  for (const CLI::App* sub : shown_commands(command)) {
    text += fmt::format("{} -f -a {} -d {}\n", when, sub->get_name(),
                        fish_quoted(sub->get_description()));
  }
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty()) continue;
    std::string line = when;
    for (const std::string& name : option->get_snames()) line += " -s " + name;
    for (const std::string& name : option->get_lnames()) line += " -l " + name;
    if (option->get_items_expected_max() > 0) line += " -r";
    const auto kind = listed_kinds().find(option->get_name());
    if (kind != listed_kinds().end()) {
      line += " -a " + fish_quoted("(dovetail list " + kind->second + " --names)");
    }
    text += line + " -d " + fish_quoted(option->get_description()) + "\n";
  }
  for (const CLI::App* sub : shown_commands(command)) {
    Words longer = path;
    longer.push_back(sub->get_name());
    add_fish_lines(*sub, longer, text);
  }
}

std::string fish_completion(const CLI::App& app) {
  std::string text = "# Completion of dovetail for fish: dovetail completion fish | source\n";
  add_fish_lines(app, {}, text);
  return text;
}

using ShellCompletion = std::string (*)(const CLI::App&);

const std::map<std::string, ShellCompletion>& shells() {
  static const std::map<std::string, ShellCompletion> table{
      {"bash", bash_completion}, {"fish", fish_completion}, {"zsh", zsh_completion}};
  return table;
}

}  // namespace

void add_completion_command(CLI::App& app) {
  Words names;
  for (const auto& [name, completion] : shells()) names.push_back(name);
  auto* command = app.add_subcommand("completion", "What a shell needs to complete command lines");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "One of: " + join(names))->required();
  command->footer(
      "source <(dovetail completion bash)         # in ~/.bashrc\n"
      "source <(dovetail completion zsh)          # in ~/.zshrc\n"
      "dovetail completion fish | source          # in ~/.config/fish/config.fish\n"
      "Commands, options, and the names that -n, -a, -s, --hardware and --technology take.");
  command->callback([shell, &app, names] {
    const auto found = shells().find(*shell);
    if (found == shells().end()) throw InputError(unknown_name("shell", *shell, names));
    fmt::print("{}", found->second(app));
  });
}

}  // namespace dovetail

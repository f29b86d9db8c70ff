#include "models/network/blocks/block_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "base/text/text.h"
#include "models/network/blocks/decision_reference.h"

namespace dovetail {
namespace {

/// Words between spaces; "[0, 0.25]" is one.
std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  bool in_list = false;
  for (std::string word; in >> word;) {
    if (in_list) {
      words.back() += word;
    } else {
      words.push_back(word);
    }
    in_list = words.back().find('[') != std::string::npos && words.back().back() != ']';
  }
  return words;
}

bool is_layer_name(const std::string& name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::islower(c) || std::isdigit(c) || c == '_';
         });
}

/// "k=3" as key and value; throws at `node` if it is not of this form.
std::pair<std::string, std::string> split_option(const YamlNode& node, const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
    throw node.error(fmt::format("'{}': options are written KEY=VALUE, for example k=3", word));
  }
  return {word.substr(0, equals), word.substr(equals + 1)};
}

/// Options by name as written, in a fixed order.
using Options = std::map<std::string, std::string>;

Options read_options(const YamlNode& node, std::span<const std::string> words) {
  Options options;
  for (const std::string& word : words) {
    auto [key, value] = split_option(node, word);
    if (!options.emplace(key, value).second) {
      throw node.error(fmt::format("'{}' is given twice", key));
    }
  }
  return options;
}

[[noreturn]] void fail_value(const YamlNode& node, const BlockOption& option,
                             const std::string& value, const std::string& what) {
  throw node.error(
      fmt::format("{} '{}'{}: must be {}", option.name, value, what, option.allowed_values()));
}

bool compare(double a, const std::string& op, double b) {
  if (op == ">=") return a >= b;
  if (op == "<=") return a <= b;
  return op == ">" ? a > b : a < b;
}

/// Reads the lines of one file.
class Parser {
 public:
  Parser(const DecisionSpace& decisions, const std::optional<YamlNode>& defaults)
      : decisions_(decisions) {
    if (defaults) read_defaults(*defaults);
  }

  BlockLine parse(const YamlNode& node) {
    std::vector<std::string> words = split_words(node.as_string());
    if (words.empty()) throw node.error("empty block line");
    BlockLine line{.node = node, .kind = parse_kind(node, words[0]), .name = {}};
    const auto when = std::find(words.begin(), words.end(), "when");
    if (when != words.end()) {
      line.condition = parse_condition(node, std::string(join({when + 1, words.end()}, "")));
      words.erase(when, words.end());
    }
    Options given = read_options(node, std::span(words).subspan(1));
    set_name(line, given);
    check_known(line, given);
    check_conflicts(line, given);
    for (const BlockOption& option : block_options()) {
      if (option.allowed_in(line.kind)) set_option(line, option, given);
    }
    if (has_expansion(line.kind) && !given.contains("e") && !given.contains("h")) {
      throw node.error(fmt::format("{} needs e or h", to_string(line.kind)));
    }
    return line;
  }

  /// Throws for a default that no line took.
  void finish() const {
    for (const auto& [key, value] : defaults_) {
      if (!used_defaults_.contains(key)) {
        throw defaults_node_->error(fmt::format("no block line takes '{}' from the defaults", key));
      }
    }
  }

 private:
  static bool has_expansion(BlockKind kind) {
    return kind == BlockKind::kInvertedResidual || kind == BlockKind::kFused;
  }

  static BlockKind parse_kind(const YamlNode& node, const std::string& word) {
    const std::vector<std::string> names = block_kind_names();
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) throw node.error(unknown_name("block kind", word, names));
    return static_cast<BlockKind>(found - names.begin());
  }

  void read_defaults(const YamlNode& node) {
    defaults_node_ = node;
    defaults_ = read_options(node, split_words(node.as_string()));
    std::vector<std::string> known;
    for (const BlockOption& option : block_options()) {
      if (option.from_defaults) known.push_back(option.name);
    }
    for (const auto& [key, value] : defaults_) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        throw node.error(unknown_name("default", key, known));
      }
    }
  }

  void set_name(BlockLine& line, Options& given) {
    if (has_parts(line.kind)) return;  // check_known() refuses a name there
    const int number = count_[line.kind]++;
    line.name = to_string(line.kind) + (number == 0 ? "" : std::to_string(number));
    if (const auto name = given.find("name"); name != given.end()) {
      line.name = name->second;
      if (!is_layer_name(line.name)) {
        throw line.node.error(fmt::format(
            "name '{}': must be lower-case letters, digits and _, a letter first", line.name));
      }
      given.erase(name);
    }
  }

  static void check_known(const BlockLine& line, const Options& given) {
    const std::vector<std::string> known = option_names(line.kind);
    for (const auto& [key, value] : given) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        throw line.node.error(unknown_name("option of " + to_string(line.kind), key, known));
      }
    }
  }

  /// Whether an option does something on a line: what squeeze-and-excite options say needs one.
  bool applies(BlockKey key, const BlockLine& line, const Options& given) const {
    const bool squeeze_channels = given.contains("se_c");
    const bool ratio = !squeeze_channels && (given.contains("se") || defaults_.contains("se"));
    switch (key) {
      case BlockKey::kSe:
      case BlockKey::kSeOf:
      case BlockKey::kSeRound:
        return ratio;
      case BlockKey::kSeInner:
      case BlockKey::kSeGate:
        return ratio || squeeze_channels;
      case BlockKey::kExpansionRound:
        return given.contains("e");
      case BlockKey::kDilation: {
        const auto kernel = given.find("k");
        return kernel == given.end() ? line.kind != BlockKind::kConv : kernel->second != "1";
      }
      default:
        return true;
    }
  }

  /// Options that exclude each other, or that would be read and ignored.
  void check_conflicts(const BlockLine& line, const Options& given) const {
    const auto exclude = [&](const char* a, const char* b) {
      if (given.contains(a) && given.contains(b)) {
        throw line.node.error(fmt::format("'{}' and '{}' exclude each other", a, b));
      }
    };
    exclude("e", "h");
    exclude("se", "se_c");
    for (const BlockOption& option : block_options()) {
      if (given.contains(option.name) && !applies(option.key, line, given)) {
        throw line.node.error(fmt::format("'{}' has no effect on this line", option.name));
      }
    }
  }

  void set_option(BlockLine& line, const BlockOption& option, const Options& given) {
    double& value = line.values[static_cast<std::size_t>(option.key)];
    if (const auto own = given.find(option.name); own != given.end()) {
      set_value(line, line.node, option, own->second);
      return;
    }
    const bool may_default = option.from_defaults && applies(option.key, line, given);
    const auto standard = may_default ? defaults_.find(option.name) : defaults_.end();
    if (standard != defaults_.end()) {
      used_defaults_.insert(option.name);
      set_value(line, *defaults_node_, option, standard->second);
    } else if (option.fallback) {
      value = *option.fallback;
    } else {
      throw line.node.error(fmt::format("{} needs {} ({}: {})", to_string(line.kind), option.name,
                                        option.meaning, option.allowed_values()));
    }
  }

  /// `node` is where the value stands: the line or the defaults.
  void set_value(BlockLine& line, const YamlNode& node, const BlockOption& option,
                 const std::string& text) const {
    if (!DecisionReference::stands_in(text)) {
      const auto value = option.parse(text);
      if (!value) fail_value(node, option, text, "");
      line.values[static_cast<std::size_t>(option.key)] = *value;
      return;
    }
    const DecisionReference reference = DecisionReference::read(node, text, decisions_);
    BlockLine::Substitution substitution{option.key, reference.decision, {}};
    for (std::size_t i = 0; i < reference.words.size(); ++i) {
      const auto value = option.parse(reference.words[i]);
      if (!value) fail_value(node, option, reference.words[i], reference.where(i, decisions_));
      substitution.values.push_back(*value);
    }
    line.substitutions.push_back(std::move(substitution));
  }

  /// "$d0>=3"
  BlockLine::Condition parse_condition(const YamlNode& node, const std::string& text) const {
    const auto begin = text.find_first_of("=!<>");
    if (text.empty() || text[0] != '$' || begin == std::string::npos) {
      throw node.error("a condition is written: when $DECISION >= VALUE (or ==, !=, <=, <, >)");
    }
    const bool two = begin + 1 < text.size() && text[begin + 1] == '=';
    const std::string op = text.substr(begin, two ? 2 : 1);
    const std::string value = text.substr(begin + op.size());
    if (op == "=" || op == "!" || value.empty()) {
      throw node.error(
          fmt::format("condition '{}': must be ==, !=, >=, <=, > or < and a value", text));
    }
    BlockLine::Condition condition{find_decision(node, text.substr(0, begin), decisions_), {}};
    const Decision& decision = decisions_[condition.decision];
    const bool equality = op == "==" || op == "!=";
    if (equality && !std::ranges::count(decision.choices, value)) {
      throw node.error(unknown_name("choice of " + decision.name, value, decision.choices));
    }
    double number = 0;
    if (!equality) number = parse_bound(node, decision, text, value);
    for (std::size_t i = 0; i < decision.choices.size(); ++i) {
      condition.holds.push_back(equality ? (decision.choices[i] == value) == (op == "==")
                                         : compare(decision.values[i], op, number));
    }
    if (!std::ranges::count(condition.holds, true)) {
      throw node.error(fmt::format("condition '{}' never holds; {} is one of {}", text,
                                   decision.name, join(decision.choices)));
    }
    return condition;
  }

  static double parse_bound(const YamlNode& node, const Decision& decision, const std::string& text,
                            const std::string& value) {
    double number = 0;
    const auto result = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = result.ec == std::errc() && result.ptr == value.data() + value.size();
    if (!whole || !std::isfinite(number)) {
      throw node.error(fmt::format("condition '{}': '{}' is not a number", text, value));
    }
    if (!decision.ordered()) {
      throw node.error(fmt::format(
          "condition '{}': the choices of {} are not numbers, use == or !=", text, decision.name));
    }
    return number;
  }

  const DecisionSpace& decisions_;
  std::optional<YamlNode> defaults_node_;
  Options defaults_;
  std::set<std::string> used_defaults_;
  std::map<BlockKind, int> count_;
};

}  // namespace

std::vector<BlockLine> parse_block_lines(const YamlNode& blocks,
                                         const std::optional<YamlNode>& defaults,
                                         const DecisionSpace& decisions) {
  Parser parser(decisions, defaults);
  std::vector<BlockLine> lines;
  for (const YamlNode& node : blocks.items()) lines.push_back(parser.parse(node));
  if (lines.empty()) throw blocks.error("must have at least one block line");
  parser.finish();
  return lines;
}

}  // namespace dovetail

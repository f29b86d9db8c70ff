#include "base/files/yaml.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/files/atomic_file.h"
#include "base/text/text.h"

namespace dovetail {

// The document as read, immutable.
struct YamlNode::Data {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  struct Entry {
    std::string key;  // "" in a sequence
    int line = 0, column = 0;
    std::shared_ptr<Data> value;
  };

  Kind kind = Kind::kNull;
  std::string text;     // of a scalar
  bool quoted = false;  // a quoted scalar is text, whatever it looks like
  int line = 0, column = 0;
  std::string path;
  std::shared_ptr<const std::string> file;
  std::vector<Entry> children;
};

namespace {

constexpr std::size_t kMostKeys = 10'000;  // each is compared with the others

using Data = YamlNode::Data;
std::string describe(const Data& data) {
  switch (data.kind) {
    case Data::Kind::kNull:
      return "nothing";
    case Data::Kind::kScalar:
      return fmt::format("{}'{}'", data.quoted ? "the quoted text " : "", data.text);
    case Data::Kind::kSequence:
      return fmt::format("a list of {}", data.children.size());
    case Data::Kind::kMap:
      return "a map of keys";
  }
  return "";
}

// Builds our tree from the events of the YAML library and refuses what this project does not use.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file)
      : text_(text), file_(std::make_shared<std::string>(file)) {}

  std::shared_ptr<Data> root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "a second document", "one document in a file");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    refuse(mark, "the anchor '&" + name + "'", "no anchors: write the value where it is used");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias ('*...')", "no aliases: write the value where it is used");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(mark, Data::Kind::kNull); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    check_tag(mark, tag);
    if (tag == "!") check_quotes(mark);
    if (key_expected()) return take_key(mark, value);
    const auto node = add(mark, Data::Kind::kScalar);
    node->text = value;
    node->quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back(add(mark, Data::Kind::kSequence));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back(add(mark, Data::Kind::kMap));
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& found,
                           const std::string& allowed) const {
    throw InputError(Location{*file_, mark.line + 1, mark.column + 1},
                     fmt::format("found {}, allowed {}", found, allowed));
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    // "?" is a plain value, "!" a quoted one
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "the tag '" + tag + "'", "no tags");
  }
  // The library takes the end of the file for the closing quote and lets `! x` pass as quoted.
  void check_quotes(const YAML::Mark& mark) const {
    const std::string_view rest = text_.substr(static_cast<std::size_t>(mark.pos));
    if (rest.starts_with('!')) refuse(mark, "the tag '!'", "no tags");
    if (!rest.starts_with('\'') && !rest.starts_with('"')) return;  // a block scalar
    const char quote = rest[0];
    for (std::size_t i = 1; i < rest.size(); ++i) {
      const bool doubled = quote == '\'' && rest.substr(i, 2) == "''";
      if (doubled || (quote == '"' && rest[i] == '\\')) {
        ++i;
      } else if (rest[i] == quote) {
        return;
      }
    }
    refuse(mark, "a quote that is never closed", "quotes in pairs");
  }

  bool key_expected() const {
    return !open_.empty() && open_.back()->kind == Data::Kind::kMap &&
           (open_.back()->children.empty() || open_.back()->children.back().value);
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Data& map = *open_.back();
    if (map.children.size() == kMostKeys) {
      refuse(mark, fmt::format("more than {} keys in a map", kMostKeys), "fewer");
    }
    if (key == "<<") refuse(mark, "the merge key '<<'", "no merge keys: write the keys out");
    for (const Data::Entry& entry : map.children) {
      if (entry.key == key) {
        refuse(mark, fmt::format("the key '{}' again (first on line {})", key, entry.line),
               "each key once");
      }
    }
    map.children.push_back({key, mark.line + 1, mark.column + 1, nullptr});
  }

  std::shared_ptr<Data> add(const YAML::Mark& mark, Data::Kind kind) {
    auto node = std::make_shared<Data>();
    node->kind = kind;
    node->line = mark.line + 1;
    node->column = mark.column + 1;
    node->file = file_;
    if (open_.empty()) {
      root_ = node;
    } else if (Data& parent = *open_.back(); parent.kind == Data::Kind::kSequence) {
      node->path = fmt::format("{}[{}]", parent.path, parent.children.size());
      parent.children.push_back({"", node->line, node->column, node});
    } else {
      if (key_expected()) refuse(mark, describe(*node) + " as a key", "text as a key");
      Data::Entry& entry = parent.children.back();
      node->path = parent.path.empty() ? entry.key : parent.path + "." + entry.key;
      if (kind == Data::Kind::kNull) {  // the library's mark is that of whatever follows
        node->line = entry.line;
        node->column = entry.column;
      }
      entry.value = node;
    }
    return node;
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::shared_ptr<Data> root_;
  std::vector<std::shared_ptr<Data>> open_;  // containers that are not complete yet
  int documents_ = 0;
};

// How many bytes the UTF-8 character at the front of `text` takes; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80    ? 1
                             : first < 0xC2  ? 0
                             : first < 0xE0  ? 2
                             : first < 0xF0  ? 3
                             : first <= 0xF4 ? 4
                                             : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

// The YAML library takes some control characters for the end of the file and passes on bytes that
// no later reader of our files can decode.
void require_text(std::string_view text, const std::string& name) {
  int line = 1;
  bool line_starts = true;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '%' && line_starts) {
      throw InputError(Location{name, line, 1}, "found a directive (%), allowed none");
    }
    line_starts = c == '\n';
    if (line_starts) ++line;
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F) {
      throw InputError(Location{name, line, 0},
                       fmt::format("found the control character 0x{:02x}, allowed text", byte));
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      throw InputError(Location{name, line, 0}, "found a byte that is not UTF-8, allowed text");
    }
    text.remove_prefix(length);
  }
}

// Decimal only: 010 means eight to some readers and ten to others, so it is refused.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

template <typename Number>
std::optional<Number> parse_number(const Data& data) {
  if (data.kind != Data::Kind::kScalar || data.quoted || has_leading_zero(data.text))
    return std::nullopt;
  Number number{};
  const char* end = data.text.data() + data.text.size();
  const auto [stop, error] = std::from_chars(data.text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<double> parse_finite(const Data& data) {
  const auto number = parse_number<double>(data);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

template <typename Number>
std::string describe_range(const std::string& what, Number min, Number max) {
  const bool from = min != std::numeric_limits<Number>::lowest();
  const bool to = max != std::numeric_limits<Number>::max();
  if (from && to) return fmt::format("{} from {} to {}", what, min, max);
  if (from) return fmt::format("{} of at least {}", what, min);
  if (to) return fmt::format("{} of at most {}", what, max);
  return what;
}

}  // namespace

YamlNode YamlNode::load(const std::filesystem::path& file) {
  return parse(read_file(file), file.string());
}

YamlNode YamlNode::parse(const std::string& text, const std::string& name) {
  std::string_view content = text;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);  // byte order mark
  require_text(content, name);
  TreeBuilder builder(content, name);
  try {
    std::istringstream stream{std::string(content)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    throw InputError(Location{name, e.mark.line + 1, e.mark.column + 1}, "not YAML: " + e.msg);
  }
  if (auto root = builder.root()) return YamlNode(root);
  throw InputError(Location{name, 1, 1}, "found an empty file, allowed a YAML document");
}

bool YamlNode::is_null() const {
  return data_->kind == Data::Kind::kNull;
}
bool YamlNode::is_scalar() const {
  return data_->kind == Data::Kind::kScalar;
}
bool YamlNode::is_sequence() const {
  return data_->kind == Data::Kind::kSequence;
}
bool YamlNode::is_map() const {
  return data_->kind == Data::Kind::kMap;
}
bool YamlNode::is_number() const {
  return parse_finite(*data_).has_value();
}

std::string YamlNode::as_string() const {
  if (!is_scalar()) throw error(fmt::format("found {}, allowed text", describe(*data_)));
  return data_->text;
}

std::int64_t YamlNode::as_int(std::int64_t min, std::int64_t max) const {
  const auto number = parse_number<std::int64_t>(*data_);
  if (!number || *number < min || *number > max) {
    throw error(fmt::format("found {}, allowed {}", describe(*data_),
                            describe_range("an integer", min, max)));
  }
  return *number;
}

double YamlNode::as_double(double min, double max) const {
  const auto number = parse_finite(*data_);
  if (!number || *number < min || *number > max) {
    throw error(fmt::format("found {}, allowed {}", describe(*data_),
                            describe_range("a number", min, max)));
  }
  return *number;
}

bool YamlNode::as_bool() const {
  const bool plain = is_scalar() && !data_->quoted;
  if (plain && data_->text == "true") return true;
  if (plain && data_->text == "false") return false;
  throw error(fmt::format("found {}, allowed true or false", describe(*data_)));
}

std::size_t YamlNode::as_choice(std::span<const std::string> allowed) const {
  const std::string text = as_string();
  const auto at = std::find(allowed.begin(), allowed.end(), text);
  if (at != allowed.end()) return static_cast<std::size_t>(at - allowed.begin());
  const std::string near = nearest(text, allowed);
  const std::string hint = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
  throw error(fmt::format("found '{}', allowed {}{}", text, join(allowed, " | "), hint));
}

std::vector<YamlNode> YamlNode::items() const {
  if (!is_sequence()) throw error(fmt::format("found {}, allowed a list", describe(*data_)));
  std::vector<YamlNode> nodes;
  for (const Data::Entry& entry : data_->children) nodes.push_back(YamlNode(entry.value));
  return nodes;
}

YamlMap YamlNode::map() const {
  return YamlMap(*this);
}

Location YamlNode::where() const {
  return {*data_->file, data_->line, data_->column};
}

const std::string& YamlNode::path() const {
  return data_->path;
}

InputError YamlNode::error(const std::string& message) const {
  return {where(), path().empty() ? message : path() + ": " + message};
}

YamlMap::YamlMap(const YamlNode& node) : node_(node) {
  if (!node.is_map()) {
    throw node.error(fmt::format("found {}, allowed a map of keys", describe(*node.data_)));
  }
}

YamlNode YamlMap::required(const std::string& key) {
  if (auto node = optional(key)) return *node;
  std::vector<std::string> others;
  for (const Data::Entry& entry : node_.data_->children) {
    const bool asked = std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end();
    if (!asked) others.push_back(entry.key);
  }
  const std::string near = nearest(key, others);
  const std::string hint = near.empty() ? "" : fmt::format("; is '{}' meant to be it?", near);
  throw node_.error(fmt::format("the key '{}' is missing{}", key, hint));
}

std::optional<YamlNode> YamlMap::optional(const std::string& key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  for (const Data::Entry& entry : node_.data_->children) {
    if (entry.key == key) return YamlNode(entry.value);
  }
  return std::nullopt;
}

bool YamlMap::has(const std::string& key) const {
  const auto& children = node_.data_->children;
  return std::any_of(children.begin(), children.end(),
                     [&](const Data::Entry& entry) { return entry.key == key; });
}

std::vector<std::pair<std::string, YamlNode>> YamlMap::entries() {
  std::vector<std::pair<std::string, YamlNode>> entries;
  for (const Data::Entry& entry : node_.data_->children) {
    asked_.push_back(entry.key);
    entries.emplace_back(entry.key, YamlNode(entry.value));
  }
  return entries;
}

void YamlMap::finish() const {
  for (const Data::Entry& entry : node_.data_->children) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    const Location where{*node_.data_->file, entry.line, entry.column};
    throw InputError(where, entry.value->path + ": " + unknown_name("key", entry.key, asked_));
  }
}

void YamlMap::require_schema(const std::string& expected) {
  const YamlNode schema = required("schema");
  const std::string found = schema.as_string();
  if (found != expected) {
    throw schema.error(fmt::format("found '{}', allowed '{}'", found, expected));
  }
}

std::string yaml_scalar(const std::string& text) {
  static const std::string kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '/' || c == '.' || c == '-' || c == '+';
  };
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  // A word that other readers take for null or a truth value is quoted; "---" and "-" mean lists.
  const bool is_word = std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
  const bool dashes = text.find_first_not_of('-') == std::string::npos;
  if (!text.empty() && !is_word && !dashes && text.rfind("...", 0) != 0 &&
      text.rfind("---", 0) != 0 && std::all_of(text.begin(), text.end(), plain)) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace dovetail

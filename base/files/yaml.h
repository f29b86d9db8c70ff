#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/error.h"

namespace dovetail {

class YamlMap;

/// One node of a YAML document, read strictly: the only door to the YAML library.
///
/// Every accessor throws InputError with file, line, column, the dotted key ("hardware.pes_x"),
/// what was found and what is allowed. Scalars keep their text and are converted here, so the
/// traps of YAML 1.1 (010 as octal, no as false) do not apply; duplicate keys, merge keys
/// (<<), anchors, tags and several documents in a file are errors.
/// A value type; copies are cheap and share the document.
class YamlNode {
 public:
  /// Reads a file; throws InputError if it is missing, unreadable or not YAML.
  static YamlNode load(const std::filesystem::path& file);
  /// Parses text; `name` stands for the file in messages.
  static YamlNode parse(const std::string& text, const std::string& name);

  bool is_null() const;
  bool is_scalar() const;
  bool is_sequence() const;
  bool is_map() const;
  /// A plain scalar that as_double() would accept (a quoted "12" is text).
  bool is_number() const;

  std::string as_string() const;
  std::int64_t as_int(std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                      std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
  double as_double(double min = std::numeric_limits<double>::lowest(),
                   double max = std::numeric_limits<double>::max()) const;
  /// Only `true` and `false`.
  bool as_bool() const;
  /// A string that must be one of `allowed`; returns its position.
  std::size_t as_choice(std::span<const std::string> allowed) const;

  /// The elements of a sequence.
  std::vector<YamlNode> items() const;
  /// The entries of a map, to be read key by key; call finish() on it when done.
  YamlMap map() const;

  Location where() const;
  /// Dotted path of keys from the root; "" at the root.
  const std::string& path() const;
  /// An InputError at this node: "FILE:LINE:COL: KEY: message".
  InputError error(const std::string& message) const;

  struct Data;

 private:
  friend class YamlMap;
  explicit YamlNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

/// Reads a map key by key and knows which keys nobody asked for.
class YamlMap {
 public:
  explicit YamlMap(const YamlNode& node);

  /// The value of `key`; throws if it is missing.
  YamlNode required(const std::string& key);
  /// The value of `key`, if it is there (a key with an empty value counts as there, as null).
  std::optional<YamlNode> optional(const std::string& key);
  bool has(const std::string& key) const;
  /// All keys in the order of the file; use for maps whose keys are data. Marks them as read.
  std::vector<std::pair<std::string, YamlNode>> entries();
  /// Throws InputError for the first key that was not asked for, naming the nearest one that was.
  void finish() const;
  /// Reads `schema: NAME/VERSION`; throws if it is missing or another.
  void require_schema(const std::string& expected);

  const YamlNode& node() const { return node_; }

 private:
  YamlNode node_;
  std::vector<std::string> asked_;
};

/// Quotes a string as a YAML scalar where it needs quoting.
std::string yaml_scalar(const std::string& text);

}  // namespace dovetail

#include "base/files/yaml_reading.h"

#include <fmt/core.h>

namespace dovetail {

namespace fs = std::filesystem;

YamlMap map_with(const YamlNode& node, const std::vector<std::string>& keys) {
  YamlMap map = node.map();
  for (const std::string& key : keys) map.optional(key);
  map.finish();
  return map;
}

void refuse_keys(YamlMap& map, const std::vector<std::string>& keys, const std::string& why) {
  for (const std::string& key : keys) {
    if (const auto node = map.optional(key)) throw node->error(why);
  }
}

std::string shown_name(const YamlNode& node) {
  std::string name = node.as_string();
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) continue;
    throw node.error(
        fmt::format("found a name with the control character 0x{:02x}, allowed text", byte));
  }
  return name;
}

std::string name_or_path(const YamlNode& node, const fs::path& folder) {
  const std::string text = node.as_string();
  const bool is_path = text.find('/') != std::string::npos || text.ends_with(".yaml") ||
                       text.ends_with(".yml") || text.ends_with(".json");
  return text.empty() || is_path ? path_in(node, folder) : text;
}

std::string path_in(const YamlNode& node, const fs::path& folder) {
  const std::string text = node.as_string();
  if (text.empty()) throw node.error("found an empty name");
  return fs::absolute(folder / text).lexically_normal().string();
}

}  // namespace dovetail

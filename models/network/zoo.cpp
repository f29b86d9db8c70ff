#include "models/network/zoo.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/blocks/block_lines.h"
#include "models/network/onnx/onnx.h"

namespace dovetail {
namespace {

constexpr const char* kKind = "networks";
constexpr const char* kSchema = "dovetail.network/1";

std::vector<std::string> read_aliases(YamlMap& map) {
  std::vector<std::string> aliases;
  if (const auto node = map.optional("aliases")) {
    for (const YamlNode& alias : node->items()) aliases.push_back(alias.as_string());
  }
  return aliases;
}

PublishedFigures read_published(const YamlNode& node) {
  PublishedFigures published;
  YamlMap map = node.map();
  const auto read = [&](const char* key, std::optional<double>& figure, double max) {
    if (const auto value = map.optional(key)) figure = value->as_double(0, max);
  };
  read("top1_percent", published.top1_percent, 100);
  read("macs_millions", published.macs_millions, 1e9);
  read("parameters_millions", published.parameters_millions, 1e9);
  published.source = map.required("source").as_string();
  map.finish();
  return published;
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

}  // namespace

Network load_network(const std::filesystem::path& file) {
  return read_network(YamlNode::load(file));
}

Network read_network(const YamlNode& document) {
  YamlMap map = document.map();
  map.require_schema(kSchema);
  const std::string name = map.required("name").as_string();
  read_aliases(map);
  PublishedFigures published;
  if (const auto node = map.optional("published")) published = read_published(*node);
  const TensorShape input = read_input_shape(map.required("input"));
  const std::optional<YamlNode> defaults = map.optional("defaults");
  const YamlNode lines = map.required("blocks");
  map.finish();

  const BlockTemplate blocks(lines, defaults, DecisionSpace());
  Network network = blocks.build(name, input, blocks.resolve({}, input.channels));
  network.published = std::move(published);
  return network;
}

std::vector<ZooEntry> list_zoo() {
  std::vector<ZooEntry> zoo;
  std::map<std::string, std::string> owner;  // of every name and alias
  for (const std::string& stem : list_configs(kKind)) {
    ZooEntry entry;
    entry.file = resolve_config(kKind, stem);
    YamlMap map = YamlNode::load(entry.file).map();
    map.require_schema(kSchema);
    const YamlNode name = map.required("name");
    entry.name = name.as_string();
    if (entry.name != stem) {
      throw name.error(fmt::format("'{}' must be the name of the file, '{}'", entry.name, stem));
    }
    entry.aliases = read_aliases(map);
    std::vector<std::string> all = entry.aliases;
    all.push_back(entry.name);
    for (const std::string& word : all) {
      if (const auto [other, added] = owner.emplace(word, entry.name); !added) {
        throw map.node().error(
            fmt::format("'{}' is a name of network '{}' already", word, other->second));
      }
    }
    zoo.push_back(std::move(entry));
  }
  return zoo;
}

Network find_network(const std::string& name_or_path) {
  if (name_or_path.ends_with(".onnx")) return load_onnx(name_or_path);
  if (is_path(name_or_path)) return load_network(resolve_config(kKind, name_or_path));
  std::vector<std::string> known = list_configs(kKind);
  if (std::ranges::binary_search(known, name_or_path)) {
    return load_network(resolve_config(kKind, name_or_path));
  }
  for (const ZooEntry& entry : list_zoo()) {  // aliases stand in the files
    if (std::ranges::count(entry.aliases, name_or_path) > 0) return load_network(entry.file);
    known.insert(known.end(), entry.aliases.begin(), entry.aliases.end());
  }
  const std::string near = nearest(name_or_path, known);
  throw InputError(fmt::format("unknown network '{}'{}; 'dovetail list networks' shows all",
                               name_or_path,
                               near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace dovetail

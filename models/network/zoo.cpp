#include "models/network/zoo.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/files/yaml_reading.h"
#include "base/numbers/named_choices.h"
#include "base/text/error.h"
#include "base/text/point_name.h"
#include "base/text/text.h"
#include "models/network/blocks/block_lines.h"
#include "models/network/blocks/read_blocks.h"
#include "models/network/onnx/onnx.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr const char* kKind = "networks";
constexpr const char* kSpaces = "spaces";
constexpr const char* kSchema = "dovetail.network/1";
constexpr int kMaxPixels = 8192;

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

/// A name, and the size of a square input if it ends as NAME@512px.
struct SizedName {
  std::string name;
  std::optional<int> pixels;
};
SizedName sized_name(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || !text.ends_with("px")) return {text, std::nullopt};
  const char *first = text.data() + at + 1, *last = text.data() + text.size() - 2;
  int pixels = 0;
  const auto [end, error] = std::from_chars(first, last, pixels);
  if (error != std::errc() || end != last || pixels < 1 || pixels > kMaxPixels) {
    throw InputError(fmt::format("network '{}': found an input of '{}', allowed 1px to {}px", text,
                                 text.substr(at + 1), kMaxPixels));
  }
  return {text.substr(0, at), pixels};
}

/// What a network file says.
struct NetworkDocument {
  std::string name;
  TensorShape input;
  PublishedFigures published;
  BlockTemplate blocks;

  std::vector<Block> resolved() const { return blocks.resolve({}, input.channels); }
};

/// At its own input size, or at another; then published figures do not hold.
NetworkDocument read_document(const YamlNode& document, std::optional<int> pixels) {
  YamlMap map = document.map();
  map.require_schema(kSchema);
  std::string name = shown_name(map.required("name"));
  read_aliases(map);
  PublishedFigures published;
  if (const auto node = map.optional("published")) published = read_published(*node);
  TensorShape input = read_input_shape(map.required("input"));
  const std::optional<YamlNode> defaults = map.optional("defaults");
  const YamlNode lines = map.required("blocks");
  map.finish();
  if (pixels) {
    name += fmt::format("@{}px", *pixels);
    published = {};
    input.height = input.width = *pixels;
  }

  return {std::move(name), input, std::move(published),
          BlockTemplate(lines, defaults, DecisionSpace())};
}

Network network_of(const NetworkDocument& document) {
  Network network = document.blocks.build(document.name, document.input, document.resolved());
  network.published = document.published;
  return network;
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

/// Calls `use` with the space and the choices of a point that is named.
template <typename Use>
auto at_point(const std::string& text, const PointName& point, Use use) {
  const bool in_configs = std::ranges::binary_search(list_configs(kSpaces), point.of);
  if (!in_configs && !is_path(point.of)) {
    throw InputError(
        unknown_name(fmt::format("network '{}': space", text), point.of, list_configs(kSpaces)));
  }
  const std::filesystem::path file = resolve_config(kSpaces, point.of);
  const NetworkSpace space = NetworkSpace::load(file);
  try {
    return use(space, named_choices(point.values, space.decisions(),
                                    [&](const Choices& c) { return space.active(c); }));
  } catch (const InputError& e) {
    throw InputError(fmt::format("network '{}': {}", text, e.what()));
  }
}

bool is_model_file(const std::string& name) {
  return is_onnx_name(name) || name.ends_with(".tflite");
}

Network load_model_file(const std::string& name) {
  require_path_allowed(name);
  return load_onnx(name);  // which says of a .tflite what to do
}

/// The network file that a name or path is of.
std::filesystem::path network_file(const std::string& name) {
  if (is_path(name)) return resolve_config(kKind, name);
  std::vector<std::string> known = list_configs(kKind);
  if (std::ranges::binary_search(known, name)) return resolve_config(kKind, name);
  for (const ZooEntry& entry : list_zoo()) {  // aliases stand in the files
    if (std::ranges::count(entry.aliases, name) > 0) return entry.file;
    known.insert(known.end(), entry.aliases.begin(), entry.aliases.end());
  }
  const std::string near = nearest(name, known);
  throw InputError(fmt::format("unknown network '{}'{}; 'dovetail list networks' shows all", name,
                               near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

NetworkDocument find_document(const std::string& name_or_path) {
  const auto [name, pixels] = sized_name(name_or_path);
  if (is_model_file(name)) {
    throw InputError(fmt::format(
        "network '{}': found a size behind '{}'{}; an ONNX file has the sizes that it was exported "
        "with: allowed are names of the zoo and network YAML files, or the ONNX file of a model "
        "that was exported for {} x {} pixels",
        name_or_path, name, std::filesystem::exists(name) ? "" : ", which is no file either",
        *pixels, *pixels));
  }
  return read_document(YamlNode::load(network_file(name)), pixels);
}

}  // namespace

Network load_network(const std::filesystem::path& file) {
  return read_network(YamlNode::load(file));
}

Network read_network(const YamlNode& document) {
  return network_of(read_document(document, std::nullopt));
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
  if (is_model_file(name_or_path)) return load_model_file(name_or_path);
  if (const std::optional<PointName> point = point_name(name_or_path)) {
    return at_point(name_or_path, *point, [](const NetworkSpace& space, const Choices& choices) {
      return space.build(choices);
    });
  }
  return network_of(find_document(name_or_path));
}

BlockNetwork find_block_network(const std::string& name_or_path) {
  if (is_model_file(name_or_path)) return read_blocks(load_model_file(name_or_path));
  if (const std::optional<PointName> point = point_name(name_or_path)) {
    return at_point(name_or_path, *point, [](const NetworkSpace& space, const Choices& choices) {
      const Network network = space.build(choices);
      return BlockNetwork{network.name(), network.input(), space.blocks(choices)};
    });
  }
  const NetworkDocument document = find_document(name_or_path);
  network_of(document);  // which finds what is wrong with it, and where
  return {document.name, document.input, document.resolved(), document.published};
}

}  // namespace dovetail

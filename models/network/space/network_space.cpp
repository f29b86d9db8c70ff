#include "models/network/space/network_space.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/yaml.h"
#include "base/files/yaml_reading.h"
#include "base/text/error.h"
#include "models/network/blocks/block_lines.h"
#include "models/network/blocks/block_network.h"
#include "models/network/space/point_count.h"
#include "models/network/space/space_input.h"
#include "models/network/space/training_decisions.h"

namespace dovetail {
namespace {

/// "SPACE:HASH"; the key says all of the network.
std::string name_of(const std::string& space, const std::string& key) {
  return space + ":" + Checksum::of(key);
}

/// Input shape and blocks as text: all that makes the network.
std::string key_of(const TensorShape& input, const std::vector<Block>& blocks) {
  std::string key;
  key.reserve(48 * (blocks.size() + 1));
  key += std::to_string(input.height);
  key += 'x';
  key += std::to_string(input.width);
  key += 'x';
  key += std::to_string(input.channels);
  for (const Block& block : blocks) {
    key += "; ";
    append_text(key, block);
  }
  return key;
}

/// Where decision `i` stands: an item may repeat one.
YamlNode node_of_decision(const YamlNode& decisions, std::size_t i) {
  for (const YamlNode& item : decisions.items()) {
    const std::optional<YamlNode> repeat = item.map().optional("repeat");
    const std::size_t count = repeat ? static_cast<std::size_t>(repeat->as_int()) : 1;
    if (i < count) return item;
    i -= count;
  }
  return decisions;
}

}  // namespace

struct NetworkSpace::Impl {
  std::string text, file;
  std::string name;
  SpaceInput input;
  DecisionSpace decisions;
  BlockTemplate blocks;

  std::vector<Block> resolve(const Choices& choices) const {
    decisions.validate(choices);
    return blocks.resolve(choices, input.channels());
  }
};

NetworkSpace::NetworkSpace() = default;
NetworkSpace::~NetworkSpace() = default;
NetworkSpace::NetworkSpace(NetworkSpace&&) noexcept = default;
NetworkSpace& NetworkSpace::operator=(NetworkSpace&&) noexcept = default;

NetworkSpace NetworkSpace::load(const std::filesystem::path& file) {
  return parse(read_file(file), file.string());
}

NetworkSpace NetworkSpace::parse(const std::string& text, const std::string& file) {
  YamlMap map = YamlNode::parse(text, file).map();
  map.require_schema("dovetail.network_space/1");
  const std::string name = shown_name(map.required("name"));
  const YamlNode input = map.required("input");
  const YamlNode decision_nodes = map.required("decisions");
  const DecisionSpace decisions = DecisionSpace::from_yaml(decision_nodes);
  const std::optional<YamlNode> defaults = map.optional("defaults");
  const YamlNode lines = map.required("blocks");
  map.finish();

  NetworkSpace space;
  space.impl_ = std::make_unique<Impl>(Impl{text, file, name, SpaceInput(input, decisions),
                                            decisions, BlockTemplate(lines, defaults, decisions)});
  const std::vector<std::size_t> of_input = space.impl_->input.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const bool used = space.impl_->blocks.mentions(i) || std::ranges::count(of_input, i) > 0;
    if (used != is_training_decision(decisions[i])) continue;
    throw node_of_decision(decision_nodes, i)
        .error(used ? fmt::format("decision '{}' is about training, and a block line or the input "
                                  "uses it",
                                  decisions[i].name)
                    : fmt::format("neither a block line nor the input uses decision '{}'",
                                  decisions[i].name));
  }
  // What depends on the point (groups against channels, a pool before fc) shows here or in build().
  Choices choices(decisions.size(), 0);
  space.build(choices);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    choices[i] = static_cast<std::uint16_t>(decisions[i].choices.size() - 1);
  }
  space.build(choices);
  return space;
}

const std::string& NetworkSpace::name() const {
  return impl_->name;
}

const std::string& NetworkSpace::text() const {
  return impl_->text;
}

const std::string& NetworkSpace::file() const {
  return impl_->file;
}

const DecisionSpace& NetworkSpace::decisions() const {
  return impl_->decisions;
}

std::optional<double> NetworkSpace::canonical_points() const {
  std::vector<std::size_t> always = impl_->input.decisions();
  for (const std::size_t i : training_decisions(impl_->decisions)) always.push_back(i);
  return count_canonical_points(impl_->decisions, impl_->blocks.lines(), always);
}

TensorShape NetworkSpace::input(const Choices& choices) const {
  impl_->decisions.validate(choices);
  return impl_->input.at(choices);
}

std::vector<std::size_t> NetworkSpace::input_decisions() const {
  return impl_->input.decisions();
}

Network NetworkSpace::build(const Choices& choices) const {
  const std::vector<Block> blocks = impl_->resolve(choices);
  const TensorShape input = impl_->input.at(choices);
  return impl_->blocks.build(name_of(impl_->name, key_of(input, blocks)), input, blocks);
}

std::vector<bool> NetworkSpace::active(const Choices& choices) const {
  impl_->decisions.validate(choices);
  std::vector<bool> read(choices.size(), false);
  impl_->blocks.mark_read(choices, read);
  for (const std::size_t i : impl_->input.decisions()) read[i] = true;
  for (const std::size_t i : training_decisions(impl_->decisions)) read[i] = true;
  return read;
}

Choices NetworkSpace::canonical(const Choices& choices) const {
  const std::vector<bool> read = active(choices);
  Choices result = choices;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!read[i]) result[i] = 0;
  }
  return result;
}

std::vector<Choices> NetworkSpace::neighbours(const Choices& choices) const {
  const std::vector<bool> read = active(choices);
  const std::string key = canonical_key(choices);
  std::vector<Choices> found = impl_->decisions.neighbours(choices);
  std::erase_if(found, [&](const Choices& other) {
    const auto changed =
        static_cast<std::size_t>(std::ranges::mismatch(choices, other).in1 - choices.begin());
    if (!read[changed]) return true;
    if (is_training_decision(impl_->decisions[changed])) return false;  // of the same network
    try {
      return canonical_key(other) == key;
    } catch (const InputError&) {
      return true;  // no network stands there
    }
  });
  return found;
}

std::string NetworkSpace::canonical_key(const Choices& choices) const {
  const std::vector<Block> blocks = impl_->resolve(choices);
  return key_of(impl_->input.at(choices), blocks);
}

std::vector<Block> NetworkSpace::blocks(const Choices& choices) const {
  return impl_->resolve(choices);
}

const std::vector<BlockLine>& NetworkSpace::lines() const {
  return impl_->blocks.lines();
}

std::string NetworkSpace::to_yaml(const Choices& choices) const {
  std::vector<Block> blocks = impl_->resolve(choices);
  const TensorShape input = impl_->input.at(choices);
  std::string name = name_of(impl_->name, key_of(input, blocks));
  return BlockNetwork{std::move(name), input, std::move(blocks)}.to_yaml();
}

}  // namespace dovetail

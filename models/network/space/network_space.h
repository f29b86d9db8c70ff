#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/network/blocks/block.h"
#include "models/network/blocks/block_line.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// A family of networks described as data: named decisions and a template of block lines in which
/// they stand (`schema: dovetail.network_space/1`). A new space needs no C++.
class NetworkSpace {
 public:
  /// Throws InputError with the place for anything that no point could use: unknown kinds, options
  /// and decisions, bad values of any choice, decisions that no block line mentions.
  static NetworkSpace load(const std::filesystem::path& file);
  /// The same from its text; `name` stands for the file in messages.
  static NetworkSpace parse(const std::string& text, const std::string& name);
  ~NetworkSpace();
  NetworkSpace(NetworkSpace&&) noexcept;
  NetworkSpace& operator=(NetworkSpace&&) noexcept;

  const std::string& name() const;
  /// What it was read from, so that another process can read the same.
  const std::string& text() const;
  const std::string& file() const;
  const DecisionSpace& decisions() const;

  /// Number of points that differ in an active decision; decisions().cardinality() counts inactive
  /// ones, too. Fewer networks may be different: two points may lead to one by different ways.
  /// Nothing if conditions are too entangled to count (see point_count.h).
  std::optional<double> canonical_points() const;

  /// The input of a point's network, and the decisions that it depends on.
  TensorShape input(const Choices& choices) const;
  std::vector<std::size_t> input_decisions() const;

  /// The network of a point; named "SPACE:HASH" with the 64-bit FNV-1a of the canonical key, 16 hex
  /// digits. About 20 us for a network of 100 layers.
  Network build(const Choices& choices) const;
  /// For each decision, whether the network reads it at this point: the kernel of an unused slot is
  /// not read, and changing any set of inactive decisions gives the same network.
  std::vector<bool> active(const Choices& choices) const;
  /// Inactive decisions set to their first choice.
  Choices canonical(const Choices& choices) const;
  /// The points one step away: those of DecisionSpace::neighbours() that change an active decision
  /// and the network with it, in the same order. Points that resolve to no network (groups that do
  /// not divide the channels there) are left out.
  std::vector<Choices> neighbours(const Choices& choices) const;
  /// The same for all choices that build the same network, different otherwise, also where active
  /// decisions lead to one network by different ways. It is the network as text: input shape and
  /// block lines.
  std::string canonical_key(const Choices& choices) const;
  /// The blocks of a point, one after another; each says which of lines() it came from.
  std::vector<Block> blocks(const Choices& choices) const;
  const std::vector<BlockLine>& lines() const;
  /// The network of a point as a network YAML, which load_network() reads as the same network.
  std::string to_yaml(const Choices& choices) const;

 private:
  NetworkSpace();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail

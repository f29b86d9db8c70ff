#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/network/layers/network.h"
#include "models/network/space/network_space.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {

/// A network of a space and which part of which shared tensor each of its tensors is.
struct SubNetwork {
  struct Part {
    ParameterSpec spec;      // of the network
    std::size_t tensor = 0;  // of SupernetPlan::tensors()
  };
  Network network;
  std::vector<Part> parts;  // of all tensors that are trained, in the order of the layers
};

/// Where the weights of all networks of a space are, so that they share them.
///
/// Block lines of a space that stand one after another and exclude each other by one decision are
/// alternatives for one place; every other line has a place of its own. The n-th block of a place
/// has one tensor for each tensor of its layers, as large as any choice wants it. A network takes
/// the first channels of it and the centre of its kernels (the superkernels of Single-Path NAS and
/// the channel masks of TuNAS and Once-for-all). Blocks of different kinds share nothing.
class SupernetPlan {
 public:
  /// Throws InputError if the networks of the space cannot be trained (network_parameters()).
  explicit SupernetPlan(std::shared_ptr<const NetworkSpace> space);

  const NetworkSpace& space() const { return *space_; }
  /// The shared tensors; `layer` of a spec has no meaning here.
  const std::vector<ParameterSpec>& tensors() const { return tensors_; }
  /// Each decision at the choice that takes most numbers beside the largest of the others.
  const Choices& largest() const { return largest_; }

  SubNetwork sub_network(const Choices& choices) const;

 private:
  /// The place of each line, and for each layer of a network where its tensors are: "4.0.mb.expand"
  /// is of the first block at the fifth place.
  void find_places();
  std::vector<std::string> layer_keys(const Choices& choices, const Network& network) const;
  /// Makes room for the tensors of a network; returns how many numbers it has.
  std::int64_t make_room(const Choices& choices);
  void find_largest();

  std::shared_ptr<const NetworkSpace> space_;
  std::vector<std::size_t> places_;
  std::vector<ParameterSpec> tensors_;
  std::map<std::string, std::size_t> by_key_;
  Choices largest_;
};

}  // namespace dovetail

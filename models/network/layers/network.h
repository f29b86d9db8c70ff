#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/network/layers/layer.h"

namespace dovetail {

/// What was published about a network; empty where nothing was.
struct PublishedFigures {
  std::optional<double> top1_percent, macs_millions, parameters_millions;
  std::string source;
};

/// A graph of layers in topological order. What the layers give that no other reads are the outputs
/// of the network; the last layer's is one.
class Network {
 public:
  Network() = default;
  /// Throws InputError if a layer reads one after it, shapes do not fit, names repeat, there is no
  /// layer, or the counts would not fit in 64 bits.
  Network(std::string name, TensorShape input, std::vector<Layer> layers);

  const std::string& name() const { return name_; }
  const TensorShape& input() const { return input_; }
  const std::vector<Layer>& layers() const& { return layers_; }
  /// By value from a temporary, so that `for (... : find_network(name).layers())` is safe.
  std::vector<Layer> layers() && { return std::move(layers_); }
  /// Shape of what `index` (a layer or kNetworkInput) produces.
  const TensorShape& shape_of(int index) const;
  /// For each layer, the last layer that reads its output (itself if none does).
  const std::vector<int>& last_reader() const { return last_reader_; }

  std::int64_t macs() const;
  std::int64_t parameters() const;
  std::int64_t weight_bytes() const;

  PublishedFigures published;

 private:
  std::string name_;
  TensorShape input_;
  std::vector<Layer> layers_;
  std::vector<int> last_reader_;
};

}  // namespace dovetail

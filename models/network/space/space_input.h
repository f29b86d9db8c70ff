#pragma once

#include <optional>
#include <vector>

#include "base/files/yaml.h"
#include "base/numbers/decision_space.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// The input of a space's networks: {height: 224, width: 224, channels: 3}, where height and width
/// may be a decision: $r, whose choices are pixels, or "$r[160, 224]".
class SpaceInput {
 public:
  /// Throws InputError with the place for anything else.
  SpaceInput(const YamlNode& node, const DecisionSpace& decisions);

  TensorShape at(const Choices& choices) const;
  int channels() const { return fixed_.channels; }
  /// Those that it reads, at every point.
  std::vector<std::size_t> decisions() const;

 private:
  struct Pixels {
    std::size_t decision;
    std::vector<int> values;  // one a choice
  };
  static std::optional<Pixels> read_pixels(const YamlNode& node, int& fixed,
                                           const DecisionSpace& decisions);

  TensorShape fixed_;
  std::optional<Pixels> height_, width_;
};

}  // namespace dovetail

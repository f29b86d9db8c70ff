#include "models/network/space/space_input.h"

#include <fmt/core.h>

#include <charconv>

#include "base/text/text.h"
#include "models/network/blocks/decision_reference.h"

namespace dovetail {
namespace {

constexpr int kMax = 65536;  // as of networks

std::optional<int> parse_pixels(const std::string& word) {
  int pixels = 0;
  const auto result = std::from_chars(word.data(), word.data() + word.size(), pixels);
  const bool whole = result.ec == std::errc() && result.ptr == word.data() + word.size();
  if (!whole || pixels < 1 || pixels > kMax) return std::nullopt;
  return pixels;
}

}  // namespace

SpaceInput::SpaceInput(const YamlNode& node, const DecisionSpace& decisions) {
  YamlMap map = node.map();
  height_ = read_pixels(map.required("height"), fixed_.height, decisions);
  width_ = read_pixels(map.required("width"), fixed_.width, decisions);
  fixed_.channels = static_cast<int>(map.required("channels").as_int(1, kMax));
  map.finish();
}

std::optional<SpaceInput::Pixels> SpaceInput::read_pixels(const YamlNode& node, int& fixed,
                                                          const DecisionSpace& decisions) {
  if (!node.is_scalar() || !DecisionReference::stands_in(node.as_string())) {
    fixed = static_cast<int>(node.as_int(1, kMax));
    return std::nullopt;
  }
  const DecisionReference reference = DecisionReference::read(node, node.as_string(), decisions);
  Pixels pixels{reference.decision, {}};
  for (std::size_t i = 0; i < reference.words.size(); ++i) {
    const std::string word(trim(reference.words[i]));
    const auto value = parse_pixels(word);
    if (!value) {
      throw node.error(fmt::format("found '{}'{}, allowed a whole number from 1 to {}", word,
                                   reference.where(i, decisions), kMax));
    }
    pixels.values.push_back(*value);
  }
  return pixels;
}

TensorShape SpaceInput::at(const Choices& choices) const {
  TensorShape shape = fixed_;
  if (height_) shape.height = height_->values[choices[height_->decision]];
  if (width_) shape.width = width_->values[choices[width_->decision]];
  return shape;
}

std::vector<std::size_t> SpaceInput::decisions() const {
  std::vector<std::size_t> read;
  if (height_) read.push_back(height_->decision);
  if (width_) read.push_back(width_->decision);
  return read;
}

}  // namespace dovetail

#include "models/network/blocks/block_grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text/decimal.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using Type = BlockOption::Type;
using enum BlockKind;

using Kinds = std::vector<BlockKind>;
using Words = std::vector<std::string>;

constexpr int kActivations = 7;
constexpr double kMaxChannels = 65536;
constexpr int kMaxWindow = 31;
constexpr int kHeightUnit = 1000;  // in the value of a window that is not square
constexpr std::optional<double> kRequired = std::nullopt;
constexpr double kUnset = 0;  // below the minimum: the option does not hold unless it is written

Words activation_words() {
  Words words;
  words.reserve(kActivations);
  for (int i = 0; i < kActivations; ++i) words.push_back(to_string(static_cast<Activation>(i)));
  return words;
}

double value_of(Activation activation) {
  return static_cast<double>(activation);
}

BlockOption integer(BlockKey key, const char* name, const Kinds& kinds, double min, double max,
                    std::optional<double> fallback, const char* meaning) {
  return {key, name, kinds, Type::kInteger, min, max, {}, fallback, false, meaning};
}

BlockOption window(Type type, const Kinds& kinds, std::optional<double> fallback,
                   const char* meaning) {
  return {BlockKey::kKernel, "k", kinds, type, 1, kMaxWindow, {}, fallback, false, meaning};
}

BlockOption number(BlockKey key, const char* name, const Kinds& kinds, double min, double max,
                   std::optional<double> fallback, const char* meaning) {
  return {key, name, kinds, Type::kNumber, min, max, {}, fallback, false, meaning};
}

BlockOption word(BlockKey key, const char* name, const Kinds& kinds, const Words& words,
                 std::optional<double> fallback, const char* meaning) {
  return {key, name, kinds, Type::kWord, 0, 0, words, fallback, false, meaning};
}

/// The same option where it may also stand in the file's `defaults`.
BlockOption with_default(BlockOption option) {
  option.from_defaults = true;
  return option;
}

Kinds mobile() {
  return {kSeparable, kInvertedResidual, kFused};
}

Kinds resnet() {
  return {kBasic, kBottleneck};
}

/// As one writes it: 04 is 4 to some and a mistake to others.
std::optional<long long> plain_integer(std::string_view text) {
  long long integer = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (result.ec != std::errc() || std::to_string(integer) != text) return std::nullopt;
  return integer;
}

std::vector<BlockOption> size_options() {
  using enum BlockKey;
  const Kinds pools = {kAveragePool, kMaxPool};
  const Kinds widening = {kInvertedResidual, kFused};
  const Kinds windows = {kDepthwise, kSeparable, kInvertedResidual, kFused};
  const Kinds strided = {kConv,  kDepthwise,  kSeparable,   kInvertedResidual, kFused,
                         kBasic, kBottleneck, kAveragePool, kMaxPool};
  const Kinds dilated = {kConv,  kDepthwise, kSeparable, kInvertedResidual,
                         kFused, kBasic,     kBottleneck};
  const Kinds widths = {kConv,  kSeparable,  kInvertedResidual, kFused,
                        kBasic, kBottleneck, kFullyConnected};
  const Kinds repeated = {kSeparable, kInvertedResidual, kFused, kBasic, kBottleneck};
  const Kinds grouped = {kConv, kFused, kBottleneck};
  return {
      window(Type::kOddWindow, {kConv}, 1, "kernel, k x k or height x width"),
      window(Type::kOddWindow, windows, kRequired, "kernel, k x k or height x width"),
      window(Type::kOddWindow, resnet(), 3, "kernel, k x k or height x width"),
      window(Type::kWindow, pools, kRequired, "window, k x k or height x width"),
      integer(kStride, "s", strided, 1, 16, 1, "stride, of the first block where repeated"),
      integer(kDilation, "d", dilated, 1, 64, 1, "dilation of the k x k convolution"),
      integer(kChannels, "c", widths, 1, kMaxChannels, kRequired, "output channels"),
      number(kExpansion, "e", widening, 0.1, 32, kUnset,
             "hidden channels as a multiple of the input's"),
      with_default(integer(kExpansionRound, "e_round", widening, 1, 256, 8,
                           "hidden channels from e are a multiple of this")),
      integer(kHidden, "h", widening, 1, kMaxChannels, kUnset,
              "hidden channels as a number; stands instead of e"),
      integer(kHidden, "h", {kBottleneck}, 1, kMaxChannels, kRequired,
              "channels of the k x k convolution"),
      integer(kRepeat, "n", repeated, 1, 64, 1, "number of such blocks in a row"),
      integer(kGroups, "g", grouped, 1, kMaxChannels, 1, "groups of the k x k convolution"),
  };
}

std::vector<BlockOption> function_options() {
  using enum BlockKey;
  const Words acts = activation_words();
  const Words no_yes = {"no", "yes"};
  const double relu = value_of(Activation::kRelu);
  return {
      with_default(word(kActivation, "act",
                        {kConv, kDepthwise, kSeparable, kInvertedResidual, kFused}, acts, kRequired,
                        "activation (never of the projection)")),
      with_default(word(kActivation, "act", resnet(), acts, kRequired,
                        "activation, the last time after the addition")),
      word(kActivation, "act", {kFullyConnected}, acts, value_of(Activation::kNone), "activation"),
      with_default(number(kSe, "se", mobile(), 0, 1, 0,
                          "squeeze-and-excite: squeeze width as a ratio; 0 is none")),
      with_default(word(kSeOf, "se_of", mobile(), {"input", "hidden"}, 0,
                        "se is a ratio of the block's input or hidden channels")),
      with_default(integer(kSeRound, "se_round", mobile(), 1, 256, 1,
                           "squeeze width from se is a multiple of this")),
      integer(kSeChannels, "se_c", mobile(), 1, kMaxChannels, kUnset,
              "squeeze width as a number; stands instead of se"),
      with_default(
          word(kSeInner, "se_inner", mobile(), acts, relu, "activation of the squeezed layer")),
      with_default(word(kSeGate, "se_gate", mobile(), acts, value_of(Activation::kSigmoid),
                        "activation of the gate")),
      word(kExpand, "expand", {kInvertedResidual}, {"auto", "always"}, 0,
           "auto leaves the expand convolution out where it would not widen"),
      word(kSkip, "skip", mobile(), {"no", "auto"}, 1,
           "auto adds the input where stride is 1 and channels agree"),
      with_default(word(kBias, "bias", {kConv}, no_yes, 0, "bias")),
      word(kBias, "bias", {kFullyConnected}, no_yes, 1, "bias"),
      with_default(word(kBatchNorm, "bn", {kConv}, no_yes, 1, "batch normalisation")),
      word(kFlatten, "flatten", {kFullyConnected}, no_yes, 0,
           "reads all positions of an input that is not 1x1"),
  };
}

std::vector<BlockOption> make_options() {
  std::vector<BlockOption> options = size_options();
  for (BlockOption& option : function_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

bool BlockOption::allowed_in(BlockKind kind) const {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string BlockOption::allowed_values() const {
  switch (type) {
    case Type::kWord:
      return join(words);
    case Type::kOddWindow:
      return fmt::format("odd integer {} to {}, or two integers to {} that differ: HEIGHTxWIDTH",
                         min, max, max);
    case Type::kWindow:
      return fmt::format("integer {} to {}, or two that differ: HEIGHTxWIDTH", min, max);
    case Type::kInteger:
      return fmt::format("integer {} to {}", min, max);
    case Type::kNumber:
      return fmt::format("number {} to {}", min, max);
  }
  return "";
}

std::string BlockOption::fallback_text() const {
  if (!fallback) return "";
  if (type == Type::kWord) return words[static_cast<std::size_t>(*fallback)];
  return *fallback < min ? "" : format_number(*fallback);
}

std::optional<double> BlockOption::parse(std::string_view text) const {
  const auto times = text.find('x');
  if ((type == Type::kWindow || type == Type::kOddWindow) && times != std::string_view::npos) {
    const auto height = plain_integer(text.substr(0, times));
    const auto width = plain_integer(text.substr(times + 1));
    const auto fits = [&](const auto& size) { return size && *size >= min && *size <= max; };
    if (!fits(height) || !fits(width) || height == width) return std::nullopt;
    return static_cast<double>(*height * kHeightUnit + *width);
  }
  if (type == Type::kWord) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) return std::nullopt;
    return static_cast<double>(found - words.begin());
  }
  double value = 0;
  if (type == Type::kNumber) {
    const std::optional<double> number = decimal_number(text);
    if (!number) return std::nullopt;
    value = *number;
  } else {
    const std::optional<long long> integer = plain_integer(text);
    if (!integer || (type == Type::kOddWindow && *integer % 2 == 0)) return std::nullopt;
    value = static_cast<double>(*integer);
  }
  const bool in_range = value >= min && value <= max;  // false for not-a-number
  return in_range ? std::optional(value) : std::nullopt;
}

WindowSize window_of(double value) {
  const int size = static_cast<int>(value);
  if (size < kHeightUnit) return size;
  return {size / kHeightUnit, size % kHeightUnit};
}

std::span<const BlockOption> block_options() {
  static const std::vector<BlockOption> kOptions = make_options();
  return kOptions;
}

std::vector<std::string> option_names(BlockKind kind) {
  std::vector<std::string> names;
  for (const BlockOption& option : block_options()) {
    if (option.allowed_in(kind)) names.push_back(option.name);
  }
  if (!has_parts(kind)) names.emplace_back("name");
  return names;
}

std::vector<std::string> block_kind_names() {
  std::vector<std::string> names;
  names.reserve(kBlockKinds);
  for (int i = 0; i < kBlockKinds; ++i) names.push_back(to_string(static_cast<BlockKind>(i)));
  return names;
}

}  // namespace dovetail

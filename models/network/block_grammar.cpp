#include "models/network/block_grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace dovetail {
namespace {

using Type = BlockOption::Type;
using enum BlockKind;

constexpr int kActivations = 7;
constexpr double kMaxChannels = 65536;

std::vector<std::string> activation_words() {
  std::vector<std::string> words;
  words.reserve(kActivations);
  for (int i = 0; i < kActivations; ++i) words.push_back(to_string(static_cast<Activation>(i)));
  return words;
}

double value_of(Activation activation) {
  return static_cast<double>(activation);
}

std::vector<BlockOption> size_options() {
  const std::vector<BlockKind> windows = {kDepthwise, kSeparable, kInvertedResidual, kFused};
  const std::vector<BlockKind> pools = {kAveragePool, kMaxPool};
  const std::vector<BlockKind> strided = {kConv,  kDepthwise,   kSeparable, kInvertedResidual,
                                          kFused, kAveragePool, kMaxPool};
  const std::vector<BlockKind> widening = {kInvertedResidual, kFused};
  return {
      {BlockKey::kKernel, "k", {kConv}, Type::kOddInteger, 1, 31, {}, 1, false, "kernel, k x k"},
      {BlockKey::kKernel, "k", windows, Type::kOddInteger, 1, 31, {}, {}, false, "kernel, k x k"},
      {BlockKey::kKernel, "k", pools, Type::kInteger, 1, 31, {}, {}, false, "window, k x k"},
      {BlockKey::kStride,
       "s",
       strided,
       Type::kInteger,
       1,
       16,
       {},
       1,
       false,
       "stride, of the first block where repeated"},
      {BlockKey::kChannels,
       "c",
       {kConv, kSeparable, kInvertedResidual, kFused, kFullyConnected},
       Type::kInteger,
       1,
       kMaxChannels,
       {},
       {},
       false,
       "output channels"},
      {BlockKey::kExpansion,
       "e",
       widening,
       Type::kNumber,
       0.1,
       32,
       {},
       0,
       false,
       "hidden channels as a multiple of the input's"},
      {BlockKey::kExpansionRound,
       "e_round",
       widening,
       Type::kInteger,
       1,
       256,
       {},
       8,
       true,
       "hidden channels from e are a multiple of this"},
      {BlockKey::kHidden,
       "h",
       widening,
       Type::kInteger,
       1,
       kMaxChannels,
       {},
       0,
       false,
       "hidden channels as a number; stands instead of e"},
      {BlockKey::kRepeat,
       "n",
       {kSeparable, kInvertedResidual, kFused},
       Type::kInteger,
       1,
       64,
       {},
       1,
       false,
       "number of such blocks in a row"},
      {BlockKey::kGroups,
       "g",
       {kConv, kFused},
       Type::kInteger,
       1,
       kMaxChannels,
       {},
       1,
       false,
       "groups of the k x k convolution"},
  };
}

std::vector<BlockOption> function_options() {
  const std::vector<BlockKind> mobile = {kSeparable, kInvertedResidual, kFused};
  const auto words = activation_words();
  const std::vector<std::string> no_yes = {"no", "yes"};
  return {
      {BlockKey::kActivation,
       "act",
       {kConv, kDepthwise, kSeparable, kInvertedResidual, kFused},
       Type::kWord,
       0,
       0,
       words,
       {},
       true,
       "activation (never of the projection)"},
      {BlockKey::kActivation,
       "act",
       {kFullyConnected},
       Type::kWord,
       0,
       0,
       words,
       value_of(Activation::kNone),
       false,
       "activation"},
      {BlockKey::kSe,
       "se",
       mobile,
       Type::kNumber,
       0,
       1,
       {},
       0,
       true,
       "squeeze-and-excite: squeeze width as a ratio; 0 is none"},
      {BlockKey::kSeOf,
       "se_of",
       mobile,
       Type::kWord,
       0,
       0,
       {"input", "hidden"},
       0,
       true,
       "se is a ratio of the block's input or hidden channels"},
      {BlockKey::kSeRound,
       "se_round",
       mobile,
       Type::kInteger,
       1,
       256,
       {},
       1,
       true,
       "squeeze width from se is a multiple of this"},
      {BlockKey::kSeChannels,
       "se_c",
       mobile,
       Type::kInteger,
       1,
       kMaxChannels,
       {},
       0,
       false,
       "squeeze width as a number; stands instead of se"},
      {BlockKey::kSeInner, "se_inner", mobile, Type::kWord, 0, 0, words,
       value_of(Activation::kRelu), true, "activation of the squeezed layer"},
      {BlockKey::kSeGate, "se_gate", mobile, Type::kWord, 0, 0, words,
       value_of(Activation::kSigmoid), true, "activation of the gate"},
      {BlockKey::kExpand,
       "expand",
       {kInvertedResidual},
       Type::kWord,
       0,
       0,
       {"auto", "always"},
       0,
       false,
       "auto leaves the expand convolution out where it would not widen"},
      {BlockKey::kSkip,
       "skip",
       mobile,
       Type::kWord,
       0,
       0,
       {"no", "auto"},
       1,
       false,
       "auto adds the input where stride is 1 and channels agree"},
      {BlockKey::kBias, "bias", {kConv}, Type::kWord, 0, 0, no_yes, 0, false, "bias"},
      {BlockKey::kBias, "bias", {kFullyConnected}, Type::kWord, 0, 0, no_yes, 1, false, "bias"},
      {BlockKey::kBatchNorm,
       "bn",
       {kConv},
       Type::kWord,
       0,
       0,
       no_yes,
       1,
       false,
       "batch normalisation"},
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
    case Type::kOddInteger:
      return fmt::format("odd integer {} to {}", min, max);
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
  if (type == Type::kWord) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) return std::nullopt;
    return static_cast<double>(found - words.begin());
  }
  const char* const end = text.data() + text.size();
  double value = 0;
  if (type == Type::kNumber) {
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  } else {
    long long integer = 0;
    const auto result = std::from_chars(text.data(), end, integer);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
    if (type == Type::kOddInteger && integer % 2 == 0) return std::nullopt;
    value = static_cast<double>(integer);
  }
  const bool in_range = value >= min && value <= max;  // false for not-a-number
  return in_range ? std::optional(value) : std::nullopt;
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
  if (!is_mobile_block(kind)) names.emplace_back("name");
  return names;
}

std::vector<std::string> block_kind_names() {
  std::vector<std::string> names;
  names.reserve(kBlockKinds);
  for (int i = 0; i < kBlockKinds; ++i) names.push_back(to_string(static_cast<BlockKind>(i)));
  return names;
}

bool is_mobile_block(BlockKind kind) {
  return kind == kSeparable || kind == kInvertedResidual || kind == kFused;
}

}  // namespace dovetail

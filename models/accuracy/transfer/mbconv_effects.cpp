#include "models/accuracy/transfer/mbconv_effects.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text/error.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

/// What a decision of the source space decides.
struct Role {
  enum class Of { kKernel, kExpansion, kBlocks };
  Of of = Of::kKernel;
  int stage = 0;
  int slot = 0;                // of the block in its stage; kKernel, kExpansion
  std::vector<double> values;  // for each choice: kernel, expansion or number of blocks
};

/// Blocks by stage.
using Stages = std::array<std::vector<MbconvBlock>, kMbconvStages>;

Stages stages_of(const NetworkSpace& space, const Choices& choices) {
  Stages stages;
  for (const MbconvBlock& block : mbconv_blocks(space.build(choices))) {
    stages[static_cast<std::size_t>(block.stage)].push_back(block);
  }
  return stages;
}

/// The role that explains the difference between two networks, without its values.
std::optional<Role> role_in(const Stages& a, const Stages& b) {
  std::optional<Role> role;
  for (int s = 0; s < kMbconvStages; ++s) {
    const auto& one = a[static_cast<std::size_t>(s)];
    const auto& other = b[static_cast<std::size_t>(s)];
    if (one.size() != other.size()) {
      if (role) return std::nullopt;
      role = Role{Role::Of::kBlocks, s, 0, {}};
      continue;
    }
    for (std::size_t i = 0; i < one.size(); ++i) {
      const bool kernel = one[i].kernel != other[i].kernel;
      const bool expansion = one[i].expansion != other[i].expansion;
      if (!kernel && !expansion) continue;
      if (role || (kernel && expansion)) return std::nullopt;
      role = Role{kernel ? Role::Of::kKernel : Role::Of::kExpansion, s, static_cast<int>(i), {}};
    }
  }
  return role;
}

double value_of(const Role& role, const Stages& stages) {
  const auto& blocks = stages[static_cast<std::size_t>(role.stage)];
  if (role.of == Role::Of::kBlocks) return static_cast<double>(blocks.size());
  const MbconvBlock& block = blocks[static_cast<std::size_t>(role.slot)];
  return role.of == Role::Of::kKernel ? block.kernel : block.expansion;
}

/// Finds the role of each decision by changing it in the network of all last choices.
std::vector<Role> roles_of(const NetworkSpace& space) {
  const DecisionSpace& decisions = space.decisions();
  Choices last;
  for (const Decision& d : decisions.decisions()) {
    last.push_back(static_cast<Choices::value_type>(d.choices.size() - 1));
  }
  const Stages whole = stages_of(space, last);
  std::vector<Role> roles;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    Choices changed = last;
    changed[d] = 0;
    std::optional<Role> role = role_in(whole, stages_of(space, changed));
    if (!role) {
      throw InputError(
          fmt::format("space '{}': decision '{}' is neither kernel, expansion nor "
                      "number of MBConv blocks",
                      space.name(), decisions[d].name));
    }
    for (std::size_t c = 0; c <= last[d]; ++c) {
      changed[d] = static_cast<Choices::value_type>(c);
      role->values.push_back(value_of(*role, stages_of(space, changed)));
    }
    if (!std::is_sorted(role->values.begin(), role->values.end())) {
      throw InputError(fmt::format("space '{}': choices of '{}' are not in ascending order",
                                   space.name(), decisions[d].name));
    }
    roles.push_back(std::move(*role));
  }
  return roles;
}

/// Adds up differences against the first choice.
class Average {
 public:
  void add(const std::vector<double>& predictions) {
    sums_.resize(predictions.size());
    for (std::size_t c = 0; c < predictions.size(); ++c) {
      sums_[c] += predictions[c] - predictions.front();
    }
    ++count_;
  }
  EffectList list(const std::vector<double>& values) const {
    EffectList list;
    for (std::size_t c = 0; c < sums_.size(); ++c) {
      list.emplace_back(values[c], sums_[c] / static_cast<double>(count_));
    }
    return list;
  }

 private:
  std::vector<double> sums_;
  std::size_t count_ = 0;
};

/// What the model predicts for each choice of decision `d` at a point.
std::vector<double> predictions(const RidgeModel& model, const NetworkSpace& space, Choices point,
                                std::size_t d) {
  const ChoiceFeatures features(space.decisions());
  std::vector<double> top1;
  for (std::size_t c = 0; c < space.decisions()[d].choices.size(); ++c) {
    point[d] = static_cast<Choices::value_type>(c);
    top1.push_back(model.ridge.predict(features.of(point, space.active(point))));
  }
  return top1;
}

/// The point with all blocks of a stage that its shortest form lacks at their first choices.
Choices with_plain_blocks(Choices point, const std::vector<Role>& roles, const Role& depth) {
  for (std::size_t d = 0; d < roles.size(); ++d) {
    const Role& role = roles[d];
    if (role.of != Role::Of::kBlocks && role.stage == depth.stage &&
        role.slot >= depth.values.front()) {
      point[d] = 0;
    }
  }
  return point;
}

EffectList& list_of(StageEffects& effects, Role::Of of) {
  switch (of) {
    case Role::Of::kKernel:
      return effects.kernel;
    case Role::Of::kExpansion:
      return effects.expansion;
    case Role::Of::kBlocks:
      break;
  }
  return effects.blocks;
}

[[noreturn]] void refuse(const std::string& what, double value, int stage, const EffectList& list) {
  std::string known;
  for (const auto& [number, points] : list) known += fmt::format(" {}", number);
  throw InputError(fmt::format("{} {:.4g} in stage {} is outside what effects are known of:{}",
                               what, value, stage, known));
}

double kernel_points(const StageEffects& effects, const MbconvBlock& block) {
  for (const auto& [kernel, points] : effects.kernel) {
    if (kernel == block.kernel) return points;
  }
  refuse("kernel", block.kernel, block.stage, effects.kernel);
}

double expansion_points(const StageEffects& effects, const MbconvBlock& block) {
  const EffectList& known = effects.expansion;
  constexpr double kRounding = 0.02;  // widths are rounded to multiples of 8
  const double e = block.expansion;
  if (e < known.front().first * (1 - kRounding) || e > known.back().first * (1 + kRounding)) {
    refuse("expansion", e, block.stage, known);
  }
  for (std::size_t i = 1; i < known.size(); ++i) {
    const auto& [low, low_points] = known[i - 1];
    const auto& [high, high_points] = known[i];
    if (e > high && i + 1 < known.size()) continue;
    const double share = std::clamp((e - low) / (high - low), 0.0, 1.0);
    return low_points + share * (high_points - low_points);
  }
  return 0;  // one known expansion
}

double depth_points(const EffectList& known, double blocks) {
  if (known.size() < 2) return 0;
  for (const auto& [number, points] : known) {
    if (number == blocks) return points;
  }
  const bool more = blocks > known.back().first;
  const auto& [low, low_points] = more ? known[known.size() - 2] : known[0];
  const auto& [high, high_points] = more ? known.back() : known[1];
  const double step = (high_points - low_points) / (high - low);
  return more ? high_points + step * (blocks - high) : low_points + step * (blocks - low);
}

double block_macs(const MbconvBlock& block, double in_channels, double out_channels) {
  const double in = static_cast<double>(block.in_height) * block.in_height;
  const double out = static_cast<double>(block.out_height) * block.out_height;
  const double hidden = block.expansion * in_channels;
  const double expand = block.expansion == 1 ? 0 : in * in_channels * hidden;
  return expand + out * hidden * block.kernel * block.kernel + out * hidden * out_channels;
}

}  // namespace

double MbconvEffects::points(std::span<const MbconvBlock> blocks) const {
  double sum = 0;
  std::array<int, kMbconvStages> count{};
  for (const MbconvBlock& block : blocks) {
    ++count[static_cast<std::size_t>(block.stage)];
    sum += kernel_points(stages[static_cast<std::size_t>(std::max(1, block.stage))], block);
    if (block.stage > 0) {
      sum += expansion_points(stages[static_cast<std::size_t>(block.stage)], block);
    } else if (block.expansion != 1) {
      throw InputError("a block before the stages that effects are known of expands its input");
    }
  }
  for (std::size_t s = 1; s < kMbconvStages; ++s) sum += depth_points(stages[s].blocks, count[s]);
  return sum;
}

double MbconvEffects::width_log2(std::span<const MbconvBlock> blocks) const {
  double macs = 0, reference = 0;
  int before = stem_channels;
  for (const MbconvBlock& block : blocks) {
    const int channels = stages[static_cast<std::size_t>(block.stage)].channels;
    macs += block_macs(block, block.in_channels, block.out_channels);
    reference += block_macs(block, before, channels);
    before = channels;
  }
  return std::log2(macs / reference);
}

MbconvEffects average_effects(const RidgeModel& model, const NetworkSpace& space,
                              std::size_t networks, std::uint64_t seed) {
  const std::vector<Role> roles = roles_of(space);
  std::array<std::array<Average, 3>, kMbconvStages> averages;
  for (std::size_t n = 0; n < networks; ++n) {
    Rng rng(seed, n);
    const Choices point = space.decisions().sample(rng);
    const std::vector<bool> active = space.active(point);
    for (std::size_t d = 0; d < roles.size(); ++d) {
      const Role& role = roles[d];
      if (!active[d]) continue;
      const bool depth = role.of == Role::Of::kBlocks;
      averages[static_cast<std::size_t>(role.stage)][static_cast<std::size_t>(role.of)].add(
          predictions(model, space, depth ? with_plain_blocks(point, roles, role) : point, d));
    }
  }
  MbconvEffects effects;
  for (const Role& role : roles) {
    const auto other = std::find_if(roles.begin(), roles.end(), [&](const Role& r) {
      return r.of == role.of && r.stage == role.stage && r.values != role.values;
    });
    if (other != roles.end()) {
      throw InputError(fmt::format("space '{}': blocks of stage {} have different choices",
                                   space.name(), role.stage));
    }
    const auto stage = static_cast<std::size_t>(role.stage);
    list_of(effects.stages[stage], role.of) =
        averages[stage][static_cast<std::size_t>(role.of)].list(role.values);
  }
  const std::vector<MbconvBlock> blocks =
      mbconv_blocks(space.build(Choices(space.decisions().size(), 0)));
  effects.stem_channels = blocks.front().in_channels;
  for (const MbconvBlock& block : blocks) {
    effects.stages[static_cast<std::size_t>(block.stage)].channels = block.out_channels;
  }
  return effects;
}

}  // namespace dovetail

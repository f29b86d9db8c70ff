#include "models/accuracy/family/network_family.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/files/yaml_reading.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/accuracy/family/convex_hull.h"
#include "models/accuracy/source/accuracy_kind.h"
#include "models/accuracy/transfer/least_squares.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

constexpr const char* kKind = "families";
constexpr std::size_t kTerms = 5;
constexpr double kSameExpansion = 0.15;  // log2: what rounding to eights leaves of a ratio

std::vector<double> terms_of(double width, double resolution) {
  return {1, width, resolution, width * width, resolution * resolution};
}

double percent_of(double log_error) {
  return 100 - std::exp(log_error);
}

/// Multiply-accumulates at a position, without those of squeeze-and-excite.
double work_of(const Block& block, int input) {
  const double in = input, out = block.channels, hidden = block.hidden;
  const double taps = static_cast<double>(block.kernel.positions()) / block.groups;
  switch (block.kind) {
    case BlockKind::kSeparable:
      return in * (block.kernel.positions() + out);
    case BlockKind::kInvertedResidual:
      return hidden * (in + block.kernel.positions() + out);
    case BlockKind::kFused:
      return hidden * (in * taps + out);
    case BlockKind::kBasic:
      return out * taps * (in + out);
    case BlockKind::kBottleneck:
      return hidden * (in + hidden * taps + out);
    default:
      return in * taps * out;
  }
}

/// Where the stages of a network stand among those that effects are known of; see kMbconvStages.
std::vector<int> effect_stages(const ScalableNetwork& network) {
  std::vector<int> stages;
  bool halved_16 = false;  // a stage that reduces to a sixteenth was there
  for (const BlockStage& stage : network.stages()) {
    switch (stage.reduction) {
      case 2:
        stages.push_back(0);
        break;
      case 4:
        stages.push_back(1);
        break;
      case 8:
        stages.push_back(2);
        break;
      case 16:
        stages.push_back(halved_16 ? 4 : 3);
        halved_16 = true;
        break;
      case 32:
        stages.push_back(5);
        break;
      default:
        throw InputError(
            fmt::format("network '{}': found a stage reduced {} times, allowed 2, 4, 8, 16 and 32",
                        network.base().name, stage.reduction));
    }
  }
  return stages;
}

/// What the first `blocks` blocks of a stage are worth against the fewest that are known.
double worth_of_blocks(const EffectList& known, int blocks) {
  const auto points = [&](std::size_t i) { return known[i].second; };
  const int fewest = static_cast<int>(known.front().first);
  const int most = static_cast<int>(known.back().first);
  if (known.size() < 3) return 0;  // load() refuses such
  if (blocks < fewest) return (points(1) - points(0)) * (blocks - fewest);
  if (blocks <= most) return points(static_cast<std::size_t>(blocks - fewest));
  const double last = points(known.size() - 1) - points(known.size() - 2);
  const double before = points(known.size() - 2) - points(known.size() - 3);
  const double ratio = before > 0 ? std::clamp(last / before, 0.0, 1.0) : 0.0;
  double worth = known.back().second, step = last;
  for (int b = most; b < blocks; ++b) worth += step *= ratio;
  return worth;
}

/// The transfer's stage that stage 0, of which nothing is known, counts as.
std::size_t known_stage(int effect_stage) {
  return static_cast<std::size_t>(std::max(1, effect_stage));
}

/// The ratio of hidden channels to a block's input.
double expansion_log2(const ScalableNetwork& network, const BlockStage& stage) {
  const std::size_t first = stage.first;
  const Block& block = network.base().blocks[first];
  if (block.hidden == 0 || first == 0) return 0;
  return std::log2(static_cast<double>(block.hidden) / network.base().blocks[first - 1].channels);
}

std::string stage_difference(const ScalableNetwork& one, const ScalableNetwork& other,
                             std::size_t s) {
  const BlockStage &a = one.stages()[s], &b = other.stages()[s];
  const Block &x = one.base().blocks[a.first], &y = other.base().blocks[b.first];
  if (x.kind != y.kind) {
    return fmt::format("blocks of kind {} instead of {}", to_string(x.kind), to_string(y.kind));
  }
  if (x.kernel != y.kernel)
    return fmt::format("kernel {} instead of {}", x.kernel.str(), y.kernel.str());
  if (a.reduction != b.reduction) {
    return fmt::format("a size reduced {} times instead of {}", a.reduction, b.reduction);
  }
  if ((x.se.squeeze_channels > 0) != (y.se.squeeze_channels > 0)) {
    return x.se.squeeze_channels > 0 ? "squeeze-and-excite" : "no squeeze-and-excite";
  }
  const double expansion = expansion_log2(one, a), wanted = expansion_log2(other, b);
  if (std::abs(expansion - wanted) > kSameExpansion) {
    return fmt::format("expansion {:.2f} instead of {:.2f}", std::exp2(expansion),
                       std::exp2(wanted));
  }
  return "";
}

}  // namespace

NetworkFamily::NetworkFamily(std::string name, ScalableNetwork reference, TransferModel effects)
    : name_(std::move(name)),
      reference_(std::move(reference)),
      transfer_(std::move(effects)),
      effect_stages_(effect_stages(reference_)) {}

NetworkFamily NetworkFamily::load(const std::filesystem::path& file) {
  YamlMap map = YamlNode::load(file).map();
  map.require_schema("dovetail.network_family/1");
  const std::string name = shown_name(map.required("name"));
  const YamlNode reference = map.required("reference");
  const YamlNode effects = map.required("effects");
  const YamlNode networks = map.required("networks");
  map.finish();
  const std::string effects_name = name_or_path(effects, file.parent_path());
  NetworkFamily family(name, ScalableNetwork(find_block_network(reference.as_string())),
                       TransferModel::load(resolve_accuracy_file(effects_name)));
  family.effects_name_ = effects_name;
  for (std::size_t s = 1; s < family.transfer_.effects.stages.size(); ++s) {
    if (family.transfer_.effects.stages[s].blocks.size() < 3) {
      throw effects.error("found a stage with fewer than three numbers of blocks, allowed three");
    }
  }
  for (const YamlNode& node : networks.items()) {
    try {
      family.add_member(find_block_network(node.as_string()));
    } catch (const InputError& e) {
      throw node.error(e.what());
    }
  }
  try {
    family.fit();
  } catch (const InputError& e) {
    throw networks.error(e.what());
  }
  return family;
}

void NetworkFamily::add_member(const BlockNetwork& network) {
  const ScalableNetwork scalable(network);
  if (const std::string why = difference(scalable); !why.empty()) throw InputError(why);
  if (!network.published.top1_percent) {
    throw InputError(fmt::format("network '{}' has no published top-1 accuracy", network.name));
  }
  if (scalable.scale().blocks != reference_.scale().blocks) {
    throw InputError(
        fmt::format("network '{}' has another depth than the reference", network.name));
  }
  members_.push_back({network.name, network.published.source, *network.published.top1_percent,
                      width_log2(scalable, scalable.scale()), resolution_log2(scalable.scale())});
}

void NetworkFamily::fit() {
  std::vector<std::vector<double>> rows;
  std::vector<double> values;
  std::vector<PlanePoint> points;
  for (const FamilyMember& m : members_) {
    rows.push_back(terms_of(m.width_log2, m.resolution_log2));
    values.push_back(std::log(std::max(100 - m.published_percent, 1e-3)));
    points.emplace_back(m.width_log2, m.resolution_log2);
  }
  coefficients_ = least_squares(rows, values);
  const std::vector<double> left = left_out_values(rows, values);
  hull_ = convex_hull(points);
  if (coefficients_.empty() || left.empty() || hull_.size() < 3) {
    throw InputError(fmt::format(
        "found {} networks that do not tell width from resolution, allowed are at least {} with "
        "three widths and three resolutions",
        members_.size(), kTerms + 1));
  }
  double squares = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i].left_out_percent = percent_of(left[i]);
    const double error = members_[i].left_out_percent - members_[i].published_percent;
    squares += error * error;
    error_.max_points = std::max(error_.max_points, std::abs(error));
  }
  error_.rmse_points = std::sqrt(squares / static_cast<double>(members_.size()));
}

std::string NetworkFamily::difference(const ScalableNetwork& network) const {
  const auto& mine = reference_.stages();
  const std::string& name = network.base().name;
  if (network.base().input.height != network.base().input.width) {
    return fmt::format("network '{}' has an input that is not square", name);
  }
  const auto outside = [](const ScalableNetwork& n) {
    std::size_t inside = 0;
    for (const BlockStage& stage : n.stages()) inside += static_cast<std::size_t>(stage.blocks);
    return n.base().blocks.size() - inside;
  };
  if (network.stages().size() != mine.size() || outside(network) != outside(reference_)) {
    return fmt::format(
        "network '{}' has {} stages and {} blocks outside them, the family '{}' {} "
        "and {}",
        name, network.stages().size(), outside(network), name_, mine.size(), outside(reference_));
  }
  for (std::size_t s = 0; s < mine.size(); ++s) {
    const std::string why = stage_difference(network, reference_, s);
    if (why.empty()) continue;
    return fmt::format("network '{}' is not of the family '{}': stage {} has {}", name, name_, s,
                       why);
  }
  return "";
}

double NetworkFamily::width_log2(const ScalableNetwork& network, const NetworkScale& scale) const {
  NetworkScale own = scale;
  own.blocks = reference_.scale().blocks;  // a deeper stage is no wider one
  const std::vector<Block> blocks = network.at(own, "").blocks;
  const std::vector<Block>& references = reference_.base().blocks;
  const std::vector<int> stages = network.stage_of_blocks(own);
  std::vector<double> of_stage(scale.blocks.size(), 0);  // sums over its blocks
  int input = network.base().input.channels, reference_input = input;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (stages[i] >= 0) {
      const auto s = static_cast<std::size_t>(stages[i]);
      const double ratio = work_of(blocks[i], input) / work_of(references[i], reference_input);
      // The input of the stem is no width: it has three channels at every width.
      of_stage[s] += std::log2(ratio) / (network.stages()[s].stem ? 1 : 2);
    }
    input = blocks[i].channels;
    reference_input = references[i].channels;
  }
  double sum = 0, importances = 0;
  for (std::size_t s = 0; s < of_stage.size(); ++s) {
    const EffectList& expansion =
        transfer_.effects.stages[known_stage(effect_stages_[s])].expansion;
    const double importance =
        (expansion.back().second - expansion.front().second) * reference_.stages()[s].blocks;
    sum += importance * of_stage[s] / own.blocks[s];
    importances += importance;
  }
  return sum / importances;
}

bool NetworkFamily::is_of_one_width(const std::vector<int>& channels) const {
  const std::vector<int>& references = reference_.scale().channels;
  const auto gives = [&](double width) {
    return std::ranges::equal(channels, references, [&](int own, int reference) {
      return own == round_channels(width * reference);
    });
  };
  // The widest stage leaves the fewest widths: those that round to its channels.
  const auto widest =
      static_cast<std::size_t>(std::ranges::max_element(references) - references.begin());
  constexpr int kTried = 200, kGranule = 8;
  for (int i = 0; i <= kTried; ++i) {
    const double unrounded = channels[widest] - kGranule + 2.0 * kGranule * i / kTried;
    if (unrounded > 0 && gives(unrounded / references[widest])) return true;
  }
  return false;
}

double NetworkFamily::resolution_log2(const NetworkScale& scale) const {
  return std::log2(static_cast<double>(scale.resolution) / reference_.scale().resolution);
}

double NetworkFamily::depth_points(const std::vector<int>& blocks) const {
  std::array<int, kMbconvStages> mine{}, references{};
  for (std::size_t s = 0; s < blocks.size(); ++s) {
    if (reference_.stages()[s].stem) continue;
    const auto stage = static_cast<std::size_t>(effect_stages_[s]);
    mine[stage] += blocks[s];
    references[stage] += reference_.stages()[s].blocks;
  }
  double points = 0;
  for (std::size_t s = 0; s < mine.size(); ++s) {
    const EffectList& known = transfer_.effects.stages[known_stage(static_cast<int>(s))].blocks;
    points += worth_of_blocks(known, mine[s]) - worth_of_blocks(known, references[s]);
  }
  return points;
}

AccuracyAnswer NetworkFamily::accuracy(const ScalableNetwork& network,
                                       const NetworkScale& scale) const {
  const int most = *std::ranges::max_element(scale.blocks);
  if (most > kMostBlocks) {
    return AccuracyAnswer::refused(
        fmt::format("found a stage of {} blocks, allowed at most {}", most, kMostBlocks));
  }
  const double width = width_log2(network, scale);
  const double resolution = resolution_log2(scale);
  if (!is_within(hull_, {width, resolution})) {
    return AccuracyAnswer::refused(
        fmt::format("width {:.3f} at {} pixels is outside what was published of family '{}'",
                    std::exp2(width), scale.resolution, name_));
  }
  const std::vector<double> terms = terms_of(width, resolution);
  const double log_error =
      std::inner_product(terms.begin(), terms.end(), coefficients_.begin(), 0.0);
  const double top1 = percent_of(log_error) + depth_points(scale.blocks);
  const bool as_published =
      scale.blocks == reference_.scale().blocks && is_of_one_width(scale.channels);
  return AccuracyAnswer::known({top1, !as_published});
}

NetworkFamily find_family(const ScalableNetwork& network, const std::string& name_or_path) {
  if (!name_or_path.empty()) {
    NetworkFamily family = NetworkFamily::load(resolve_config(kKind, name_or_path));
    if (const std::string why = family.difference(network); !why.empty()) throw InputError(why);
    return family;
  }
  const std::vector<std::string> names = list_configs(kKind);
  std::string why;
  for (const std::string& name : names) {
    NetworkFamily family = NetworkFamily::load(resolve_config(kKind, name));
    const std::string difference = family.difference(network);
    if (difference.empty()) return family;
    why += "; " + difference;
  }
  throw InputError(fmt::format(
      "network '{}': found no family of published networks that says what its scales are worth, "
      "allowed are networks of {}{}",
      network.base().name, join(names), why));
}

}  // namespace dovetail

#include "cost/surrogate/roofline/roofline_baseline.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "cost/surrogate/roofline/roofline_bound.h"
#include "models/network/blocks/block_lines.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// Parts of networks, and accelerators, that are kept before all are forgotten.
constexpr std::size_t kMostKept = 100'000;
/// Shapes and combinations of the choices of a line that a key has room for.
constexpr std::uint64_t kMostShapes = std::uint64_t{1} << 24, kMostCombinations = kMostShapes << 8;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What one block line adds behind some input.
struct LinePart {
  LayerGroup group;
  std::uint32_t output = 0;  // number of its shape
};

/// A block line with the parts that are known of it; nothing where it makes no layers.
struct KeptLine {
  const BlockLine* line;
  std::vector<std::pair<std::size_t, std::uint64_t>> decisions;  // it reads, and their choices
  bool few = true;  // combinations: else it is made anew each time
  std::unordered_map<std::uint64_t, std::optional<LinePart>> parts{};

  KeptLine(const BlockLine& block_line, const DecisionSpace& space) : line(&block_line) {
    std::uint64_t combinations = 1;
    for (const BlockLine::Substitution& used : block_line.substitutions) {
      decisions.emplace_back(used.decision, space[used.decision].choices.size());
      few = few && combinations <= kMostCombinations / decisions.back().second;
      if (few) combinations *= decisions.back().second;
    }
  }

  std::uint64_t key(const Choices& choices, std::uint64_t input) const {
    std::uint64_t value = input;
    for (const auto& [decision, count] : decisions) value = value * count + choices[decision];
    return value;
  }
};

const std::array<std::string, 2>& forms() {
  static const std::array<std::string, 2> kForms{"residual", "residual_compute"};
  return kForms;
}

struct KeptAccelerator {
  RooflineRates rates;
  RooflineEnergy energy;
};

Technology technology_of(const json& node, const std::string& file) {
  Technology technology;
  for (const TechnologyCoefficient& c : technology_coefficients()) {
    const double value = node.at(c.key);
    if (!(value >= c.min && value <= c.max)) {
      throw InputError(Location{file}, fmt::format("technology: {}: found {}, allowed {} to {}",
                                                   c.key, value, c.min, c.max));
    }
    technology.*c.value = value;
  }
  return technology;
}

}  // namespace

struct RooflineBaseline::Impl {
  NetworkSpace networks;
  DesignSpace accelerators;
  Technology technology;
  RooflineRoof roof;
  std::mutex mutex;  // of all below
  std::vector<KeptLine> lines{};
  std::map<std::array<int, 3>, std::uint32_t> shape_numbers{};
  std::vector<TensorShape> shapes{};
  std::unordered_map<std::uint64_t, KeptAccelerator> kept_accelerators{};
  std::size_t kept_parts = 0;
  std::vector<const LayerGroup*> groups{};  // of the pair that is looked at
  std::vector<LinePart> made{};             // of it, where they are not kept

  std::uint32_t number_of(const TensorShape& shape) {
    const auto [at, is_new] =
        shape_numbers.try_emplace({shape.height, shape.width, shape.channels}, shapes.size());
    if (is_new) shapes.push_back(shape);
    return at->second;
  }

  void forget_if_many() {
    if (kept_accelerators.size() > kMostKept) kept_accelerators.clear();
    if (kept_parts <= kMostKept && shapes.size() <= kMostKept) return;
    for (KeptLine& line : lines) line.parts.clear();
    shape_numbers.clear();
    shapes.clear();
    kept_parts = 0;
  }

  std::optional<LinePart> make(const BlockLine& line, const Choices& choices, std::uint32_t input) {
    const TensorShape shape = shapes[input];
    std::vector<Block> blocks;
    try {
      BlockTemplate::append_blocks(line, choices, shape.channels, blocks);
      NetworkBuilder builder("part", shape);
      int at = kNetworkInput, number = 0;
      for (const Block& block : blocks) at = append_block(builder, block, at, number);
      const TensorShape output = builder.shape_of(at);
      return LinePart{LayerGroup(builder.finish()), number_of(output)};
    } catch (const InputError&) {
      return std::nullopt;  // no network stands there
    }
  }

  /// Nothing if no network stands there; valid until the next pair.
  const LinePart* part(KeptLine& line, const Choices& choices, std::uint32_t input) {
    if (!line.few) {
      std::optional<LinePart> found = make(*line.line, choices, input);
      return found ? &made.emplace_back(std::move(*found)) : nullptr;
    }
    const auto [at, is_new] = line.parts.try_emplace(line.key(choices, input));
    if (is_new) {
      ++kept_parts;
      at->second = make(*line.line, choices, input);
    }
    return at->second ? &*at->second : nullptr;
  }

  /// Fills `groups`; false if the point builds no network.
  bool find_groups(const Choices& choices) {
    groups.clear();
    made.clear();
    made.reserve(lines.size());  // so that what `groups` points to stays where it is
    std::uint32_t shape = number_of(networks.input(choices));
    for (KeptLine& line : lines) {
      if (!line.line->holds(choices)) continue;
      const LinePart* found = part(line, choices, shape);
      if (found == nullptr) return false;
      groups.push_back(&found->group);
      shape = found->output;
    }
    return !groups.empty();
  }

  const KeptAccelerator& accelerator(const Choices& choices) {
    const std::uint64_t index = accelerators.decisions().index_of(choices);
    const auto known = kept_accelerators.find(index);
    if (known != kept_accelerators.end()) return known->second;
    const AcceleratorConfig config = accelerators.decode(choices);
    KeptAccelerator made_now{RooflineRates(config), RooflineEnergy(config, technology)};
    if (roof == RooflineRoof::kCompute) {
      made_now.rates.keeps_weights = true;
      made_now.rates.local_memory_bytes = std::numeric_limits<double>::infinity();
    }
    return kept_accelerators.emplace(index, made_now).first->second;
  }

  CostBaseline of(const Choices& network, const Choices& hardware) {
    forget_if_many();
    if (!find_groups(network)) return {kNone, kNone};
    const KeptAccelerator& kept = accelerator(hardware);
    const RooflineBound bound = roofline_bound(groups, kept.rates);
    return {bound.cycles / kept.rates.cycles_per_ms, kept.energy.mj(bound)};
  }
};

const std::string& form_of_roof(RooflineRoof roof) {
  return forms()[static_cast<std::size_t>(roof)];
}

std::optional<RooflineRoof> roof_of_form(const std::string& form) {
  for (const RooflineRoof roof : {RooflineRoof::kComputeAndIo, RooflineRoof::kCompute}) {
    if (form == form_of_roof(roof)) return roof;
  }
  return std::nullopt;
}

RooflineBaseline::RooflineBaseline(NetworkSpace networks, DesignSpace accelerators,
                                   const Technology& technology, RooflineRoof roof)
    : impl_(new Impl{std::move(networks), std::move(accelerators), technology, roof, {}}) {
  for (const BlockLine& line : impl_->networks.lines()) {
    impl_->lines.emplace_back(line, impl_->networks.decisions());
  }
}

RooflineBaseline::~RooflineBaseline() = default;

std::string RooflineBaseline::to_json_text() const {
  json technology;
  for (const TechnologyCoefficient& c : technology_coefficients()) {
    technology[c.key] = impl_->technology.*c.value;
  }
  return json{{"network_space", impl_->networks.text()},
              {"hardware_space", impl_->accelerators.to_yaml()},
              {"technology", technology}}
      .dump();
}

std::shared_ptr<const RooflineBaseline> RooflineBaseline::from_json_text(const std::string& text,
                                                                         const std::string& file,
                                                                         RooflineRoof roof) {
  try {
    const json node = json::parse(text);
    NetworkSpace networks = NetworkSpace::parse(node.at("network_space").get<std::string>(), file);
    DesignSpace accelerators =
        DesignSpace::parse(node.at("hardware_space").get<std::string>(), file);
    return std::make_shared<const RooflineBaseline>(std::move(networks), std::move(accelerators),
                                                    technology_of(node.at("technology"), file),
                                                    roof);
  } catch (const json::exception& e) {
    throw InputError(Location{file}, fmt::format("not a roofline: {}", json_fault(e)));
  }
}

RooflineRoof RooflineBaseline::roof() const {
  return impl_->roof;
}

const DecisionSpace& RooflineBaseline::network_decisions() const {
  return impl_->networks.decisions();
}

const DecisionSpace& RooflineBaseline::hardware_decisions() const {
  return impl_->accelerators.decisions();
}

std::vector<CostBaseline> RooflineBaseline::of(std::span<const Choices> network,
                                               std::span<const Choices> hardware) const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<CostBaseline> found;
  found.reserve(network.size());
  for (std::size_t i = 0; i < network.size(); ++i) {
    found.push_back(impl_->of(network[i], hardware[i]));
  }
  return found;
}

std::shared_ptr<const RooflineBaseline> make_roofline_baseline(const NetworkSpace& networks,
                                                               const DesignSpace& accelerators,
                                                               const std::string& technology,
                                                               RooflineRoof roof) {
  return std::make_shared<const RooflineBaseline>(
      NetworkSpace::parse(networks.text(), networks.file()), accelerators,
      Technology::load(resolve_config("technology", technology)), roof);
}

}  // namespace dovetail

#include "models/training/supernet/supernet_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Whether there is no choice with which both lines are there.
bool exclude_each_other(const BlockLine::Condition& a, const BlockLine::Condition& b) {
  for (std::size_t choice = 0; choice < a.holds.size(); ++choice) {
    if (a.holds[choice] && b.holds[choice]) return false;
  }
  return true;
}

bool are_alternatives(const BlockLine& a, const BlockLine& b) {
  return a.condition && b.condition && a.condition->decision == b.condition->decision &&
         exclude_each_other(*a.condition, *b.condition);
}

/// What a layer is beside its block. A fully connected layer behind a map has its weights for the
/// size of that map.
std::string role_of(const Layer& layer, const std::string& block) {
  std::string role = layer.name.substr(block.empty() ? 0 : block.size() + 1);
  const bool flattens = layer.input.height * layer.input.width > 1;
  if (layer.op == OpType::kFullyConnected && flattens) {
    role += fmt::format("@{}x{}", layer.input.height, layer.input.width);
  }
  return role;
}

}  // namespace

SupernetPlan::SupernetPlan(std::shared_ptr<const NetworkSpace> space) : space_(std::move(space)) {
  find_places();
  find_largest();
}

void SupernetPlan::find_places() {
  const std::vector<BlockLine>& lines = space_->lines();
  std::size_t first = 0;  // line of the place
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool joins = i > 0 && std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(first),
                                            lines.begin() + static_cast<std::ptrdiff_t>(i),
                                            [&](const BlockLine& other) {
                                              return are_alternatives(other, lines[i]);
                                            });
    if (!joins) first = i;
    places_.push_back(first);
  }
}

std::vector<std::string> SupernetPlan::layer_keys(const Choices& choices,
                                                  const Network& network) const {
  std::vector<std::string> keys;
  std::map<std::size_t, int> blocks_at;  // by place
  int number = 0;                        // of blocks of several layers
  for (const Block& block : space_->blocks(choices)) {
    const std::size_t place = places_[static_cast<std::size_t>(block.line)];
    const std::string prefix =
        fmt::format("{}.{}.{}.", place, blocks_at[place]++, to_string(block.kind));
    const std::string name = has_parts(block.kind) ? fmt::format("blocks.{}", number++) : "";
    // Layers stand in the order of their blocks.
    do {
      const Layer& layer = network.layers()[keys.size()];
      keys.push_back(prefix + role_of(layer, name));
    } while (!name.empty() && keys.size() < network.layers().size() &&
             network.layers()[keys.size()].block == name);
  }
  return keys;
}

std::int64_t SupernetPlan::make_room(const Choices& choices) {
  const Network network = space_->build(choices);
  const std::vector<std::string> keys = layer_keys(choices, network);
  std::int64_t numbers = 0;
  for (ParameterSpec spec : network_parameters(network)) {
    if (!spec.trained()) continue;
    numbers += static_cast<std::int64_t>(spec.elements());
    const Layer& layer = network.layers()[spec.layer];
    spec.name = keys[spec.layer] + spec.name.substr(layer.name.size());
    spec.layer = 0;
    const auto [at, added] = by_key_.emplace(spec.name, tensors_.size());
    if (added) {
      tensors_.push_back(spec);
      continue;
    }
    ParameterSpec& shared = tensors_[at->second];
    for (std::size_t i = 0; i < spec.dims.size(); ++i) {
      shared.dims[i] = std::max(shared.dims[i], spec.dims[i]);
    }
    shared.fan_in = std::max(shared.fan_in, spec.fan_in);
  }
  return numbers;
}

void SupernetPlan::find_largest() {
  const DecisionSpace& decisions = space_->decisions();
  largest_.assign(decisions.size(), 0);
  std::int64_t most = make_room(largest_);
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t d = 0; d < decisions.size(); ++d) {
      for (std::size_t c = 0; c < decisions[d].choices.size(); ++c) {
        Choices other = largest_;
        other[d] = static_cast<std::uint16_t>(c);
        const std::int64_t numbers = make_room(other);
        if (numbers <= most) continue;
        most = numbers;
        largest_ = std::move(other);
        grew = true;
      }
    }
  }
}

SubNetwork SupernetPlan::sub_network(const Choices& choices) const {
  SubNetwork sub{space_->build(choices), {}};
  const std::vector<std::string> keys = layer_keys(choices, sub.network);
  for (ParameterSpec& spec : network_parameters(sub.network)) {
    if (!spec.trained()) continue;
    const std::string key =
        keys[spec.layer] + spec.name.substr(sub.network.layers()[spec.layer].name.size());
    const auto at = by_key_.find(key);
    const bool fits = at != by_key_.end() &&
                      std::ranges::equal(spec.dims, tensors_[at->second].dims, std::less_equal<>());
    if (!fits) {
      throw RunError(fmt::format("{}: '{}' of {} has no room among the shared weights",
                                 space_->name(), spec.name, sub.network.name()));
    }
    sub.parts.push_back({std::move(spec), at->second});
  }
  return sub;
}

}  // namespace dovetail

#include "sim/mapping/layer_mapper.h"

namespace dovetail {

void LayerMapper::start(const AcceleratorConfig& accelerator) {
  accelerator_ = &accelerator;
  class_count_ = 0;
}

std::size_t LayerMapper::add(const LayerGeometry& layer) {
  for (std::size_t i = 0; reuse_ && i < class_count_; ++i) {
    if (classes_[i].geometry == layer) return i;
  }
  if (class_count_ == classes_.size()) classes_.emplace_back();
  LayerClass& added = classes_[class_count_];
  added.geometry = layer;
  added.collected = false;
  added.known_count = 0;
  return class_count_++;
}

std::variant<const MappedLayer*, Infeasible> LayerMapper::map(std::size_t number,
                                                              const LayerContext& context) {
  LayerClass& same = classes_[number];
  for (std::size_t i = 0; reuse_ && i < same.known_count; ++i) {
    const Known& known = same.known[i];
    if (known.memory.contains(context.available_bytes) && context.same_placement(known.context)) {
      return &known.mapped;
    }
  }
  if (!reuse_ || !same.collected) {
    same.candidates.collect(same.geometry, *accelerator_, mapper_.effort());
    same.collected = true;
  }
  const auto result = mapper_.map(same.geometry, *accelerator_, context, same.candidates);
  if (const auto* mapped = std::get_if<const MappedLayer*>(&result)) {
    if (same.known_count == same.known.size()) same.known.emplace_back();
    Known& known = same.known[same.known_count++];
    known.context = context;
    known.memory = mapper_.same_choice();
    known.mapped = **mapped;
    return &known.mapped;
  }
  return result;
}

}  // namespace dovetail

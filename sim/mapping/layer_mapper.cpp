#include "sim/mapping/layer_mapper.h"

namespace dovetail {

void LayerMapper::start(const AcceleratorConfig& accelerator) {
  if (class_count_ > 0 && class_count_ < kMostClasses && accelerator == accelerator_) return;
  accelerator_ = accelerator;
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
  Known* start = nullptr;  // the best that is known to fit
  for (std::size_t i = 0; reuse_ && i < same.known_count; ++i) {
    Known& known = same.known[i];
    if (!context.same_placement(known.context)) continue;
    if (known.memory.contains(context.available_bytes)) return &known.mapped;
    const bool fits = known.memory.least <= context.available_bytes;
    if (fits && (start == nullptr || known.mapped.rank() < start->mapped.rank())) start = &known;
  }
  if (!reuse_ || !same.collected) {
    same.candidates.collect(same.geometry, accelerator_, mapper_.effort());
    same.collected = true;
  }
  const auto result = mapper_.map(same.geometry, accelerator_, context, same.candidates,
                                  start == nullptr ? nullptr : &start->mapped);
  if (const auto* mapped = std::get_if<const MappedLayer*>(&result)) {
    if (start != nullptr && *mapped == &start->mapped) {
      start->memory.limit = mapper_.same_choice().limit;
      return *mapped;
    }
    if (same.known_count == kMostKnown) same.known_count = 0;
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

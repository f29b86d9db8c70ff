#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/mapping/mapper.h"

namespace dovetail {

/// How the mapper works; `reuse` off maps every layer anew, which takes longer and changes nothing.
struct MapperOptions {
  int effort = 1;  // 1 to kMostMapperEffort
  bool reuse = true;
};

/// The mapper for the layers of networks on one accelerator. Networks repeat their layers and those
/// of other networks, and a plan is made several times over: a layer of the same geometry in the
/// same circumstances has the same mapping, and is mapped once.
class LayerMapper {
 public:
  explicit LayerMapper(MapperOptions options = {})
      : reuse_(options.reuse), mapper_(options.effort) {}

  int effort() const { return mapper_.effort(); }
  /// Another network. Forgets what went before if the accelerator is another one.
  void start(const AcceleratorConfig& accelerator);
  /// The number under which a layer is known: the same for layers of the same geometry.
  std::size_t add(const LayerGeometry& layer);
  const LayerGeometry& layer(std::size_t number) const { return classes_[number].geometry; }

  /// Valid until the next call.
  std::variant<const MappedLayer*, Infeasible> map(std::size_t number, const LayerContext& context);

 private:
  static constexpr std::size_t kMostClasses = 1024;  // then it forgets them: a list is searched
  static constexpr std::size_t kMostKnown = 64;      // of a class

  struct Known {
    LayerContext context;
    MemoryRange memory;
    MappedLayer mapped;
  };
  struct LayerClass {
    LayerGeometry geometry;
    MappingCandidates candidates;
    bool collected = false;
    std::vector<Known> known;
    std::size_t known_count = 0;
  };

  const bool reuse_;
  Mapper mapper_;
  AcceleratorConfig accelerator_;
  // Entries beyond the counts are left over from earlier networks: their memory is used again.
  std::vector<LayerClass> classes_;
  std::size_t class_count_ = 0;
};

}  // namespace dovetail

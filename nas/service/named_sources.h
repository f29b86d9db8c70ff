#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "cost/model/pair_domain.h"
#include "hw_space/accelerator_name.h"
#include "nas/service/requests.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// What was read of a file or a document; `number` is another one for everything that was read.
template <typename T>
struct Loaded {
  std::uint64_t number = 0;
  std::shared_ptr<const T> thing;
};

struct NamedNetwork {
  std::uint64_t number = 0;  // of the space or the network
  NetworkSide side;
  Choices choices;  // canonical, if the side is a space

  std::shared_ptr<const Network> build() const;
};

struct NamedAccelerator {
  std::uint64_t number = 0;                  // of the space
  std::shared_ptr<const DesignSpace> space;  // null if it is no point of one
  Choices choices;
  AcceleratorConfig config;
};

/// Finds the networks, accelerators and spaces that requests name. What was read is kept, and read
/// again once its file has changed. All throw InputError.
class NamedSources {
 public:
  NamedNetwork network(const SideReference& side);
  NamedAccelerator accelerator(const SideReference& side);
  /// Of the two, the one that the file says it is; the other is null.
  std::pair<Loaded<NetworkSpace>, Loaded<DesignSpace>> space(const std::string& name_or_path);

 private:
  /// A file as it was when it was read.
  struct Stamp {
    std::filesystem::file_time_type time;
    std::uintmax_t size = 0;
    bool operator==(const Stamp&) const = default;
  };
  template <typename T>
  struct Kept {
    Stamp stamp;
    Loaded<T> loaded;
  };
  template <typename T>
  using Shelf = std::map<std::string, Kept<T>>;

  static Stamp stamp_of(const std::filesystem::path& file);
  template <typename T, typename Read>
  Loaded<T> kept(Shelf<T>& shelf, const std::string& key, const Stamp& stamp, const Read& read);
  std::filesystem::path file_of(const std::string& kind, const std::string& name);
  const AcceleratorName& accelerator_name(const std::string& text);
  Loaded<Network> single_network(const SideReference& side);
  AcceleratorConfig single_accelerator(const SideReference& side);

  std::uint64_t numbers_ = 0;
  std::map<std::string, std::filesystem::path> files_;  // of names in configs/
  std::map<std::string, AcceleratorName> accelerator_names_;
  Shelf<NetworkSpace> network_spaces_;
  Shelf<DesignSpace> design_spaces_;
  Shelf<Network> networks_;
  std::size_t document_bytes_ = 0;  // of the networks kept that came as documents
  Shelf<AcceleratorConfig> accelerators_;
};

/// The point of a space that a reference means. A decision without an effect at the point may be
/// left out.
Choices choices_of(const SideReference& side, const NetworkSpace& space);
Choices choices_of(const SideReference& side, const DesignSpace& space);
Choices choices_of(const SideReference& side, const SearchDomain& space);

}  // namespace dovetail

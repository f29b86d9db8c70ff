#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/network/space/network_rows.h"

namespace dovetail {

class NetworkSpace;

/// Some points of a network space, where a search may ask for no others: networks of which
/// something is known.
class NetworkPoints {
 public:
  /// `points` are canonical, at least one; of equal ones the first stands. `name` stands for where
  /// they come from in messages.
  NetworkPoints(const NetworkSpace& space, const std::vector<Choices>& points, std::string name);
  /// Those of a file (network_rows.h), each network once, also where several points build it.
  static NetworkPoints load(const std::filesystem::path& file, const NetworkSpace& space,
                            const NetworkColumns& networks = {});

  /// Where they come from.
  const std::string& name() const { return name_; }
  std::size_t size() const { return points_.size(); }
  const Choices& operator[](std::size_t i) const { return points_[i]; }
  bool contains(const Choices& network) const { return positions_.contains(text_of(network)); }
  /// Throws InputError with the name if it is none of them. `network` is canonical.
  void require(const Choices& network) const;

  /// The one with the fewest steps to a canonical point, of equally near ones the first: a step is
  /// the next choice of an ordered decision, or any other choice of one that is not ordered. About
  /// 1 ns a point and decision, less for one of them.
  const Choices& nearest(const Choices& network) const;
  /// The `count` nearest others (or all), the nearest first.
  std::vector<Choices> nearest_others(const Choices& network, std::size_t count) const;

 private:
  static std::string text_of(const Choices& network);
  /// To the point at a position; where it is not below `most`, some number not below it.
  std::uint32_t steps(const Choices& network, std::size_t position, std::uint32_t most) const;

  const DecisionSpace* decisions_;
  std::string name_;
  std::vector<Choices> points_;
  std::vector<std::uint16_t> flat_;  // the same, one after another
  std::vector<bool> ordered_;        // by decision
  std::unordered_map<std::string, std::size_t> positions_;
};

}  // namespace dovetail

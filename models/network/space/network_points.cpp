#include "models/network/space/network_points.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/text/error.h"
#include "models/network/space/network_space.h"
#include "models/network/space/training_decisions.h"

namespace dovetail {

NetworkPoints::NetworkPoints(const NetworkSpace& space, const std::vector<Choices>& points,
                             std::string name)
    : decisions_(&space.decisions()), name_(std::move(name)) {
  for (const Decision& decision : decisions_->decisions()) ordered_.push_back(decision.ordered());
  for (const Choices& point : points) {
    decisions_->validate(point);
    if (!positions_.emplace(text_of(point), points_.size()).second) continue;
    points_.push_back(point);
    flat_.insert(flat_.end(), point.begin(), point.end());
  }
  if (points_.empty()) throw InputError(name_ + ": has no network");
}

NetworkPoints NetworkPoints::load(const std::filesystem::path& file, const NetworkSpace& space,
                                  const NetworkColumns& networks) {
  std::vector<Choices> points;
  std::unordered_set<std::string> known;
  for (NetworkRow& row : read_network_rows(file, space, networks).rows) {
    const std::string key =
        space.canonical_key(row.choices) + training_key(space.decisions(), row.choices);
    const bool is_new = known.insert(key).second;
    if (is_new) points.push_back(std::move(row.choices));
  }
  return {space, points, file.string()};
}

std::string NetworkPoints::text_of(const Choices& network) {
  return {reinterpret_cast<const char*>(network.data()),
          network.size() * sizeof(Choices::value_type)};
}

void NetworkPoints::require(const Choices& network) const {
  if (contains(network)) return;
  throw InputError(name_ + ": has no network " + decisions_->describe(network) +
                   "; the study searches those of this file alone (network.points)");
}

std::uint32_t NetworkPoints::steps(const Choices& network, std::size_t position,
                                   std::uint32_t most) const {
  const std::size_t decisions = network.size();
  const std::uint16_t* point = flat_.data() + position * decisions;
  std::uint32_t sum = 0;
  for (std::size_t d = 0; d < decisions && sum < most; ++d) {
    const int difference = std::abs(int{network[d]} - int{point[d]});
    sum += static_cast<std::uint32_t>(ordered_[d] ? difference : std::min(difference, 1));
  }
  return sum;
}

const Choices& NetworkPoints::nearest(const Choices& network) const {
  decisions_->validate(network);
  if (const auto exact = positions_.find(text_of(network)); exact != positions_.end()) {
    return points_[exact->second];
  }
  std::size_t best = 0;
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const std::uint32_t its = steps(network, i, fewest);
    if (its >= fewest) continue;
    fewest = its;
    best = i;
  }
  return points_[best];
}

std::vector<Choices> NetworkPoints::nearest_others(const Choices& network,
                                                   std::size_t count) const {
  std::vector<std::pair<std::uint32_t, std::size_t>> others;  // steps and position
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (points_[i] == network) continue;
    others.emplace_back(steps(network, i, std::numeric_limits<std::uint32_t>::max()), i);
  }
  count = std::min(count, others.size());
  std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count),
                    others.end());
  std::vector<Choices> nearest;
  for (std::size_t i = 0; i < count; ++i) nearest.push_back(points_[others[i].second]);
  return nearest;
}

}  // namespace dovetail

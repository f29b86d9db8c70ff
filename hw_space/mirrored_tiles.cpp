#include "hw_space/mirrored_tiles.h"

#include <algorithm>
#include <string>

namespace dovetail {
namespace {

std::optional<std::size_t> position_of(const DecisionSpace& decisions, const std::string& name) {
  const auto& all = decisions.decisions();
  const auto found = std::ranges::find(all, name, &Decision::name);
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

/// For each choice of `from` that of `to` with the same value.
std::vector<std::optional<std::uint16_t>> same_values(const Decision& from, const Decision& to) {
  std::vector<std::optional<std::uint16_t>> same;
  for (const double value : from.values) {
    const auto found = std::ranges::find(to.values, value);
    same.push_back(found == to.values.end()
                       ? std::nullopt
                       : std::optional(static_cast<std::uint16_t>(found - to.values.begin())));
  }
  return same;
}

}  // namespace

MirroredTiles::MirroredTiles(const DesignSpace& space)
    : decisions_(space.decisions()),
      x_(position_of(decisions_, "pes_x")),
      y_(position_of(decisions_, "pes_y")) {
  if (!x_ || !y_) return;  // a side that is fixed changes places with none
  x_as_y_ = same_values(decisions_[*x_], decisions_[*y_]);
  y_as_x_ = same_values(decisions_[*y_], decisions_[*x_]);
}

std::optional<std::uint64_t> MirroredTiles::of(std::uint64_t index) const {
  if (!x_ || !y_) return std::nullopt;
  Choices choices = decisions_.from_index(index);
  const Choice y = x_as_y_[choices[*x_]], x = y_as_x_[choices[*y_]];
  if (!x || !y) return std::nullopt;
  choices[*x_] = *x;
  choices[*y_] = *y;
  const std::uint64_t mirrored = decisions_.index_of(choices);
  return mirrored == index ? std::nullopt : std::optional(mirrored);
}

}  // namespace dovetail

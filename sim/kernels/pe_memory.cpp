#include "sim/kernels/pe_memory.h"

#include <algorithm>

namespace dovetail {

void copy(const TensorPart& from, TensorPart& to, const Region& wanted) {
  const Region region = intersection(intersection(from.region, to.region), wanted);
  if (region.empty()) return;
  for (int row = region.rows.begin; row < region.rows.end; ++row) {
    for (int col = region.cols.begin; col < region.cols.end; ++col) {
      std::copy_n(from.at(row, col, region.channels.begin), region.channels.size(),
                  to.at(row, col, region.channels.begin));
    }
  }
}

void DistinctBytes::start(const Region& whole) {
  whole_ = whole;
  if (seen_.size() < whole.elements()) seen_.resize(whole.elements(), 0);
  ++generation_;
  count_ = 0;
}

void DistinctBytes::add(const Region& part, const Region& except) {
  for (int row = part.rows.begin; row < part.rows.end; ++row) {
    for (int col = part.cols.begin; col < part.cols.end; ++col) {
      const bool outside = !except.rows.contains(row) || !except.cols.contains(col);
      const std::ptrdiff_t position =
          (std::ptrdiff_t{row} * whole_.cols.size() + col) * whole_.channels.size();
      for (int c = part.channels.begin; c < part.channels.end; ++c) {
        if (!outside && except.channels.contains(c)) continue;
        std::uint32_t& seen = seen_[static_cast<std::size_t>(position + c)];
        count_ += seen != generation_;
        seen = generation_;
      }
    }
  }
}

}  // namespace dovetail

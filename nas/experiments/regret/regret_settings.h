#pragma once

#include <string>

namespace dovetail {

/// What is searched for among all pairs.
struct RegretSettings {
  double max_area_mm2 = 10;        // constraint
  double target_latency_ms = 0.2;  // of the reward
  std::string reward = "nahas_hard";
  bool area_known = false;  // strategies may ask for the area before they ask for a candidate
  double reference_top1_percent = 88;  // of the hypervolume
  double reference_latency_ms = 0.5;
};

}  // namespace dovetail

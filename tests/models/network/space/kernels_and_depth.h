#pragma once

#include "models/network/space/network_space.h"

namespace dovetail {

/// Two kernels, an activation (which has no order) and a depth; the second kernel has no effect at
/// depth 1.
inline NetworkSpace kernels_and_depth() {
  return NetworkSpace::parse(R"(schema: dovetail.network_space/1
name: kernels_and_depth
input: {height: 32, width: 32, channels: 3}
decisions:
  - {name: k0, choices: [3, 5, 7]}
  - {name: k1, choices: [3, 5]}
  - {name: act, choices: [relu, relu6, swish]}
  - {name: d, choices: [1, 2]}
blocks:
  - conv k=3 s=2 c=16 act=$act
  - mb k=$k0 e=4 c=16 act=relu
  - mb k=$k1 e=4 c=16 act=relu when $d >= 2
  - pool
  - fc c=10
)",
                             "kernels_and_depth.yaml");
}

}  // namespace dovetail

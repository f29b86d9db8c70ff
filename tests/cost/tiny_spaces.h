#pragma once

#include "tests/base/files/test_files.h"

namespace dovetail {

/// Writes net.yaml and hw.yaml: 63 networks on 32x32 pixels (nine of them with a block left out)
/// and 48 accelerators, which are simulated in no time.
inline void write_tiny_spaces(const TemporaryFolder& folder) {
  folder.write("net.yaml", R"(schema: dovetail.network_space/1
name: tiny
input: {height: 32, width: 32, channels: 3}
decisions:
  - {name: k0, choices: [3, 5, 7]}
  - {name: e0, choices: [2, 4, 6]}
  - {name: k1, choices: [3, 5]}
  - {name: e1, choices: [2, 4, 6]}
  - {name: d, choices: [1, 2]}
blocks:
  - conv k=3 s=2 c=16 act=relu
  - mb k=$k0 s=2 e=$e0 c=24 act=relu
  - mb k=$k1 s=2 e=$e1 c=32 act=relu when $d >= 2
  - pool
  - fc c=10
)");
  folder.write("hw.yaml", R"(schema: dovetail.design_space/1
name: tiny_edge
base: nahas_baseline_streamed
decisions:
  - {name: pes_x, choices: [1, 2, 4]}
  - {name: pes_y, choices: [2, 4]}
  - {name: simd_units, choices: [16, 64]}
  - {name: local_memory_mib, choices: [0.5, 2]}
  - {name: compute_lanes, choices: [2, 4]}
)");
}

}  // namespace dovetail

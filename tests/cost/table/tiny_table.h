#pragma once

namespace dovetail {

/// 9 points, 7 networks: one block alone is the same network before and after an identity.
inline constexpr const char* kTinyTableNetworks =
    "schema: dovetail.network_space/1\n"
    "name: tiny\n"
    "input: {height: 16, width: 16, channels: 8}\n"
    "defaults: act=relu\n"
    "decisions:\n"
    "  - {name: a, choices: [none, narrow, wide]}\n"
    "  - {name: b, choices: [none, narrow, wide]}\n"
    "blocks:\n"
    "  - conv k=3 c=16 name=stem\n"
    "  - mb k=3 e=2 c=16 when $a == narrow\n"
    "  - mb k=5 e=6 c=16 when $a == wide\n"
    "  - mb k=3 e=2 c=16 when $b == narrow\n"
    "  - mb k=5 e=6 c=16 when $b == wide\n"
    "  - pool\n"
    "  - fc c=10\n";
inline constexpr const char* kTinyTableAccelerators =
    "schema: dovetail.design_space/1\n"
    "name: tiny\n"
    "base: nahas_baseline\n"
    "decisions:\n"
    "  - {name: pes_x, choices: [1, 2, 4]}\n"
    "  - {name: register_file_kib, choices: [0.25, 8]}\n";

}  // namespace dovetail

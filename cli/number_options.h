#pragma once

namespace CLI {
class Option;
}

namespace dovetail {

/// Lets an option take finite numbers above 0 alone. CLI11's own checks let nan pass, which
/// compares with nothing.
CLI::Option* allow_positive(CLI::Option* option);

}  // namespace dovetail

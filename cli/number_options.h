#pragma once

namespace CLI {
class Option;
}

namespace dovetail {

/// Lets an option take finite numbers above 0 alone. CLI11's own checks let nan pass, which
/// compares with nothing.
CLI::Option* allow_positive(CLI::Option* option);

/// Lets an option take the seeds that a study file may have, each once.
CLI::Option* allow_study_seeds(CLI::Option* option);

}  // namespace dovetail

#pragma once

#include <string>

#include "nas/experiments/gradient/lambda_bench.h"

namespace dovetail {

/// A row a target and method, and a row a target and length: means and deviations over the seeds.
std::string tunings_table(const LambdaBenchOptions& options, const LambdaBench& bench);
std::string short_searches_table(const LambdaBench& bench);
/// A row a search of a tuning, schema dovetail.lambda_tuning/1.
std::string lambda_tuning_csv(const LambdaBenchOptions& options, const LambdaBench& bench);
/// A row a target, length and seed, schema dovetail.lambda_lengths/1.
std::string lambda_lengths_csv(const LambdaBench& bench);

}  // namespace dovetail

#pragma once

namespace dovetail {

/// Of a standard normal variable.
double normal_density(double x);
double normal_distribution(double x);

/// E[max(0, limit - Y)]: by how much a figure is expected to stay below a limit. Y is normal with
/// this mean and deviation, or, if `logarithmic`, its logarithm is. 0 for a limit of -infinity.
double expected_shortfall(double limit, double mean, double deviation, bool logarithmic);

}  // namespace dovetail

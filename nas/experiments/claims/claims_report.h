#pragma once

#include <string>

#include "nas/experiments/claims/claims.h"

namespace dovetail {

/// A row a search: schema dovetail.claims/2.
std::string claims_csv(const ClaimsResults& results);
/// A row a published network: schema dovetail.claims_networks/1.
std::string published_networks_csv(const ClaimsResults& results);
/// Accuracies and violations by variant, what the searches say of each claim beside the paper's
/// figures, the hardware of the best designs, and published networks on the baseline.
std::string claims_text(const ClaimsResults& results);

}  // namespace dovetail

#pragma once

#include <string>
#include <vector>

#include "nas/experiments/claims/claims.h"

namespace dovetail {

/// A row a search: schema dovetail.claims/1.
std::string claims_csv(const std::vector<ClaimsSearch>& searches);
/// A row a target, and what it says of each claim beside the paper's figures.
std::string claims_text(const std::vector<ClaimsSearch>& searches);

}  // namespace dovetail

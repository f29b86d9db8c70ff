#pragma once

#include <memory>

#include "cost/surrogate/net/relaxed_surrogate.h"
#include "nas/experiments/gradient/differentiable_costs.h"
#include "nas/space/search_space.h"

namespace dovetail {

/// Costs by the gradient of a surrogate by its inputs; `space` must outlive them. Throws InputError
/// if the surrogate is of other spaces, or was fine-tuned.
std::unique_ptr<DifferentiableCosts> surrogate_gradient_costs(
    const SearchSpace& space, std::shared_ptr<const Surrogate> surrogate);

}  // namespace dovetail

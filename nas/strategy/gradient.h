#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Search by gradients over relaxed choices of networks and hardware, for a strategy that sees
/// outcomes only. A pair-product predictor of each figure is fitted to what was told
/// (nas/strategy/pair_models.h); its mean over independent choices is exact, so the expected loss
/// -- a weighted sum of the objectives, costs as logarithms, plus what the limits are expected to
/// be exceeded by -- has an exact gradient, down which one of the relaxations goes
/// (nas/strategy/relaxed_choices.h). Asked for are the likeliest choices of the distribution
/// reached, and samples of it. Each such search has weights of its own, uniform on the simplex: the
/// lambda of DARTS-like searches (-accuracy + lambda log latency; thesis, equation 5.7), drawn
/// anew, so that together they look for a front.
///
/// A reading: where the literature has gradients, the loss is that of weights under training.
std::unique_ptr<Strategy> make_gradient(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail

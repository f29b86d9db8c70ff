#pragma once

#include <string>

#include "sim/explanation/pair_explanation.h"

namespace dovetail {

/// Schema dovetail.explanation/1: the pair, what bounds it (`bound`), what else worked
/// (`resources`) and the neighbours (`steps`). Changes are those of the layer, if it is about one.
std::string explanation_json(const PairExplanation& explanation);
/// Schema dovetail.explanation_steps/1: one row a neighbour.
std::string explanation_csv(const PairExplanation& explanation);

}  // namespace dovetail

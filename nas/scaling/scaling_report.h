#pragma once

#include <span>
#include <string>

#include "models/accuracy/family/network_family.h"
#include "nas/scaling/scaling_comparison.h"

namespace dovetail {

/// The steps of the joint way, one a row, and where the accuracies come from.
std::string scaling_path_table(const ScalingComparison& comparison, const ScalableNetwork& network);

/// What each way comes to within each budget.
std::string scaling_answers_table(const ScalingComparison& comparison);

/// How accuracies of the family are found, and how well: a few lines.
std::string family_text(const NetworkFamily& family);

/// Schema dovetail.scaling/1: one row a step of a way on an accelerator.
std::string scaling_csv(std::span<const ScalingComparison> comparisons,
                        const ScalableNetwork& network, const NetworkFamily& family);

/// The name of the scaled network: "mobilenetv2_0.5_160-scaled".
std::string scaled_name(const ScalableNetwork& network);

}  // namespace dovetail

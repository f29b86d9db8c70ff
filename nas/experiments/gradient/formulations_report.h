#pragma once

#include <string>
#include <vector>

#include "nas/experiments/gradient/formulations.h"

namespace dovetail {

/// A row a target and relaxation: means and deviations over the seeds.
std::string formulations_table(const std::vector<FormulationRun>& runs);

/// A row a run, schema dovetail.gradient/1.
std::string formulations_csv(const GradientProblem& problem, const DifferentiableCosts& costs,
                             const FormulationsOptions& options,
                             const std::vector<FormulationRun>& runs);

}  // namespace dovetail

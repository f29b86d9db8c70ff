#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/validation/surrogate_errors.h"
#include "cost/surrogate/validation/uncertainty.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "sim/simulator.h"

namespace dovetail {

/// Some of the pairs, and the errors on them.
struct ErrorRegion {
  std::string name;               // "small networks"
  std::string definition;         // "at most 214 million MACs"
  std::vector<std::size_t> rows;  // feasible and infeasible
  SurrogateErrors errors;
};

/// A pair that is predicted badly, simulated again to see why.
struct WorstCase {
  std::size_t row = 0;
  std::string network;          // name
  std::string network_choices;  // of the active decisions: "ks0=3 e0=6 ..."
  std::string accelerator;      // name: "nahas_edge-12345"
  std::string hardware_choices;
  std::int64_t macs = 0;
  double simulated = 0, predicted = 0;  // in the unit of the cost
  double error_percent = 0;             // of the simulated value, with sign
  double spread_percent = 0;            // of the ensemble; NaN if there is one network
  double feasible_probability = 0;
  std::vector<std::string> regions;  // names of those it is in
  std::string bound;                 // what takes most of the cycles, see bound_of()
  double bound_share = 0;            // of the cycles
  // The accelerators one step of one decision away, with the same network:
  std::size_t steps = 0, infeasible_steps = 0;
  double error_around_percent = 0;  // median of the sizes of their errors; NaN if none is feasible
  std::string missed_step;          // whose change the model misses most: "pes_y 2 to 1"
  double missed_simulated_percent = 0;  // that change of the cost
  double missed_predicted_percent = 0;  // as the model has it
  /// The above in a sentence.
  std::string reason() const;
};

/// A surrogate compared with simulations that it has not seen.
struct Validation {
  std::vector<CostPrediction> predictions;  // of each row
  SurrogateErrors errors;
  std::vector<UncertaintyCalibration> uncertainty;
  /// Thirds of the pairs by the network's MACs and by the accelerator's peak MACs a cycle. If the
  /// model knows about feasibility, also the pairs near the border: those of which it says that one
  /// step of one hardware decision makes them infeasible, or feasible.
  std::vector<ErrorRegion> regions;
  /// For each of predicted_costs(): the pairs with the largest relative errors, worst first.
  std::vector<std::vector<WorstCase>> worst;
};

/// `data` has pairs of these spaces that the model was not trained on, labelled by `simulator`.
Validation validate_surrogate(const Surrogate& model, const Dataset& data,
                              const NetworkSpace& networks, const DesignSpace& accelerators,
                              Simulator& simulator, std::size_t worst = 10);

/// JSON objects, as text: regions, and the worst cases of each cost.
std::string regions_to_json_text(const Validation& validation, bool knows_feasibility);
std::string worst_to_json_text(const Validation& validation);
/// Simulated and predicted costs of the feasible pairs, for plots: schema dovetail.parity/1.
std::string parity_csv(const Dataset& data, const std::vector<CostPrediction>& predictions);

}  // namespace dovetail

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dovetail {

class RooflineBaseline;

/// How a surrogate is trained. docs/surrogate.md has the measurements behind the defaults.
struct TrainingOptions {
  std::uint64_t seed = 0;  // of the split, the start and the order of rows
  std::size_t epochs = 30;
  std::size_t ensemble = 1;  // networks, which differ by start and order of rows
  std::vector<std::size_t> hidden = {256, 256, 256};
  std::size_t batch = 128;
  double learning_rate = 5e-3;              // at the start; falls as half a cosine to ...
  double final_learning_rate_share = 0.01;  // ... this share of it
  double weight_decay = 0.3;                // decoupled, per step and unit of learning rate
  double dropout = 0;                       // of hidden units
  double latency_weight = 10;               // of the latency loss against the feasibility loss
  bool area_head = false;                   // learns the area, too, which is otherwise exact
  double energy_weight = 3;                 // of the energy loss, likewise
  double validation_fraction = 0.05;        // picks the epoch
  double held_out_fraction = 0.1;           // measures the error, after training
  /// Of the spaces of the data: costs are learned as ratios to it (the residual form). Null: as
  /// they are (the plain form).
  std::shared_ptr<const RooflineBaseline> baseline = {};

  /// Throws InputError naming the option out of range.
  void validate() const;
};

/// How many times the epochs few labels get: as many times as there are fewer than 20,000 (whole
/// times, at most ten), so that the training has as many steps rather than as many passes.
std::size_t epochs_factor(std::size_t labels);

/// JSON object with every option: the same text means the same training of the same data. The form
/// is there where it is not the plain one.
std::string to_json_text(const TrainingOptions& options);

}  // namespace dovetail

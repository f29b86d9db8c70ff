#pragma once

#include <memory>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/program/activity.h"
#include "sim/program/program.h"
#include "sim/program/trace.h"
#include "sim/tlm/data_path.h"

namespace dovetail {

/// The SystemC model, built once per process and reconfigured for every run (building it anew costs
/// thousands of times more). No SystemC type shows here: this header is what the rest of sim/ sees.
class Accelerator {
 public:
  /// The one model of this process.
  static Accelerator& instance();

  /// Executes the program; one breakdown a layer. Not reentrant. What happens is recorded in
  /// `trace`, if there is one, and moves and computes the data in `data`; neither changes a time.
  const std::vector<CycleBreakdown>& run(const AcceleratorConfig& accelerator,
                                         const Program& program, TraceRecorder* trace = nullptr,
                                         DataPath* data = nullptr);
  /// Of the last run, for each layer: bytes of its weights that were on their way or there before
  /// it was started. (A prefetch that is in the program as such is not among them.)
  const std::vector<std::int64_t>& loaded_ahead() const;

 private:
  Accelerator();
  ~Accelerator();
  struct Modules;
  std::unique_ptr<Modules> modules_;
};

}  // namespace dovetail

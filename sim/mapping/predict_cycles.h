#pragma once

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_schedule.h"

namespace dovetail {

/// Cycles from launch to the last output, by the recurrence that the SystemC model follows when the
/// layer has the chip to itself.
std::int64_t predict_cycles(const LayerSchedule& schedule, const AcceleratorConfig& accelerator);

}  // namespace dovetail

#pragma once

#include <optional>
#include <string>

#include "sim/calibration/calibration_fit.h"

namespace dovetail {

/// What a calibration found: figures with the accelerators as they are, and a fit if there is one.
struct CalibrationReport {
  Calibration calibration;
  CalibrationFigures presets;
  std::optional<CalibrationFit> fit;  // none if there are no parameters
};

/// Aligned tables for a terminal.
std::string calibration_text(const CalibrationReport& report);
/// The same as Markdown; opens with in_sample_markdown().
std::string calibration_markdown(const CalibrationReport& report);
/// Published against simulated with the accelerators as they are, by point and by group.
std::string in_sample_markdown(const Calibration& calibration, const CalibrationFigures& presets);
/// Schema dovetail.calibration_report/1.
std::string calibration_json(const CalibrationReport& report);

/// A document in which the lines between `<!-- dovetail calibrate -->` and
/// `<!-- end of dovetail calibrate -->` are replaced by `fragment`. Nothing if it does not have
/// both lines, in this order.
std::optional<std::string> with_calibration(const std::string& document,
                                            const std::string& fragment);

}  // namespace dovetail

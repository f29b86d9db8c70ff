#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Says nothing: for studies that are about costs alone, of networks with whatever accuracy.
AccuracySourceKind none_kind();
std::shared_ptr<AccuracySource> silent_accuracy();

}  // namespace dovetail

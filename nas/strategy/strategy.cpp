#include "nas/strategy/strategy.h"

namespace dovetail {

void Strategy::start_from(std::span<const Choices>, std::span<const Outcome>) {}

}  // namespace dovetail

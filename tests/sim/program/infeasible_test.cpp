#include "sim/program/infeasible.h"

#include <gtest/gtest.h>

#include "base/text/error.h"

namespace dovetail {
namespace {

TEST(InfeasibleReasons, StandAtTheirNumbersAndTheirNamesReadBack) {
  const auto reasons = infeasible_reasons();
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(reasons[i].reason), i);
    EXPECT_EQ(infeasible_reason(to_string(reasons[i].reason)), reasons[i].reason);
  }
  EXPECT_THROW(infeasible_reason("too_small"), InputError);
}

/// Data sets and explorations have these numbers and names in their files.
TEST(InfeasibleReasons, OfTheMapperKeepTheirNumbers) {
  const auto reasons = reasons_said_by({ReasonSource::kMapper});
  ASSERT_EQ(reasons.size(), 4U);
  const char* const names[] = {"none", "register_file_too_small", "local_memory_too_small",
                               "weights_do_not_fit"};
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(reasons[i]), i);
    EXPECT_EQ(to_string(reasons[i]), names[i]);
  }
  EXPECT_EQ(reasons_said_by({ReasonSource::kMapper, ReasonSource::kAreaLimit}).back(),
            InfeasibleReason::kOverMaxArea);
}

}  // namespace
}  // namespace dovetail

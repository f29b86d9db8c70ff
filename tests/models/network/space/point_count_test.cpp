#include "models/network/space/point_count.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <set>

#include "base/numbers/random.h"
#include "models/network/space/network_space.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

NetworkSpace space_of(const std::string& decisions, const std::string& lines) {
  return NetworkSpace::load(
      write_yaml("schema: dovetail.network_space/1\nname: count\n"
                 "input: {height: 8, width: 8, channels: 8}\ndefaults: act=relu\ndecisions:\n" +
                 decisions + "blocks:\n  - conv c=8\n" + lines));
}

std::size_t by_trying_all(const NetworkSpace& space) {
  std::set<Choices> canonical;
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    canonical.insert(space.canonical(space.decisions().from_index(i)));
  }
  return canonical.size();
}

TEST(PointCount, CountsWhatIsActive) {
  const std::string decisions =
      "  - {name: depth, choices: [1, 2, 3]}\n  - {name: k, choices: [3, 5]}\n"
      "  - {name: l, choices: [3, 5, 7]}\n  - {name: c, choices: [8, 16]}\n";
  const NetworkSpace space = space_of(
      decisions,
      "  - ds k=$k c=$c when $depth >= 2\n  - ds k=$l c=8 when $depth >= 3\n  - conv c=$c\n");
  EXPECT_EQ(space.canonical_points(), 2.0 * (1 + 2 + 2 * 3));  // c is active everywhere
}

/// Spaces whose lines read decisions, under conditions on decisions, as chance will have it.
TEST(PointCount, IsWhatTryingAllGives) {
  Rng rng(4);
  std::set<std::size_t> counts;
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = 2 + rng.index(5);
    std::string decisions, lines;
    for (std::size_t d = 0; d < size; ++d) {
      decisions += fmt::format("  - {{name: d{}, choices: [3, 5, 7]}}\n", d);
      lines += fmt::format("  - ds k=$d{} c=8", d);
      lines += rng.index(3) == 0 ? "\n" : fmt::format(" when $d{} >= 5\n", rng.index(size));
      if (rng.index(2) == 0) {
        lines += fmt::format("  - ds k=$d{} c=8 when $d{} == 7\n", d, rng.index(size));
      }
    }
    SCOPED_TRACE(decisions + lines);
    const NetworkSpace space = space_of(decisions, lines);
    ASSERT_EQ(space.canonical_points(), static_cast<double>(by_trying_all(space)));
    counts.insert(by_trying_all(space));
  }
  EXPECT_GT(counts.size(), 20U);
}

TEST(PointCount, GivesUpWhereConditionsAreEntangled) {
  std::string decisions = "  - {name: k, choices: [3, 5]}\n", lines;
  for (int d = 0; d < 30; ++d) {
    decisions += fmt::format("  - {{name: d{}, choices: [no, yes]}}\n", d);
    lines += fmt::format("  - ds k=$k c=8 when $d{} == yes\n", d);
  }
  EXPECT_EQ(space_of(decisions, lines).canonical_points(), std::nullopt);
}

}  // namespace
}  // namespace dovetail

#include "models/accuracy/measured/representatives.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

TEST(Representatives, AreOneForEachNetwork) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  const Representatives representatives(space);
  std::map<std::string, Choices> by_key;
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    const Choices choices = space.decisions().from_index(i);
    const Choices& first = representatives.of(choices);
    EXPECT_LE(first, choices);
    EXPECT_EQ(by_key.emplace(space.canonical_key(choices), first).first->second, first);
  }
  EXPECT_EQ(by_key.size(), 3969U);
  EXPECT_EQ(representatives.of({2, 2, 2, 1, 0, 2, 0, 2}), (Choices{2, 2, 2, 0, 1, 2, 0, 2}));
  EXPECT_THROW(representatives.of({2, 2}), InputError);
  EXPECT_THROW(representatives.of({9, 0, 0, 0, 0, 0, 0, 0}), InputError);
}

TEST(Representatives, OfALargeSpaceAreThePointsThemselves) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  Rng rng(1);
  const Choices choices = space.canonical(space.decisions().sample(rng));
  EXPECT_EQ(Representatives(space).of(choices), choices);
}

TEST(Representatives, DecisionsWithoutEffectStayAtTheirFirstChoice) {
  const NetworkSpace space = small_space();
  const Representatives representatives(space);
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    const Choices choices = space.canonical(space.decisions().from_index(i));
    EXPECT_EQ(representatives.of(choices), choices);
  }
}

}  // namespace
}  // namespace dovetail

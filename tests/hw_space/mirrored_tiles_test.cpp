#include "hw_space/mirrored_tiles.h"

#include <gtest/gtest.h>

#include <utility>

#include "base/files/paths.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

TEST(MirroredTiles, AreThoseWithTheSidesOfTheTileExchanged) {
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  const MirroredTiles tiles(space);
  std::uint64_t with_image = 0;
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    AcceleratorConfig chip = space.decode(space.decisions().from_index(i));
    const auto image = tiles.of(i);
    EXPECT_EQ(image.has_value(), chip.pes_x != chip.pes_y);
    if (!image) continue;
    ++with_image;
    std::swap(chip.pes_x, chip.pes_y);
    EXPECT_EQ(space.encode(chip), space.decisions().from_index(*image));
    EXPECT_EQ(tiles.of(*image), i);
  }
  EXPECT_EQ(with_image, 40'000U);  // 20 of 25 tiles
}

TEST(MirroredTiles, ThereIsNoneOutsideTheSpace) {
  const TemporaryFolder folder;
  const auto space = [&](const std::string& decisions) {
    return DesignSpace::load(folder.write("hw.yaml",
                                          "schema: dovetail.design_space/1\nname: hw\n"
                                          "base: nahas_baseline\ndecisions:\n" +
                                              decisions));
  };
  const DesignSpace other_sides =
      space("  - {name: pes_x, choices: [1, 2]}\n  - {name: pes_y, choices: [2, 4]}\n");
  const MirroredTiles tiles(other_sides);
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(tiles.of(i), std::nullopt);  // 2x2 is its own
  const DesignSpace one_side = space("  - {name: pes_x, choices: [1, 2, 4]}\n");
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(MirroredTiles(one_side).of(i), std::nullopt);
}

}  // namespace
}  // namespace dovetail

#include "nas/analysis/study_tables.h"

#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

TEST(AcceleratorSummary, SaysWhatASpaceDecidesBeyondThePublishedParameters) {
  const TemporaryFolder folder;
  const std::string head = "schema: dovetail.design_space/1\nname: s\nbase: nahas_baseline\n";
  const DesignSpace published = DesignSpace::load(
      folder.write("a.yaml", head + "decisions:\n  - {name: pes_x, choices: [2, 4]}\n"));
  const DesignSpace wide = DesignSpace::load(
      folder.write("b.yaml", head + "decisions:\n  - {name: weights, choices: [streamed, auto]}\n"
                                    "  - {name: pes_x, choices: [2, 4]}\n"
                                    "  - {name: simd_width, choices: [4, 8]}\n"));
  const std::string usual = "2x4 PEs, 4 lanes x 64 SIMD, 32 KiB RF, 2 MiB, 20 GB/s";
  EXPECT_EQ(accelerator_summary(published.decode({0}), &published), usual);
  EXPECT_EQ(accelerator_summary(wide.decode({0, 0, 1}), nullptr), usual);
  EXPECT_EQ(accelerator_summary(wide.decode({0, 0, 1}), &wide),
            usual + ", simd_width 8, weights streamed");
}

}  // namespace
}  // namespace dovetail

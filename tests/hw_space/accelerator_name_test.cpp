#include "hw_space/accelerator_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& name) {
  return message_of<InputError>([&] { find_accelerator(name); });
}

DesignSpace nahas_edge() {
  return DesignSpace::load(resolve_config("spaces", "nahas_edge"));
}

TEST(AcceleratorNameTest, APointHasTheNameThatTheSpaceGivesIt) {
  const DesignSpace space = nahas_edge();
  for (const std::uint64_t number : {0U, 3778U, 49999U}) {
    const AcceleratorConfig point = space.decode(space.decisions().from_index(number));
    EXPECT_EQ(find_accelerator(point.name), point);
  }
}

TEST(AcceleratorNameTest, ChoicesThatAreLeftOutAreThoseOfTheBase) {
  AcceleratorConfig expected = nahas_edge().base();
  expected.pes_x = 8;
  expected.io_bandwidth_gbps = 5;
  const AcceleratorConfig found = find_accelerator("nahas_edge:pes_x=8,io_bandwidth_gbps=5.0");
  expected.name = found.name;
  EXPECT_EQ(found, expected);
  EXPECT_EQ(find_accelerator(found.name), found);  // it has a number as well
}

TEST(AcceleratorNameTest, AnAcceleratorCanBeChangedInAnyParameter) {
  AcceleratorConfig expected =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  expected.pes_x = 3;  // no choice of nahas_edge
  expected.weights = WeightPolicy::kStreamed;
  expected.name = "nahas_baseline:pes_x=3,weights=streamed";
  EXPECT_EQ(find_accelerator(expected.name), expected);
}

TEST(AcceleratorNameTest, FilesCanBeNamedInTheSameWays) {
  const TemporaryFolder folder;
  const std::string file = folder.write("mine.yaml", nahas_edge().to_yaml()).string();
  const DesignSpace space = nahas_edge();
  EXPECT_EQ(find_accelerator(file + "-17"), space.decode(space.decisions().from_index(17)));
  EXPECT_EQ(find_accelerator("./mine.yaml:pes_x=1", folder.path()).pes_x, 1);
  const std::string chip = folder.write("a:b=c.yaml", space.base().to_yaml()).string();
  EXPECT_EQ(find_accelerator(chip), space.base());  // a file that is there is no point
}

TEST(AcceleratorNameTest, WhatIsWrongIsToldWithWhatIsAllowed) {
  EXPECT_THAT(error_of("nahas_edge"), HasSubstr("'nahas_edge-0' to 'nahas_edge-49999'"));
  EXPECT_THAT(error_of("nahas_edge-50000"), HasSubstr("allowed 0 to 49999"));
  EXPECT_THAT(error_of("nahas_edge:pes_x=5"), HasSubstr("found '5', allowed 1, 2, 4, 6, 8"));
  EXPECT_THAT(error_of("nahas_edge:pes=5"), HasSubstr("did you mean 'pes_x'?"));
  EXPECT_THAT(error_of("nahas_edge:pes_x=1,pes_x=2"), HasSubstr("'pes_x' twice"));
  EXPECT_THAT(error_of("nahas_edge:pes_x"), HasSubstr("'nahas_edge:pes_x'"));
  EXPECT_THAT(error_of("nahas_edge:pes_x=1,pes_y"), HasSubstr("allowed NAME=VALUE"));
  EXPECT_THAT(error_of("nahas_baseline:pes_x=99"), HasSubstr("an integer from 1 to 64"));
  EXPECT_THAT(error_of("nahas_baseline:pes_x=1\npes_y: 2"), HasSubstr("pes_x"));
  EXPECT_THAT(error_of("nahas_s2:k0=3"), HasSubstr("a space of networks"));
  EXPECT_THAT(error_of("nahas_basline"), HasSubstr("did you mean 'nahas_baseline'?"));
}

}  // namespace
}  // namespace dovetail

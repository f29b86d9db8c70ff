#include "hw_space/design_space.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

DesignSpace nahas_edge() {
  return DesignSpace::load(resolve_config("spaces", "nahas_edge"));
}

TEST(DesignSpaceTest, NahasEdgeIsThePublishedTable) {
  const DesignSpace space = nahas_edge();
  EXPECT_EQ(space.name(), "nahas_edge");
  EXPECT_EQ(space.base().name, "nahas_baseline");
  EXPECT_EQ(space.decisions().count(), 50000U);
  std::string table;
  for (const Decision& decision : space.decisions().decisions()) {
    table += decision.name;
    for (const double value : decision.values) table += fmt::format(" {}", value);
    table += "\n";
  }
  EXPECT_EQ(table,
            "pes_x 1 2 4 6 8\n"
            "pes_y 1 2 4 6 8\n"
            "simd_units 16 32 64 128\n"
            "compute_lanes 1 2 4 8\n"
            "register_file_kib 8 16 32 64 128\n"
            "local_memory_mib 0.5 1 2 3 4\n"
            "io_bandwidth_gbps 5 10 15 20 25\n");
}

TEST(DesignSpaceTest, TinyEdgeCanBeTriedCompletely) {
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", "tiny_edge"));
  EXPECT_EQ(space.decisions().count(), 4608U);
  EXPECT_EQ(space.base().clock_ghz, 0.2);
  EXPECT_EQ(space.base().layer_launch_cycles, 50);
}

TEST(DesignSpaceTest, EveryConfiguredSpaceLoadsAndHasTheBaseAmongItsPoints) {
  int spaces = 0;
  for (const std::string& name : list_configs("spaces")) {
    const auto file = resolve_config("spaces", name);
    if (read_file(file).find("schema: dovetail.design_space/") == std::string::npos) continue;
    const DesignSpace space = DesignSpace::load(file);
    EXPECT_EQ(space.name(), name);
    EXPECT_NO_THROW(space.encode(space.base())) << name;
    EXPECT_NO_THROW(space.decode(space.decisions().from_index(0)).validate()) << name;
    const std::uint64_t last = *space.decisions().count() - 1;
    EXPECT_NO_THROW(space.decode(space.decisions().from_index(last)).validate()) << name;
    ++spaces;
  }
  EXPECT_GE(spaces, 4);
}

TEST(DesignSpaceTest, EdgeFineIsNahasEdgeWithFinerLocalMemories) {
  const DesignSpace fine = DesignSpace::load(resolve_config("spaces", "edge_fine"));
  const DesignSpace published = nahas_edge();
  EXPECT_EQ(fine.base(), published.base());
  ASSERT_EQ(fine.decisions().size(), published.decisions().size());
  for (std::size_t d = 0; d < fine.decisions().size(); ++d) {
    const Decision& decision = fine.decisions()[d];
    EXPECT_EQ(decision.name, published.decisions()[d].name);
    EXPECT_EQ(decision.unit, published.decisions()[d].unit);
    if (decision.name == "local_memory_mib") {
      EXPECT_THAT(decision.values, testing::ElementsAre(0.125, 0.25, 0.375, 0.5, 1, 2, 4));
    } else {
      EXPECT_EQ(decision.choices, published.decisions()[d].choices);
    }
  }
}

TEST(DesignSpaceTest, IndexAndEncodingAreBijectionsOverAllPoints) {
  const DesignSpace space = nahas_edge();
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < 50000; ++i) {
    const Choices choices = space.decisions().from_index(i);
    ASSERT_EQ(space.decisions().index_of(choices), i);
    const AcceleratorConfig config = space.decode(choices);
    ASSERT_EQ(space.encode(config), choices);
    names.insert(config.name);
  }
  EXPECT_EQ(names.size(), 50000U);
  EXPECT_TRUE(names.contains("nahas_edge-12345"));
}

TEST(DesignSpaceTest, DecodesTheBaseline) {
  const DesignSpace space = nahas_edge();
  AcceleratorConfig config = space.decode(space.encode(space.base()));
  config.name = space.base().name;
  EXPECT_EQ(config, space.base());
}

TEST(DesignSpaceTest, RandomPointsAreValidHardware) {
  const DesignSpace space = nahas_edge();
  Rng rng(5);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_NO_THROW(space.decode(space.decisions().sample(rng)).validate());
  }
}

TEST(DesignSpaceTest, RefusesAConfigurationOutsideTheSpace) {
  const DesignSpace space = nahas_edge();
  AcceleratorConfig config = space.base();
  config.pes_x = 3;
  EXPECT_THAT(message_of<InputError>([&] { space.encode(config); }),
              HasSubstr("pes_x: found 3, allowed in 'nahas_edge': 1, 2, 4, 6, 8"));
  config = space.base();
  config.clock_ghz = 1;
  EXPECT_THAT(message_of<InputError>([&] { space.encode(config); }),
              HasSubstr("clock_ghz: found 1, allowed in 'nahas_edge': 0.8 as in 'nahas_baseline'"));
  config = space.base();
  config.weights = WeightPolicy::kCached;
  EXPECT_THAT(message_of<InputError>([&] { space.encode(config); }),
              HasSubstr("weights: found cached"));
}

class DesignSpaceFileTest : public testing::Test {
 protected:
  std::string error_of(const std::string& base, const std::string& decisions) {
    const auto file = folder_.write(
        "s.yaml", fmt::format("schema: dovetail.design_space/1\nname: s\nbase: {}\ndecisions:\n{}",
                              base, decisions));
    return message_of<InputError>([&] { DesignSpace::load(file); });
  }
  TemporaryFolder folder_;
};

TEST_F(DesignSpaceFileTest, RefusesBadDecisionsWithTheirPlace) {
  const std::string base = "nahas_baseline";
  EXPECT_THAT(error_of(base, "  - {name: simd_unit, choices: [1]}\n"),
              HasSubstr("s.yaml:5:12: decisions[0].name: unknown accelerator parameter "
                        "'simd_unit'; did you mean 'simd_units'?"));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: [1, 65]}\n"),
              HasSubstr("s.yaml:5:32: decisions[0].choices[1]: found '65', allowed an integer "
                        "from 1 to 64"));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: [1], repeat: 2}\n"),
              HasSubstr("repeat: an accelerator has each parameter once"));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: [1, 1.5]}\n"),
              HasSubstr("found '1.5', allowed an integer"));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: [few, many]}\n"),
              HasSubstr("found 'few', allowed an integer"));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: ['1', '2']}\n"),
              HasSubstr("found the quoted text '1', allowed an integer"));
  EXPECT_THAT(error_of(base, "  - {name: weights, choices: [auto, stremed]}\n"),
              HasSubstr("decisions[0].choices[1]: "));
  EXPECT_THAT(error_of(base, "  - {name: pes_x, choices: [1]}\nextra: 1\n"),
              HasSubstr("s.yaml:6:1: extra: unknown key"));
}

TEST_F(DesignSpaceFileTest, ADocumentFromElsewhereReadsNoFile) {
  folder_.write("mine.yaml", "schema: dovetail.accelerator/1\nname: mine\n");
  const auto error = [](const std::string& base) {
    return message_of<InputError>([&] {
      DesignSpace::parse("schema: dovetail.design_space/1\nname: s\nbase: " + base +
                             "\ndecisions:\n  - {name: pes_x, choices: [1]}\n",
                         "m.h5");
    });
  };
  for (const std::string& base :
       {std::string("nahas_baseline"), folder_.path().string() + "/mine.yaml",
        std::string("/dev/stdin")}) {
    EXPECT_THAT(error(base), HasSubstr("m.h5:3:7: base: found the name of an accelerator"));
  }
}

TEST_F(DesignSpaceFileTest, AsADocumentItNeedsNoOtherFile) {
  folder_.write("mine.yaml",
                "schema: dovetail.accelerator/1\nname: \"my own: 1\"\nio_bandwidth_gbps: 0.3\n");
  folder_.write("s.yaml",
                "schema: dovetail.design_space/1\nname: s\nbase: mine.yaml\ndecisions:\n"
                "  - {name: register_file_kib, unit: KiB per lane, choices: [0.5, 1e1, 32]}\n"
                "  - {name: pes_x, choices: [2]}\n");
  for (const DesignSpace& space : {DesignSpace::load(folder_.path() / "s.yaml"), nahas_edge()}) {
    const DesignSpace again = DesignSpace::parse(space.to_yaml(), "text");
    EXPECT_EQ(again.name(), space.name());
    EXPECT_EQ(again.base(), space.base());
    EXPECT_EQ(again.to_yaml(), space.to_yaml());
    ASSERT_EQ(again.decisions().size(), space.decisions().size());
    for (std::size_t i = 0; i < space.decisions().size(); ++i) {
      EXPECT_EQ(again.decisions()[i].name, space.decisions()[i].name);
      EXPECT_EQ(again.decisions()[i].unit, space.decisions()[i].unit);
      EXPECT_EQ(again.decisions()[i].choices, space.decisions()[i].choices);
      EXPECT_EQ(again.decisions()[i].values, space.decisions()[i].values);
    }
  }
}

TEST_F(DesignSpaceFileTest, TheBaseIsANameOrAPathFromTheFile) {
  const std::string decisions = "  - {name: pes_x, choices: [1, 2]}\n";
  EXPECT_THAT(error_of("nahas_baselin", decisions),
              HasSubstr("s.yaml:3:7: base: unknown name in configs/accelerators 'nahas_baselin'; "
                        "did you mean 'nahas_baseline'?"));
  EXPECT_THAT(error_of("mine.yaml", decisions), HasSubstr("s.yaml:3:7: base: "));
  folder_.write("mine.yaml", "schema: dovetail.accelerator/1\nname: mine\nsimd_units: 16\n");
  const DesignSpace space = DesignSpace::load(folder_.path() / "s.yaml");
  EXPECT_EQ(space.base().name, "mine");
  const AcceleratorConfig config = space.decode({1});
  EXPECT_EQ(config.simd_units, 16);
  EXPECT_EQ(config.pes_x, 2);
  EXPECT_EQ(config.name, "s-1");
}

TEST_F(DesignSpaceFileTest, AChoiceAmongNamesIsADecisionWithoutAnOrder) {
  const auto file = folder_.write(
      "s.yaml",
      "schema: dovetail.design_space/1\nname: s\nbase: nahas_baseline\ndecisions:\n"
      "  - {name: pes_x, choices: [2, 4]}\n  - {name: weights, choices: [streamed, auto]}\n");
  const DesignSpace space = DesignSpace::load(file);
  EXPECT_TRUE(space.decisions()[0].ordered());
  EXPECT_FALSE(space.decisions()[1].ordered());
  EXPECT_EQ(space.decode({1, 0}).weights, WeightPolicy::kStreamed);
  EXPECT_EQ(space.decode({1, 1}).weights, WeightPolicy::kAuto);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Choices choices = space.decisions().from_index(i);
    EXPECT_EQ(space.encode(space.decode(choices)), choices);
  }
  AcceleratorConfig config = space.base();
  config.weights = WeightPolicy::kCached;
  EXPECT_THAT(message_of<InputError>([&] { space.encode(config); }),
              HasSubstr("weights: found cached, allowed in 's': streamed, auto"));
}

}  // namespace
}  // namespace dovetail

// Area and energy as a user meets them: the area command, simulate's energies, and their plots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class CostCommands : public testing::Test {
 protected:
  json write(std::vector<std::string> args, const std::string& file) const {
    args.insert(args.end(), {"--json", file});
    const CommandResult result = dovetail_.run(args);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(files_.read(file));
  }
  std::string draw(const std::string& kind, const std::string& file) const {
    const CommandResult result = dovetail_.run({"plot", kind, file, "-o", "out.svg"});
    EXPECT_EQ(result.status, 0) << result.err;
    return files_.read("out.svg");
  }
  std::string refusal(const std::string& kind, const std::string& content) const {
    files_.write("bad.json", content);
    const CommandResult result = dovetail_.run({"plot", kind, "bad.json", "-o", "refused.svg"});
    EXPECT_EQ(result.status, 2);
    EXPECT_FALSE(std::filesystem::exists(dovetail_.path("refused.svg")));
    return result.err;
  }

  const CommandRunner dovetail_;
  const TemporaryFolder& files_ = dovetail_.folder();
};

TEST_F(CostCommands, AreaAndLeakageAddUp) {
  const json area = write({"area", "-a", "nahas_baseline"}, "area.json");
  double mm2 = 0, mw = 0;
  for (const auto& [name, value] : area["components_mm2"].items()) {
    mm2 += value.get<double>();
    mw += area["components_leakage_mw"].at(name).get<double>();
  }
  EXPECT_NEAR(mm2, area["area_mm2"].get<double>(), 1e-9);
  EXPECT_NEAR(mw, area["leakage_mw"].get<double>(), 1e-9);
  EXPECT_EQ(area["technology"], "16nm");
  EXPECT_EQ(area["events_pj"]["dram_byte"], 64);
}

TEST_F(CostCommands, TheTableSaysWhatIsNotInIt) {
  const CommandResult result = dovetail_.run({"area", "-a", "tpu_v1", "--technology", "28nm"});
  EXPECT_EQ(result.status, 0);
  for (const char* text : {"tpu_v1 at 28nm", "leakage mW", "local_memory", "total",
                           "Not included: pads and transceivers of the IO port, 33.1 mm2",
                           "Memory outside: 326.4 mW of background power"}) {
    EXPECT_THAT(result.out, HasSubstr(text));
  }
  EXPECT_THAT(result.out, Not(HasSubstr("io_phy")));
}

TEST_F(CostCommands, PadsAreAComponentWhereTheyCount) {
  const json beside = write({"area", "-a", "coral_usb"}, "area.json");
  const std::string coral = read_file(resolve_config("accelerators", "coral_usb"));
  const std::string chip = files_.write("chip.yaml", coral + "io_phy_area: included\n");
  const CommandResult result = dovetail_.run({"area", "-a", chip});
  EXPECT_THAT(result.out, HasSubstr("io_phy           0.094"));
  EXPECT_THAT(result.out, Not(HasSubstr("Not included")));
  const json in = write({"area", "-a", chip}, "in.json");
  EXPECT_EQ(in["components_mm2"]["io_phy"], beside["io_phy_mm2"]);
  EXPECT_NEAR(in["area_mm2"].get<double>(),
              beside["area_mm2"].get<double>() + beside["io_phy_mm2"].get<double>(), 1e-9);
  EXPECT_THAT(draw("area", "in.json"), HasSubstr("io phy"));
  EXPECT_THAT(draw("area", "area.json"), Not(HasSubstr("io phy")));
}

TEST_F(CostCommands, SimulatedEnergiesAddUpOverPartsAndLayers) {
  const json run =
      write({"simulate", "-q", "-n", "mobilenet_v2", "-a", "nahas_baseline"}, "run.json");
  const char* parts[] = {"macs_mj",         "vector_units_mj", "register_files_mj",
                         "local_memory_mj", "interconnect_mj", "io_mj",
                         "clock_mj",        "leakage_mj",      "dram_mj"};
  const double whole = run["energy_mj"].get<double>();
  double of_parts = 0, of_layers = 0;
  for (const char* part : parts) {
    const double mj = run[part].get<double>();
    double layers = 0;
    for (const json& layer : run["layers"]) layers += layer[part].get<double>();
    EXPECT_GT(mj, 0) << part;
    EXPECT_NEAR(layers, mj, 1e-9 * whole) << part;
    of_parts += mj;
  }
  for (const json& layer : run["layers"]) of_layers += layer["energy_mj"].get<double>();
  EXPECT_NEAR(of_parts, whole, 1e-9 * whole);
  EXPECT_NEAR(of_layers, whole, 1e-9 * whole);
  const double on_chip = run["energy_on_chip_mj"].get<double>();
  const double latency_ms = run["latency_ms"].get<double>();
  EXPECT_NEAR(on_chip, whole - run["dram_mj"].get<double>(), 1e-9);
  EXPECT_NEAR(run["average_power_on_chip_mw"].get<double>(), 1000 * on_chip / latency_ms, 1e-6);
  EXPECT_NEAR(run["energy_delay_product_mj_ms"].get<double>(), whole * latency_ms, 1e-9);
}

TEST_F(CostCommands, AFrameRateAddsLeakageOfTheRestOfThePeriod) {
  const std::vector<std::string> simulate = {
      "simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--summary", "--json", "run.json"};
  const auto at = [&](const std::string& per_s) {
    std::vector<std::string> args = simulate;
    args.insert(args.end(), {"--rate", per_s});
    return dovetail_.run(args);
  };
  const double leakage_mw =
      write({"area", "-q", "-a", "nahas_baseline"}, "area.json")["leakage_mw"].get<double>();
  const CommandResult kept = at("30");
  EXPECT_EQ(kept.status, 0) << kept.err;
  EXPECT_THAT(kept.out, HasSubstr("at 30 frames/s: "));
  const json run = json::parse(files_.read("run.json"));
  const double idle_ms = 1000.0 / 30 - run["latency_ms"].get<double>();
  EXPECT_NEAR(run["rate"]["energy_mj"].get<double>(),
              run["energy_mj"].get<double>() + leakage_mw * idle_ms / 1000, 1e-9);
  EXPECT_NEAR(run["rate"]["average_power_mw"].get<double>(),
              30 * run["rate"]["energy_mj"].get<double>(), 1e-9);

  const CommandResult beyond = at("1e6");
  EXPECT_EQ(beyond.status, 0) << beyond.err;
  EXPECT_THAT(beyond.out, HasSubstr("at 1e+06 frames/s: infeasible, an inference takes "));
  EXPECT_EQ(json::parse(files_.read("run.json"))["rate"]["feasible"], false);

  for (const char* bad : {"0", "-30", "nan", "1e10", "often"}) {
    const CommandResult refused = at(bad);
    EXPECT_EQ(refused.status, 2) << bad;
    EXPECT_EQ(refused.out, "") << bad;
    EXPECT_THAT(refused.err, HasSubstr("--rate"));
  }
}

// One line of a technology file says how warm the chip is: leakage follows in all commands, and
// nothing else does.
TEST_F(CostCommands, AWarmerChipLeaksMore) {
  std::string text = read_file(resolve_config("technology", "16nm"));
  const std::size_t line = text.find("\ntemperature_c: 85");
  ASSERT_NE(line, std::string::npos);
  files_.write("warm.yaml", text.replace(line, 18, "\ntemperature_c: 100"));
  const auto run = [&](const std::string& technology) {
    return write({"simulate", "-q", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--technology",
                  technology},
                 "run.json");
  };
  const json given = run("16nm"), warm = run("./warm.yaml");
  EXPECT_EQ(warm["temperature_c"], 100);
  EXPECT_DOUBLE_EQ(warm["leakage_mj"].get<double>(), 2 * given["leakage_mj"].get<double>());
  for (const char* key : {"cycles", "area_mm2", "macs_mj", "clock_mj", "dram_mj"}) {
    EXPECT_EQ(warm[key], given[key]) << key;
  }
  EXPECT_THAT(dovetail_.run({"area", "-a", "nahas_baseline", "--technology", "./warm.yaml"}).out,
              HasSubstr("leakage at 100 C"));
}

TEST_F(CostCommands, ANewerNodeTakesLessEnergy) {
  double before = 1e9;
  for (const char* node : {"28nm", "16nm", "7nm"}) {
    const json run =
        write({"simulate", "-q", "-n", "resnet_50", "-a", "nvdla_2048", "--technology", node},
              "run.json");
    EXPECT_EQ(run["technology"], node);
    EXPECT_LT(run["energy_on_chip_mj"].get<double>(), before) << node;
    before = run["energy_on_chip_mj"].get<double>();
  }
}

TEST_F(CostCommands, AreaIsDrawn) {
  write({"area", "-q", "-a", "nahas_baseline"}, "area.json");
  const std::string svg = draw("area", "area.json");
  for (const char* text :
       {"local memory", "sequencer", "area [mm", "leakage [mW]", "nahas_baseline at 16nm"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(refusal("area", "{}"), HasSubstr("bad.json: not of schema dovetail.area/2"));
  EXPECT_THAT(refusal("area", "no json"), HasSubstr("bad.json"));
  EXPECT_THAT(refusal("area", R"({"schema": "dovetail.area/2"})"),
              HasSubstr("components_leakage_mw"));
}

TEST_F(CostCommands, EnergyIsDrawn) {
  json run = write({"simulate", "-q", "-n", "mobilenet_v2", "-a", "nahas_baseline"}, "run.json");
  const std::string svg = draw("energy", "run.json");
  for (const char* text :
       {"blocks.3.dw", "energy [", "register files (", "leakage (", "dram (", "mJ on the chip"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  run["layers"][3].erase("clock_mj");
  EXPECT_THAT(refusal("energy", run.dump()), HasSubstr("clock_mj: found null"));
}

}  // namespace
}  // namespace dovetail::test

// What is exported as ONNX and read again costs the same: the bytes of the file go through the
// whole importer, and both networks through the simulator.

#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_writer.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

class OnnxRoundTripCost : public testing::Test {
 protected:
  void expect_same_cost(const Network& network) {
    const Network read = parse_onnx(onnx_bytes(export_graph(network), "weights"), "file");
    EXPECT_EQ(read.name(), network.name());
    EXPECT_EQ(read.macs(), network.macs());
    EXPECT_EQ(read.parameters(), network.parameters());
    const SimulationResult before = simulator_.run(network, accelerator_);
    const SimulationResult after = simulator_.run(read, accelerator_);
    ASSERT_TRUE(before.feasible()) << before.reason_text;
    ASSERT_TRUE(after.feasible()) << after.reason_text;
    EXPECT_GT(before.cycles, 0);
    EXPECT_EQ(after.cycles, before.cycles);
    EXPECT_EQ(after.energy.total(), before.energy.total());
    ASSERT_EQ(after.layers.size(), before.layers.size());
    for (std::size_t i = 0; i < before.layers.size(); ++i) {
      EXPECT_EQ(after.layers[i].name, before.layers[i].name);
      EXPECT_EQ(after.layers[i].cycles, before.layers[i].cycles) << before.layers[i].name;
    }
  }

 private:
  Simulator simulator_;
  AcceleratorConfig accelerator_ =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
};

TEST_F(OnnxRoundTripCost, OfTheWholeZoo) {
  int networks = 0;
  for (const ZooEntry& entry : list_zoo()) {
    SCOPED_TRACE(entry.name);
    expect_same_cost(load_network(entry.file));
    ++networks;
  }
  EXPECT_GE(networks, 101);
}

TEST_F(OnnxRoundTripCost, Of200NetworksOfEverySpace) {
  int spaces = 0;
  for (const std::string& name : list_configs("spaces")) {
    const std::filesystem::path file = resolve_config("spaces", name);
    if (read_file(file).find("schema: dovetail.network_space/") == std::string::npos) continue;
    const NetworkSpace space = NetworkSpace::load(file);
    Rng rng(20, static_cast<std::uint64_t>(spaces++));
    for (int i = 0; i < 200 && !HasFailure(); ++i) {
      SCOPED_TRACE(name + " " + std::to_string(i));
      expect_same_cost(space.build(space.decisions().sample(rng)));
    }
  }
  EXPECT_GE(spaces, 5);
}

}  // namespace
}  // namespace dovetail

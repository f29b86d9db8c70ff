// When shared resources are done, request by request, with numbers worked out by hand.

#include <gtest/gtest.h>

#include "sim/timing/dma_timing.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/timing/io_port_timing.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/timing/tile_timing.h"

namespace dovetail {
namespace {

AcceleratorConfig slow_chip() {
  AcceleratorConfig chip;
  chip.clock_ghz = 1;
  chip.io_bandwidth_gbps = 10;
  chip.io_latency_cycles = 5;
  chip.broadcast_bytes_per_cycle = 20;
  chip.link_bytes_per_pe_cycle = 4;
  chip.interconnect_hop_cycles = 3;
  chip.compute_lanes = 2;
  chip.local_memory_bytes_per_pe_cycle = 16;
  chip.tile_issue_cycles = 7;
  return chip;
}

TEST(TimingRules, TheIoPortServesOneTransferAfterAnotherBehindALatency) {
  IoPortTiming port(slow_chip());
  EXPECT_EQ(port.pass(0, 95).begin, 5);  // done at 15
  const Occupation second = port.pass(2, 10);
  EXPECT_EQ(second.begin, 15);
  EXPECT_EQ(second.done, 16);
  EXPECT_EQ(port.pass(100, 1).done, 106);
  EXPECT_EQ(port.least_cycles(95), 14.5);
  EXPECT_EQ(port.least_cycles(0), 0);
}

TEST(TimingRules, TheInterconnectBroadcastsOneCopyAndItsLinksWaitForTheBusiest) {
  InterconnectTiming interconnect(slow_chip());
  EXPECT_EQ(interconnect.move(0, {false, 100, 8}).done, 5);
  EXPECT_EQ(interconnect.move(0, {true, 100, 8}).done, 2);  // beside the broadcast
  EXPECT_EQ(interconnect.move(0, {false, 20, 20}).done, 6);
  EXPECT_EQ(interconnect.arrival(6, 9), 12);
  EXPECT_EQ(interconnect.arrival(6, 2), 9);
  EXPECT_EQ(interconnect.least_link_cycles(6), 1.5);
}

TEST(TimingRules, LocalMemoryIsFilledAndReadSideBySide) {
  LocalMemoryTiming memory(slow_chip());
  EXPECT_EQ(memory.fill(0, 33).done, 3);
  EXPECT_EQ(memory.read(1, 32).done, 3);
  EXPECT_EQ(memory.fill(0, 16).done, 4);
  EXPECT_EQ(memory.read_cycles(17), 2);
}

TEST(TimingRules, TwoTransfersAreInFlightAndCompleteInOrder) {
  DmaTiming dma;
  EXPECT_EQ(dma.free_at(), 0);
  EXPECT_EQ(dma.complete(50), 50);
  EXPECT_EQ(dma.free_at(), 0);
  EXPECT_EQ(dma.complete(20), 50);  // not before the one ahead of it
  EXPECT_EQ(dma.free_at(), 50);
  EXPECT_EQ(dma.complete(70), 70);
  EXPECT_EQ(dma.free_at(), 50);
}

TEST(TimingRules, ATileIsDoneWhenItsWorkAndItsOperandsAre) {
  const TileTiming tile(slow_chip());
  EXPECT_EQ(tile.issue_cycles(), 7);
  EXPECT_EQ(tile.cycles(10, 5, 8), 22);
  EXPECT_EQ(tile.cycles(10, 5, 40), 47);
}

}  // namespace
}  // namespace dovetail

#pragma once

#include <string>
#include <vector>

#include "base/numbers/random.h"
#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/functional/functional_model.h"

namespace dovetail::test {

/// The operators that the functional tests draw from; every case is about one of them.
inline constexpr int kOperatorCases = 16;
const char* operator_case_name(int operator_case);

/// A network of a few layers around one of the operator: its inputs come from the network's input
/// or from layers with layouts of their own, and its output may be read by another layer. Shapes,
/// strides, dilations, paddings, groups and activations are random; kernels need not be square.
Network random_operator_network(Rng& rng, int operator_case);

/// A point of nahas_edge, in most cases with so little local memory that tensors are cut into tiles
/// and spilled, and with a random weight policy.
AcceleratorConfig random_small_accelerator(Rng& rng);

/// A planned network with data to run on it.
struct FunctionalCase {
  Network network;
  AcceleratorConfig accelerator;
  Program program;
  QuantizedNetwork quantized;
  QuantizedTensor input, expected;

  /// Plans the network; an infeasible one leaves the program empty, and there is no data.
  FunctionalCase(Network n, const AcceleratorConfig& a, std::uint64_t seed);
  bool feasible() const { return !program.layers.empty(); }

  struct Outcome {
    QuantizedTensor output;
    FunctionalCounts counts;
    std::int64_t cycles = 0;
  };
  Outcome run() const;
  std::int64_t cycles_without_data() const;
};

/// True if the outcome is that of the reference, with each multiply-accumulate done once.
bool matches(const FunctionalCase& c, const FunctionalCase::Outcome& outcome);

/// The layers with their mappings, for messages.
std::string describe(const FunctionalCase& c);

}  // namespace dovetail::test

#include "tests/sim/random_cases.h"

#include "base/paths.h"
#include "hw_space/design_space.h"
#include "models/network/network_builder.h"

namespace dovetail::test {

AcceleratorConfig random_accelerator(Rng& rng) {
  static const DesignSpace space = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  return space.decode(space.decisions().sample(rng));
}

Network random_layer_network(Rng& rng) {
  const auto pick = [&](std::vector<int> from) { return from[rng.index(from.size())]; };
  const int size = pick({1, 4, 7, 14, 19, 28, 56, 112});
  const int channels = pick({3, 8, 16, 24, 40, 96, 160, 320, 960});
  const int kernel = pick({1, 3, 5, 7}), stride = pick({1, 2});
  const Activation activation = rng.index(2) == 0 ? Activation::kRelu : Activation::kSwish;
  NetworkBuilder builder("random", {size, size, channels});
  switch (rng.index(6)) {
    case 0:
      builder.conv("conv", kNetworkInput, pick({8, 24, 112, 1280}), kernel, stride, activation);
      break;
    case 1:
      builder.depthwise("depthwise", kNetworkInput, kernel, stride, activation);
      break;
    case 2:
      builder.fully_connected("fc", builder.global_average_pool("pool", kNetworkInput),
                              pick({10, 1000}), Activation::kNone);
      break;
    case 3:
      builder.pool("pool", OpType::kMaxPool, kNetworkInput, 3, 2);
      break;
    case 4: {
      const int a = builder.depthwise("a", kNetworkInput, kernel, 1, activation);
      builder.add("add", a, kNetworkInput);
      break;
    }
    default: {
      const int a = builder.conv("a", kNetworkInput, 64, 1, 1, activation);
      SqueezeExcite se;
      se.squeeze_channels = 16;
      builder.squeeze_excite(a, se);
      break;
    }
  }
  return builder.finish();
}

Network conv_network(TensorShape input, int channels, int kernel, int stride, int groups) {
  NetworkBuilder builder("conv", input);
  builder.conv("conv", kNetworkInput, channels, kernel, stride, Activation::kNone, groups);
  return builder.finish();
}

}  // namespace dovetail::test

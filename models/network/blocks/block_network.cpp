#include "models/network/blocks/block_network.h"

#include <fmt/core.h>

#include "base/files/yaml_reading.h"
#include "base/text/error.h"
#include "models/network/blocks/network_builder.h"

namespace dovetail {

Network BlockNetwork::build() const {
  NetworkBuilder builder(name, input);
  int at = kNetworkInput, number = 0;
  for (const Block& block : blocks) {
    const TensorShape& shape = builder.shape_of(at);
    const bool flat = shape.height == 1 && shape.width == 1;
    if (block.kind == BlockKind::kFullyConnected && !flat && !block.flatten) {
      throw InputError(fmt::format("network '{}': fc needs a 1x1 input and gets {}x{}", name,
                                   shape.height, shape.width));
    }
    at = append_block(builder, block, at, number);
  }
  Network network = builder.finish();
  network.published = published;
  return network;
}

std::string BlockNetwork::to_yaml() const {
  std::string text = fmt::format("schema: dovetail.network/1\nname: {}\n", yaml_scalar(name));
  text += fmt::format("input: {{height: {}, width: {}, channels: {}}}\nblocks:\n", input.height,
                      input.width, input.channels);
  for (const Block& block : blocks) {
    text += "  - ";
    append_text(text, block);
    text += '\n';
  }
  return text;
}

}  // namespace dovetail

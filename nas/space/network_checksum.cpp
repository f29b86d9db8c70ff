#include "nas/space/network_checksum.h"

#include <fmt/format.h>

#include "base/files/checksum.h"

namespace dovetail {
namespace {

/// Every layer with all that a simulation looks at.
std::string text_of_layers(const Network& network) {
  const auto shape = [](const TensorShape& s) {
    return fmt::format("{}x{}x{}", s.height, s.width, s.channels);
  };
  std::string text = shape(network.input());
  for (const Layer& l : network.layers()) {
    text += fmt::format(";{} {} {} {}", l.name, to_string(l.op), fmt::join(l.inputs, ","),
                        shape(l.input) + ">" + shape(l.output));
    text += fmt::format(" k{},{} s{},{} d{},{} p{},{},{},{} g{} {} {} {}", l.kernel_h, l.kernel_w,
                        l.stride_h, l.stride_w, l.dilation_h, l.dilation_w, l.pad_top, l.pad_left,
                        l.pad_bottom, l.pad_right, l.groups, to_string(l.activation), l.has_bias,
                        l.has_batch_norm);
    if (l.bits != Bits{}) {  // files written before there were others have no bits
      text += fmt::format(" b{},{},{}", l.bits.weight, l.bits.activation, l.bits.accumulator);
    }
  }
  return text;
}

}  // namespace

std::string layers_checksum(const Network& network) {
  return Checksum::of(text_of_layers(network));
}

std::string network_checksum(const Network& network) {
  const PublishedFigures& published = network.published;
  return Checksum::of(fmt::format("{}\n{:a} {}\n{}", network.name(),
                                  published.top1_percent.value_or(-1), published.source,
                                  text_of_layers(network)));
}

}  // namespace dovetail

#include "tests/fuzz/check_input.h"

#include <optional>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/yaml.h"
#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

/// What `call` returns, or nothing if it refuses its input.
template <typename Call>
auto accepted(Call call) -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (const InputError&) {
    return {};
  }
}

}  // namespace

void check_onnx(std::string_view content) {
  const auto network = accepted([&] { return parse_onnx(content, "input"); });
  if (!network) return;
  // a few forms of pooling can be read but not written
  const auto exported = accepted([&] { return export_graph(*network); });
  if (!exported) return;
  const Network again = import_graph(exported->graph, network->name()).network;
  if (again.layers() != network->layers() || again.input() != network->input()) {
    throw std::logic_error("what was written reads as another network");
  }
}

void check_network_yaml(std::string_view content) {
  const auto network =
      accepted([&] { return read_network(YamlNode::parse(std::string(content), "input")); });
  if (!network) return;
  if (network->macs() < 0 || network->parameters() < 0 || network->weight_bytes() < 0) {
    throw std::logic_error("a count is negative");
  }
}

}  // namespace dovetail

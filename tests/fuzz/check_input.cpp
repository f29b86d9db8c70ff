#include "tests/fuzz/check_input.h"

#include <optional>
#include <stdexcept>
#include <string>

#include "base/files/yaml.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/space/network_space.h"
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

void expect(bool holds, const char* otherwise) {
  if (!holds) throw std::logic_error(otherwise);
}

/// A point, one with the same active decisions, and its neighbours.
void check_point(const NetworkSpace& space, const Choices& choices, Rng& rng) {
  const auto network = accepted([&] { return space.build(choices); });
  if (!network) return;
  const DecisionSpace& decisions = space.decisions();
  const std::vector<bool> active = space.active(choices);
  Choices same = decisions.sample(rng);
  for (std::size_t i = 0; i < same.size(); ++i) {
    if (active[i]) same[i] = choices[i];
  }
  expect(space.canonical(same) == space.canonical(choices), "two canonical points of a network");
  expect(space.canonical_key(same) == space.canonical_key(choices), "two keys of a network");
  expect(space.build(same).layers() == network->layers(), "an inactive decision has an effect");
  expect(decisions.encode(decisions.decode(choices)) == choices, "a point reads as another");
  std::size_t built = 0;
  for (const Choices& other : space.neighbours(choices)) {
    if (++built > 3) break;
    const auto changed = accepted([&] { return space.build(other); });
    expect(!changed || changed->name() != network->name(), "a neighbour is the same network");
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

void check_space_yaml(std::string_view content) {
  const auto space = accepted([&] { return NetworkSpace::parse(std::string(content), "input"); });
  if (!space) return;
  Rng rng(1);
  for (int i = 0; i < 4; ++i) check_point(*space, space->decisions().sample(rng), rng);
}

}  // namespace dovetail

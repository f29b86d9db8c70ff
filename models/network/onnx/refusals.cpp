#include "models/network/onnx/refusals.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/text.h"

namespace dovetail {
namespace {

constexpr std::size_t kMostNames = 20, kMostGroups = 100, kMostReason = 500;

std::string clean(std::string text) {
  if (text.size() > kMostReason) text = text.substr(0, kMostReason) + "...";
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < ' ' || code == 127) c = '?';
  }
  return text;
}

}  // namespace

void Refusals::add(const OnnxNode& node, const std::string& reason) {
  ++nodes_;
  const std::string op = printable(node.full_operator()), why = clean(reason);
  auto group = std::ranges::find_if(
      groups_, [&](const Group& known) { return known.op == op && known.reason == why; });
  if (group == groups_.end()) {
    if (groups_.size() == kMostGroups) {
      ++further_;
      return;
    }
    group = groups_.insert(groups_.end(), {op, why, {}, 0});
  }
  ++group->count;
  if (group->names.size() < kMostNames)
    group->names.push_back("'" + printable(node.called()) + "'");
}

void Refusals::fail() const {
  const auto line = [](const Group& group) {
    std::string names = join(group.names);
    if (group.count > group.names.size()) {
      names += fmt::format(" and {} more", group.count - group.names.size());
    }
    return fmt::format("{} {} ({}): {}", group.count == 1 ? "node" : "nodes", names, group.op,
                       group.reason);
  };
  if (groups_.size() == 1) throw UnsupportedNodes(line(groups_[0]));
  std::string text = fmt::format("{} nodes are not supported:", nodes_);
  for (const Group& group : groups_) text += "\n  " + line(group);
  if (further_ > 0) text += fmt::format("\n  and {} nodes more, for other reasons", further_);
  throw UnsupportedNodes(text);
}

}  // namespace dovetail

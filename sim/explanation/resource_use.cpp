#include "sim/explanation/resource_use.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string_view>

#include "base/text/grouped.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using Events = std::span<const TraceEvent>;

/// What of some events lies in a window; an event that reaches beyond it counts in proportion.
struct Clipped {
  std::int64_t cycles = 0;
  double bytes = 0;

  void add(const TraceEvent& event, const CycleWindow& window) {
    const std::int64_t inside =
        std::min(event.end, window.end) - std::max(event.start, window.begin);
    if (inside <= 0) return;
    cycles += inside;
    bytes += static_cast<double>(event.bytes) * static_cast<double>(inside) /
             static_cast<double>(event.end - event.start);
  }
};

Clipped clipped(Events trace, TraceTrack track, std::string_view name, const CycleWindow& window) {
  Clipped sum;
  for (const TraceEvent& event : trace) {
    if (event.track == track && (name.empty() || name == event.name)) sum.add(event, window);
  }
  return sum;
}

/// A resource that carries bytes.
ResourceUse carrier(Events trace, TraceTrack track, const CycleWindow& window, const char* name,
                    const char* doing, double bytes_per_cycle) {
  const Clipped sum = clipped(trace, track, "", window);
  return {name, "B", doing, sum.bytes, bytes_per_cycle, sum.cycles};
}

std::string megabytes(double bytes) {
  if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.3g} KB", bytes / 1e3);
  return fmt::format("{:.2f} MB", bytes / 1e6);
}

/// What passes the IO port, for a sentence: weights whether fetched ahead or not.
std::string carried_by(std::string_view event) {
  if (event.find("weights") != std::string_view::npos) return "weights";
  if (event == "input") return "activations read";
  if (event == "output") return "activations written";
  return std::string(event);
}

/// "of weights" if there is nothing else, else "(1.28 MB of weights, 0.1 MB of activations read)".
std::string io_parts(Events trace, const CycleWindow& window) {
  std::map<std::string, Clipped> carried;
  for (const TraceEvent& event : trace) {
    if (event.track == TraceTrack::kIoPort) carried[carried_by(event.name)].add(event, window);
  }
  std::vector<std::pair<double, std::string>> parts;
  for (const auto& [what, sum] : carried) {
    if (sum.cycles > 0) parts.emplace_back(sum.bytes, what);
  }
  if (parts.size() == 1) return "of " + parts[0].second;
  std::sort(parts.rbegin(), parts.rend());
  std::vector<std::string> texts;
  for (const auto& [bytes, what] : parts) texts.push_back(megabytes(bytes) + " of " + what);
  return texts.empty() ? "" : "(" + join(texts) + ")";
}

/// Setting up layers and tiles, one after another.
ResourceUse sequencing(Events trace, const CycleWindow& window, const AcceleratorConfig& a) {
  ResourceUse use{"launch", "", "", 0, 0, 0};
  std::int64_t layers = 0, tiles = 0;
  for (const TraceEvent& event : trace) {
    const std::string_view name = event.name;
    const bool launch = event.track == TraceTrack::kSequencer && name == "launch";
    const bool issue = event.track == TraceTrack::kPeArray && name == "issue";
    if ((!launch && !issue) || event.start < window.begin || event.start >= window.end) continue;
    ++(launch ? layers : tiles);
    use.busy_cycles += event.end - event.start;
  }
  use.amount = static_cast<double>(layers + tiles);
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const char* what, int cycles) {
    if (count == 0) return;
    parts.push_back(fmt::format("{} {}{} of {} cycles", grouped(count), what, count == 1 ? "" : "s",
                                grouped(cycles)));
  };
  add(layers, "layer", a.layer_launch_cycles);
  add(tiles, "tile", a.tile_issue_cycles);
  use.doing = join(parts, " and ");
  return use;
}

std::string quantity(double amount, const std::string& unit) {
  if (unit == "B") return megabytes(amount);
  return amount < 1e6 ? fmt::format("{} {}", grouped(std::llround(amount)), unit)
                      : fmt::format("{:.1f} M {}", amount / 1e6, unit);
}

/// Of figures a cycle: as many digits as say something.
std::string rate_text(double rate) {
  return rate < 1000 ? fmt::format("{:.3g}", rate) : grouped(std::llround(rate));
}

}  // namespace

CycleWindow window_of_layer(Events trace, std::size_t index) {
  for (const TraceEvent& event : trace) {
    if (event.track == TraceTrack::kSequencer && *event.name == '\0' &&
        event.layer == static_cast<std::int32_t>(index)) {
      return {event.start, event.end};
    }
  }
  throw std::logic_error("window_of_layer: the trace does not have the layer");
}

std::vector<ResourceUse> resource_uses(Events trace, const CycleWindow& window,
                                       std::span<const LayerResult> layers,
                                       const AcceleratorConfig& a, double attainable) {
  const auto array = [&](const char* what) {
    return clipped(trace, TraceTrack::kPeArray, what, window).cycles;
  };
  std::int64_t macs = 0, elements = 0, pooling = 0;
  for (const LayerResult& layer : layers) {
    macs += layer.activity.macs;
    // Windows of pools slide on the lanes.
    (layer.breakdown.vector > 0 ? elements : pooling) += layer.activity.vector_ops;
  }
  std::vector<ResourceUse> uses = {
      {"lanes", macs > 0 ? "MACs" : "operations", "",
       static_cast<double>(macs > 0 ? macs : pooling), attainable, array("compute")},
      {"vector units", "elements", "", static_cast<double>(elements),
       a.pes() * a.vector_elements_per_pe_cycle(), array("vector unit")},
      carrier(trace, TraceTrack::kIoPort, window, "IO port", "", a.io_bytes_per_cycle()),
      carrier(trace, TraceTrack::kBroadcast, window, "broadcast", "to all PEs",
              a.broadcast_bytes_per_cycle),
      carrier(trace, TraceTrack::kLinks, window, "links between PEs", "into the busiest PE",
              a.link_bytes_per_pe_cycle),
      carrier(trace, TraceTrack::kLocalMemory, window, "local memory",
              "that lanes of the busiest PE read and write", a.local_memory_bytes_per_pe_cycle),
      sequencing(trace, window, a)};
  uses[2].doing = io_parts(trace, window);
  std::erase_if(uses, [](const ResourceUse& use) { return use.busy_cycles == 0; });
  std::stable_sort(uses.begin(), uses.end(), [](const ResourceUse& x, const ResourceUse& y) {
    return x.busy_cycles > y.busy_cycles;
  });
  return uses;
}

std::string amount_text(const ResourceUse& use) {
  if (use.unit.empty()) return use.doing;  // what is counted has no rate
  std::string text = quantity(use.amount, use.unit);
  if (!use.doing.empty()) text += " " + use.doing;
  const char* unit = use.unit == "B" ? " B" : "";
  text += fmt::format(" at {}{} a cycle", rate_text(use.per_cycle()), unit);
  if (use.per_cycle() < 0.99 * use.most_per_cycle) {
    text += fmt::format(" (of {} at most)", rate_text(use.most_per_cycle));
  }
  return text;
}

std::string bound_sentence(const ResourceUse& busiest, const CycleWindow& window) {
  const bool most = 2 * busiest.busy_cycles >= window.cycles();
  return fmt::format("{} {}{}: {}: {} of {} cycles",
                     most ? "bound by" : "bound by nothing for half of the time, most by",
                     busiest.unit.empty() ? "" : "the ", busiest.resource, amount_text(busiest),
                     grouped(busiest.busy_cycles), grouped(window.cycles()));
}

}  // namespace dovetail

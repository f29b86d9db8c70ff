#include "sim/program/trace.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text/version.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

/// The track of each event: its agent's, of which those of the DMA engine are several, for it has
/// transfers in flight at once, and slices of one track must not overlap. A transfer is in the
/// first channel that is free.
struct Tracks {
  std::vector<std::string> names;
  std::vector<std::size_t> of_events;
};

std::vector<std::size_t> by_start(const std::vector<TraceEvent>& events) {
  std::vector<std::size_t> order(events.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return events[a].start < events[b].start; });
  return order;
}

Tracks tracks_of(const std::vector<TraceEvent>& events) {
  std::vector<std::int64_t> free_at;  // of each channel
  std::vector<std::size_t> channels(events.size(), 0);
  for (const std::size_t i : by_start(events)) {
    if (events[i].track != TraceTrack::kDmaEngine) continue;
    const auto free =
        std::ranges::find_if(free_at, [&](std::int64_t when) { return when <= events[i].start; });
    channels[i] = static_cast<std::size_t>(free - free_at.begin());
    if (free == free_at.end()) free_at.push_back(0);
    free_at[channels[i]] = events[i].end;
  }
  Tracks tracks;
  std::array<std::size_t, kTraceTrackNames.size()> first{};
  for (std::size_t t = 0; t < first.size(); ++t) {
    first[t] = tracks.names.size();
    const bool dma = t == static_cast<std::size_t>(TraceTrack::kDmaEngine);
    for (std::size_t c = 0; c < (dma ? free_at.size() : 1); ++c) {
      tracks.names.push_back(dma ? fmt::format("DMA channel {}", c) : kTraceTrackNames[t]);
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    tracks.of_events.push_back(first[static_cast<std::size_t>(events[i].track)] + channels[i]);
  }
  return tracks;
}

Json metadata(const char* what, std::size_t track, Json args) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", std::move(args)}};
}

}  // namespace

std::string trace_json(const std::vector<TraceEvent>& events,
                       const std::vector<std::string>& layer_names, double clock_ghz) {
  Json trace;
  trace["displayTimeUnit"] = "ns";
  trace["otherData"] = {
      {"schema", "dovetail.trace/1"}, {"build", build_description()}, {"clock_ghz", clock_ghz}};
  Json& list = trace["traceEvents"] = Json::array();
  list.push_back(metadata("process_name", 0, {{"name", "accelerator"}}));
  const Tracks tracks = tracks_of(events);
  for (std::size_t t = 0; t < tracks.names.size(); ++t) {
    list.push_back(metadata("thread_name", t, {{"name", tracks.names[t]}}));
    list.push_back(metadata("thread_sort_index", t, {{"sort_index", t}}));
  }
  const double us_per_cycle = 1e-3 / clock_ghz;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TraceEvent& event = events[i];
    const std::string layer =
        event.layer < 0 ? "" : layer_names[static_cast<std::size_t>(event.layer)];
    Json args = {
        {"layer", layer}, {"start_cycle", event.start}, {"cycles", event.end - event.start}};
    if (event.tile >= 0) args["tile"] = event.tile;
    if (event.bytes > 0) args["bytes"] = event.bytes;
    const bool is_layer = event.track == TraceTrack::kSequencer && *event.name == '\0';
    list.push_back({{"name", is_layer ? layer : std::string(event.name)},
                    {"cat", "accelerator"},
                    {"ph", "X"},
                    {"pid", 1},
                    {"tid", tracks.of_events[i]},
                    {"ts", static_cast<double>(event.start) * us_per_cycle},
                    {"dur", static_cast<double>(event.end - event.start) * us_per_cycle},
                    {"args", std::move(args)}});
  }
  return trace.dump() + "\n";
}

}  // namespace dovetail

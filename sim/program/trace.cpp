#include "sim/program/trace.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/version.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

Json metadata(const char* what, int track, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", {{"name", name}}}};
}

}  // namespace

std::string trace_json(const std::vector<TraceEvent>& events,
                       const std::vector<std::string>& layer_names, double clock_ghz) {
  Json trace;
  trace["displayTimeUnit"] = "ns";
  trace["otherData"] = {
      {"schema", "dovetail.trace/1"}, {"build", build_description()}, {"clock_ghz", clock_ghz}};
  Json& list = trace["traceEvents"] = Json::array();
  list.push_back(metadata("process_name", 0, "accelerator"));
  for (std::size_t t = 0; t < kTraceTrackNames.size(); ++t) {
    list.push_back(metadata("thread_name", static_cast<int>(t), kTraceTrackNames[t]));
    list.push_back({{"name", "thread_sort_index"},
                    {"ph", "M"},
                    {"pid", 1},
                    {"tid", t},
                    {"args", {{"sort_index", t}}}});
  }
  const double us_per_cycle = 1e-3 / clock_ghz;
  for (const TraceEvent& event : events) {
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
                    {"tid", static_cast<int>(event.track)},
                    {"ts", static_cast<double>(event.start) * us_per_cycle},
                    {"dur", static_cast<double>(event.end - event.start) * us_per_cycle},
                    {"args", std::move(args)}});
  }
  return trace.dump() + "\n";
}

}  // namespace dovetail

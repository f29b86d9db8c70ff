#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace dovetail {

/// What does something that a trace shows, one track each.
enum class TraceTrack : std::uint8_t {
  kSequencer,
  kPeArray,
  kDmaEngine,
  kIoPort,
  kBroadcast,
  kLinks,
  kLocalMemory,
};
inline constexpr std::array<const char*, 7> kTraceTrackNames = {"Sequencer",
                                                                "PE array",
                                                                "DMA engine",
                                                                "IO port",
                                                                "Interconnect: broadcast",
                                                                "Interconnect: links between PEs",
                                                                "Local memory port"};

/// Something that took from `start` to `end`, in cycles since the run began.
struct TraceEvent {
  TraceTrack track;
  const char* name;  // static text
  std::int32_t layer;
  std::int32_t tile;  // -1 where it belongs to none
  std::int64_t start, end;
  std::int64_t bytes;  // 0 where nothing moves
};

/// Collects what the modules do; they hold a pointer to one, or none where nobody looks.
class TraceRecorder {
 public:
  void begin_run(std::int64_t now) {
    origin_ = now;
    layer_ = -1;
    events_.clear();
  }
  void begin_layer(std::int32_t layer) { layer_ = layer; }
  void record(TraceTrack track, const char* name, std::int64_t start, std::int64_t end,
              std::int64_t bytes = 0, std::int32_t tile = -1) {
    if (end > start) {
      events_.push_back({track, name, layer_, tile, start - origin_, end - origin_, bytes});
    }
  }
  const std::vector<TraceEvent>& events() const { return events_; }

 private:
  std::vector<TraceEvent> events_;
  std::int64_t origin_ = 0;
  std::int32_t layer_ = -1;
};

/// The events in Chrome's trace format, which Perfetto and chrome://tracing open: one track for
/// each agent and each channel of the DMA engine, on which slices nest or follow one another; times
/// in microseconds. `layer_names` gives the layers' names.
std::string trace_json(const std::vector<TraceEvent>& events,
                       const std::vector<std::string>& layer_names, double clock_ghz);

}  // namespace dovetail

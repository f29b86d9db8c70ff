#include "nas/study/trial_timings.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <chrono>
#include <exception>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

constexpr const char* kHeader = "# schema: dovetail.timings/1\ntrial,evaluation_ms,stored_at\n";

std::string now_utc() {
  const auto now = std::chrono::system_clock::now();
  const auto since = now.time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
}

}  // namespace

TrialTimings::TrialTimings(const std::filesystem::path& file) : log_(file) {
  if (log_.empty()) log_.append(kHeader);
}

void TrialTimings::append(std::span<const Entry> entries) {
  const std::string now = now_utc();
  std::string lines;
  for (const Entry& entry : entries) {
    lines += fmt::format("{},{:.3f},{}\n", entry.trial, 1000 * entry.evaluation_seconds, now);
  }
  log_.append(lines);
}

std::map<std::int64_t, TrialTiming> TrialTimings::read(const std::filesystem::path& file) {
  std::map<std::int64_t, TrialTiming> timings;
  if (!std::filesystem::exists(file)) return timings;
  std::vector<std::string> lines = split(read_file(file), '\n');
  lines.pop_back();  // nothing, or half a line that is being written
  for (const std::string& line : lines) {
    const std::vector<std::string> cells = split(line, ',');
    if (cells.size() != 3) continue;
    try {
      timings[std::stoll(cells[0])] = {cells[2], std::stod(cells[1])};
    } catch (const std::exception&) {
      // the header, or spoilt
    }
  }
  return timings;
}

std::filesystem::path TrialTimings::beside(const std::filesystem::path& study) {
  return study.parent_path() / "timings.csv";
}

}  // namespace dovetail

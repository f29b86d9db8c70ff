#include "nas/study/trial_timings.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"

namespace dovetail {
namespace {

std::string header() {
  CsvWriter csv("dovetail.timings/1");
  csv.header({{"trial"}, {"evaluation_ms", "ms"}, {"stored_at", "UTC"}});
  return csv.text();
}

std::string now_utc() {
  const auto now = std::chrono::system_clock::now();
  const auto since = now.time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
}

}  // namespace

TrialTimings::TrialTimings(const std::filesystem::path& file) : log_(file) {
  if (log_.empty()) log_.append(header());
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
  std::string content = read_file(file);
  content.erase(content.rfind('\n') + 1);  // half a line that is being written
  CsvReader csv(file.string(), std::move(content));
  while (const auto cells = csv.next()) {
    if (cells->size() != 3) continue;
    const auto trial = number_of_cell((*cells)[0]), ms = number_of_cell((*cells)[1]);
    if (trial && ms) timings[static_cast<std::int64_t>(*trial)] = {(*cells)[2], *ms};
  }
  return timings;
}

std::filesystem::path TrialTimings::beside(const std::filesystem::path& study) {
  return study.parent_path() / "timings.csv";
}

}  // namespace dovetail

#include "models/accuracy/measured/accuracy_table.h"

#include <fmt/core.h>

#include <unordered_map>

#include "base/text/error.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

/// What the rows of one network say: their mean, or what all of them say.
struct Entry {
  double top1_percent = 0;
  std::size_t rows = 0;
  Location where;  // of the first
};

using Entries = std::unordered_map<std::string, Entry>;  // by canonical key

class AccuracyTable : public AccuracySource {
 public:
  AccuracyTable(Entries entries, std::size_t rows, std::string file, const NetworkSpace& space)
      : entries_(std::move(entries)), rows_(rows), file_(std::move(file)), space_(space) {}

  AccuracyEstimate accuracy(const Choices& network) override {
    const auto found = entries_.find(space_.canonical_key(network));
    if (found == entries_.end()) {
      throw InputError(Location{file_},
                       fmt::format("has no network {}", space_.decisions().describe(network)));
    }
    return {found->second.top1_percent, false};
  }

  std::string description() const override {
    return fmt::format("table {} ({} rows, {} networks of space {})", file_, rows_, entries_.size(),
                       space_.name());
  }

 private:
  Entries entries_;
  std::size_t rows_;
  std::string file_;
  const NetworkSpace& space_;
};

}  // namespace

std::unique_ptr<AccuracySource> load_accuracy_table(const std::filesystem::path& file,
                                                    const NetworkSpace& space,
                                                    const MeasurementFormat& format,
                                                    Duplicates duplicates) {
  const MeasurementFile measurements = read_measurements(file, space, format);
  Entries entries;
  for (const Measurement& row : measurements.rows) {
    Entry& entry = entries[space.canonical_key(row.choices)];
    if (++entry.rows == 1) {
      entry.top1_percent = row.top1_percent;
      entry.where = row.where;
      continue;
    }
    if (entry.top1_percent == row.top1_percent) continue;
    if (duplicates == Duplicates::kRefuse) {
      throw InputError(
          row.where,
          fmt::format("{} % for {}, the same network as in {} with {} %; leave one out or take "
                      "their mean (duplicates: mean)",
                      row.top1_percent, space.decisions().describe(row.choices), entry.where.str(),
                      entry.top1_percent));
    }
    entry.top1_percent += (row.top1_percent - entry.top1_percent) / static_cast<double>(entry.rows);
  }
  return std::make_unique<AccuracyTable>(std::move(entries), measurements.rows.size(),
                                         file.string(), space);
}

}  // namespace dovetail

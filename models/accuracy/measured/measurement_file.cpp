#include "models/accuracy/measured/measurement_file.h"

#include <fmt/core.h>

#include <utility>

namespace dovetail {
namespace {

constexpr const char* kCsvAccuracy = "top1";
constexpr const char* kJsonAccuracy = "mean_acc";

double percent_of(const NetworkRow& row, const std::string& column) {
  const RowCell& cell = row.cells.front();
  if (cell.number && *cell.number >= 0 && *cell.number <= 100) return *cell.number;
  if (row.key.empty()) {
    throw InputError(row.where, fmt::format("{}: '{}' is not a number from 0 to 100 (percent)",
                                            column, cell.text));
  }
  throw InputError(row.where, fmt::format("{}: {}: found {}, allowed a number from 0 to 100",
                                          row.key, column, cell.text.empty() ? "none" : cell.text));
}

}  // namespace

MeasurementFile read_measurements(const std::filesystem::path& file, const NetworkSpace& space,
                                  const MeasurementFormat& format) {
  const std::string column = !format.accuracy.empty()    ? format.accuracy
                             : is_json_of_networks(file) ? kJsonAccuracy
                                                         : kCsvAccuracy;
  NetworkRows read = read_network_rows(file, space, format, {{column}});
  MeasurementFile result;
  result.unused_columns = std::move(read.unused_columns);
  for (NetworkRow& row : read.rows) {
    const double top1_percent = percent_of(row, column);
    result.rows.push_back({std::move(row.choices), top1_percent, std::move(row.where)});
  }
  return result;
}

}  // namespace dovetail

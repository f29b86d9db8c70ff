#include "models/accuracy/measured/measured_accuracies.h"

#include <map>

#include "models/accuracy/measured/representatives.h"
#include "models/network/space/network_space.h"

namespace dovetail {

MeasuredAccuracies read_measured_accuracies(const std::filesystem::path& file,
                                            const NetworkSpace& space,
                                            const MeasurementFormat& format) {
  MeasurementFile measurements = read_measurements(file, space, format);
  const Representatives representatives(space);
  MeasuredAccuracies table;
  table.rows = measurements.rows.size();
  table.unused_columns = std::move(measurements.unused_columns);
  std::map<Choices, std::size_t> position;
  for (const Measurement& row : measurements.rows) {
    const Choices& choices = representatives.of(row.choices);
    const auto [it, added] = position.try_emplace(choices, table.networks.size());
    if (added) table.networks.push_back({choices, 0, 0});
    MeasuredNetwork& network = table.networks[it->second];
    network.top1_percent += row.top1_percent;
    ++network.measured;
  }
  for (MeasuredNetwork& n : table.networks) n.top1_percent /= static_cast<double>(n.measured);
  return table;
}

}  // namespace dovetail

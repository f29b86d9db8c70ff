#include "cost/surrogate/data/dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text/error.h"
#include "base/files/hdf5_file.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.dataset/2";
constexpr const char* kProbe = "simulator_probe";

void require_bytes(const SpaceDescription& space) {
  for (const Decision& d : space.decisions.decisions()) {
    if (d.choices.size() > 256) {
      throw InputError(fmt::format("space '{}': decision '{}' has {} choices; a dataset holds 256",
                                   space.name, d.name, d.choices.size()));
    }
  }
}

Choices unpack(const std::vector<std::uint8_t>& matrix, std::size_t row, std::size_t width) {
  const auto* begin = matrix.data() + row * width;
  return Choices(begin, begin + width);
}

void pack(std::vector<std::uint8_t>& matrix, const Choices& choices) {
  for (const std::uint16_t c : choices) matrix.push_back(static_cast<std::uint8_t>(c));
}

std::uint64_t read_count(const Hdf5Reader& reader, const std::string& name) {
  const std::string text = reader.attribute(name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    reader.fail(fmt::format("attribute '{}' is '{}', not a whole number", name, text));
  }
  return value;
}

DatasetHeader read_header(const Hdf5Reader& reader, const std::string& file) {
  DatasetHeader header;
  header.network = space_from_json_text(reader.attribute("network_space"), file);
  header.hardware = space_from_json_text(reader.attribute("hardware_space"), file);
  header.seed = read_count(reader, "seed");
  header.simulator = reader.attribute("simulator");
  if (reader.has_attribute(kProbe)) header.simulator_probe = reader.attribute(kProbe);
  header.technology = reader.attribute("technology");
  try {
    header.reasons = json::parse(reader.attribute("reasons")).get<std::vector<std::string>>();
  } catch (const json::exception& e) {
    reader.fail(fmt::format("attribute 'reasons': {}", e.what()));
  }
  return header;
}

/// One column of the labels as an array.
template <typename T>
std::vector<T> column(const std::vector<Label>& labels, T Label::*member) {
  std::vector<T> values(labels.size());
  std::transform(labels.begin(), labels.end(), values.begin(),
                 [member](const Label& l) { return l.*member; });
  return values;
}

template <typename T>
void read_column(const Hdf5Reader& reader, const std::string& name, T Label::*member,
                 std::vector<Label>& labels) {
  const auto values = reader.array<T>(name, labels.size());
  for (std::size_t i = 0; i < values.size(); ++i) labels[i].*member = values[i];
}

void check_label(const Label& label, const DatasetHeader& header) {
  if (label.reason >= header.reasons.size()) {
    throw InputError(fmt::format("reason code {} has no name", label.reason));
  }
  const std::pair<const char*, double> costs[] = {{"latency_ms", label.latency_ms},
                                                  {"energy_mj", label.energy_mj}};
  for (const auto& [name, value] : costs) {
    if (label.feasible() == (std::isfinite(value) && value > 0)) continue;
    throw InputError(fmt::format("a pair with reason '{}' and {} {}", header.reasons[label.reason],
                                 name, value));
  }
}

}  // namespace

Dataset::Dataset(DatasetHeader header) : header_(std::move(header)) {
  require_bytes(header_.network);
  require_bytes(header_.hardware);
}

Choices Dataset::network(std::size_t row) const {
  return unpack(network_, row, header_.network.decisions.size());
}

Choices Dataset::hardware(std::size_t row) const {
  return unpack(hardware_, row, header_.hardware.decisions.size());
}

std::size_t Dataset::feasible_rows() const {
  return static_cast<std::size_t>(
      std::count_if(labels_.begin(), labels_.end(), [](const Label& l) { return l.feasible(); }));
}

void Dataset::append(const Choices& network, const Choices& hardware, const Label& label) {
  header_.network.decisions.validate(network);
  header_.hardware.decisions.validate(hardware);
  check_label(label, header_);
  pack(network_, network);
  pack(hardware_, hardware);
  labels_.push_back(label);
}

void Dataset::truncate(std::size_t rows) {
  if (rows >= labels_.size()) return;
  network_.resize(rows * header_.network.decisions.size());
  hardware_.resize(rows * header_.hardware.decisions.size());
  labels_.resize(rows);
}

std::string Dataset::save(const std::filesystem::path& file) {
  Hdf5Writer writer(file, kSchema);
  writer.attribute("network_space", to_json_text(header_.network));
  writer.attribute("hardware_space", to_json_text(header_.hardware));
  writer.attribute("seed", std::to_string(header_.seed));
  writer.attribute("simulator", header_.simulator);
  if (!header_.simulator_probe.empty()) writer.attribute(kProbe, header_.simulator_probe);
  writer.attribute("technology", header_.technology);
  writer.attribute("reasons", json(header_.reasons).dump());
  writer.attribute("rows", std::to_string(rows()));
  const std::size_t n = rows();
  writer.array<std::uint8_t>("network_choices", network_, n, header_.network.decisions.size());
  writer.array<std::uint8_t>("hardware_choices", hardware_, n, header_.hardware.decisions.size());
  writer.array<std::uint8_t>("reason", column(labels_, &Label::reason), n);
  writer.array<double>("latency_ms", column(labels_, &Label::latency_ms), n, 0, "ms");
  writer.array<std::int64_t>("cycles", column(labels_, &Label::cycles), n, 0, "cycles");
  writer.array<double>("area_mm2", column(labels_, &Label::area_mm2), n, 0, "mm2");
  writer.array<double>("energy_mj", column(labels_, &Label::energy_mj), n, 0, "mJ");
  fingerprint_ = writer.commit();
  return fingerprint_;
}

Dataset Dataset::load(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, kSchema);
  Dataset data(read_header(reader, file.string()));
  const std::size_t n = read_count(reader, "rows");
  data.network_ =
      reader.array<std::uint8_t>("network_choices", n, data.header_.network.decisions.size());
  data.hardware_ =
      reader.array<std::uint8_t>("hardware_choices", n, data.header_.hardware.decisions.size());
  data.labels_.resize(n);
  read_column(reader, "reason", &Label::reason, data.labels_);
  read_column(reader, "latency_ms", &Label::latency_ms, data.labels_);
  read_column(reader, "cycles", &Label::cycles, data.labels_);
  read_column(reader, "area_mm2", &Label::area_mm2, data.labels_);
  read_column(reader, "energy_mj", &Label::energy_mj, data.labels_);
  for (std::size_t i = 0; i < n; ++i) {
    data.header_.network.decisions.validate(data.network(i));
    data.header_.hardware.decisions.validate(data.hardware(i));
    check_label(data.labels_[i], data.header_);
  }
  data.fingerprint_ = reader.checksum();
  return data;
}

}  // namespace dovetail

#include "cost/surrogate/data/dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files/hdf5_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.dataset/2";
constexpr const char* kProbe = "simulator_probe";
constexpr const char* kReasons = "reasons";

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

/// Of the codes that a simulator gives, in the order of their numbers.
std::vector<std::string> reason_names() {
  std::vector<std::string> names;
  for (const InfeasibleReason reason : reasons_said_by({ReasonSource::kMapper})) {
    names.push_back(to_string(reason));
  }
  return names;
}

DatasetHeader read_header(const Hdf5Reader& reader, const std::string& file) {
  DatasetHeader header;
  header.network = space_from_json_text(reader.attribute("network_space"), file);
  header.hardware = space_from_json_text(reader.attribute("hardware_space"), file);
  header.seed = read_count(reader, "seed");
  header.simulator = reader.attribute("simulator");
  if (reader.has_attribute(kProbe)) header.simulator_probe = reader.attribute(kProbe);
  header.technology = reader.attribute("technology");
  return header;
}

void write_reasons(Hdf5Writer& writer, const std::vector<Costs>& labels) {
  std::vector<std::uint8_t> codes;
  for (const Costs& label : labels) codes.push_back(static_cast<std::uint8_t>(label.reason));
  writer.array<std::uint8_t>("reason", codes, labels.size());
}

/// Files number the names that they list.
void read_reasons(const Hdf5Reader& reader, std::vector<Costs>& labels) {
  std::vector<std::string> names;
  try {
    names = json::parse(reader.attribute(kReasons)).get<std::vector<std::string>>();
  } catch (const json::exception& e) {
    reader.fail(fmt::format("attribute '{}': {}", kReasons, json_fault(e)));
  }
  const auto codes = reader.array<std::uint8_t>("reason", labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (codes[i] >= names.size()) {
      throw InputError(fmt::format("reason code {} has no name", codes[i]));
    }
    labels[i].reason = infeasible_reason(names[codes[i]]);
  }
}

void write_figure(Hdf5Writer& writer, const Figure& figure, const std::vector<Costs>& labels) {
  const std::size_t n = labels.size();
  if (figure.kind == FigureKind::kMetric) {
    std::vector<double> values;
    for (const Costs& label : labels) values.push_back(figure.of(label));
    writer.array<double>(figure.key, values, n, 0, figure.unit);
    return;
  }
  std::vector<std::int64_t> values;
  for (const Costs& label : labels) {
    const double value = figure.of(label);
    values.push_back(std::isnan(value) ? -1 : std::llround(value));
  }
  writer.array<std::int64_t>(figure.key, values, n, 0, figure.unit);
}

void read_figure(const Hdf5Reader& reader, const Figure& figure, std::vector<Costs>& labels) {
  AccuracyEstimate none;
  if (figure.kind == FigureKind::kMetric) {
    const auto values = reader.array<double>(figure.key, labels.size());
    for (std::size_t i = 0; i < values.size(); ++i) figure.set(values[i], labels[i], none);
    return;
  }
  const auto values = reader.array<std::int64_t>(figure.key, labels.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i] < 0 ? Costs::kUnknown : static_cast<double>(values[i]);
    figure.set(value, labels[i], none);
  }
}

void check_label(const Costs& label) {
  const std::vector<std::string> known = reason_names();
  if (std::find(known.begin(), known.end(), to_string(label.reason)) == known.end()) {
    throw InputError(unknown_name("reason", to_string(label.reason), known));
  }
  for (const Figure* figure : pair_figures()) {
    const double value = figure->of(label);
    const bool may_be_known = label.feasible() || figure->known_infeasible;
    const bool may_be_unknown = !label.feasible();
    if (std::isnan(value) ? may_be_unknown : may_be_known && std::isfinite(value) && value > 0) {
      continue;
    }
    throw InputError(fmt::format("a pair with reason '{}' and {} {}", to_string(label.reason),
                                 figure->key, value));
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
  return static_cast<std::size_t>(std::count_if(
      labels_.begin(), labels_.end(), [](const Costs& label) { return label.feasible(); }));
}

void Dataset::append(const Choices& network, const Choices& hardware, const Costs& label) {
  header_.network.decisions.validate(network);
  header_.hardware.decisions.validate(hardware);
  check_label(label);
  pack(network_, network);
  pack(hardware_, hardware);
  labels_.push_back(pair_costs(label));
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
  writer.attribute(kReasons, json(reason_names()).dump());
  writer.attribute("rows", std::to_string(rows()));
  const std::size_t n = rows();
  writer.array<std::uint8_t>("network_choices", network_, n, header_.network.decisions.size());
  writer.array<std::uint8_t>("hardware_choices", hardware_, n, header_.hardware.decisions.size());
  write_reasons(writer, labels_);
  for (const Figure* figure : pair_figures()) write_figure(writer, *figure, labels_);
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
  read_reasons(reader, data.labels_);
  for (const Figure* figure : pair_figures()) read_figure(reader, *figure, data.labels_);
  for (std::size_t i = 0; i < n; ++i) {
    data.header_.network.decisions.validate(data.network(i));
    data.header_.hardware.decisions.validate(data.hardware(i));
    check_label(data.labels_[i]);
  }
  data.fingerprint_ = reader.checksum();
  return data;
}

}  // namespace dovetail

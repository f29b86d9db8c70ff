#include "cost/surrogate/data/dataset_tools.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/text/version.h"

namespace dovetail {
namespace {

using ChoicePair = std::pair<Choices, Choices>;

ChoicePair pair_of(const Dataset& data, std::size_t row) {
  return {data.network(row), data.hardware(row)};
}

/// The rows of each distinct pair, in the order of their first rows.
std::vector<std::vector<std::size_t>> rows_by_pair(const Dataset& data) {
  std::map<ChoicePair, std::size_t> group_of;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const auto [at, is_new] = group_of.try_emplace(pair_of(data, row), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(row);
  }
  return groups;
}

FigureRange range_of(const Figure& figure, const Dataset& data) {
  std::vector<double> values;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const double value = figure.of(data.label(row));
    if (std::isfinite(value)) values.push_back(value);
  }
  FigureRange range{&figure, values.size()};
  if (values.empty()) {
    range.least = range.median = range.most = std::numeric_limits<double>::quiet_NaN();
    return range;
  }
  std::sort(values.begin(), values.end());
  range.least = values.front();
  range.median = values[(values.size() - 1) / 2];
  range.most = values.back();
  return range;
}

/// Whether row i holds pair i of the seed, drawn as labelling draws it. Decisions without effect
/// are not compared: the labelling sets them to their first choice.
bool is_pair_of_seed(const Dataset& data, std::size_t row) {
  const DatasetHeader& header = data.header();
  Rng rng(header.seed, row);
  const Choices network = header.network.decisions.sample(rng);
  const Choices found = data.network(row);
  const std::vector<bool> active = header.network.active(found);
  for (std::size_t d = 0; d < network.size(); ++d) {
    if (active[d] && network[d] != found[d]) return false;
  }
  return header.hardware.decisions.sample(rng) == data.hardware(row);
}

/// Throws InputError unless rows of both may stand in one file.
void require_mergeable(const NamedDataset& first, const NamedDataset& other) {
  const DatasetHeader &a = first.data.header(), &b = other.data.header();
  const auto require = [&](const std::string& what, const std::string& found,
                           const std::string& expected) {
    if (found == expected) return;
    throw InputError(Location{other.name},
                     fmt::format("cannot be merged with {}: its {} is '{}', there it is '{}'",
                                 first.name, what, found, expected));
  };
  require("network space", b.network.name, a.network.name);
  require("hardware space", b.hardware.name, a.hardware.name);
  require_same_space(a.network, b.network, "network", other.name);
  require_same_space(a.hardware, b.hardware, "hardware", other.name);
  require("technology", b.technology, a.technology);
  if (!same_build(a.simulator, b.simulator)) require("simulator", b.simulator, a.simulator);
  require("simulator probe", b.simulator_probe, a.simulator_probe);
}

/// Where a pair stood first.
struct FirstRow {
  std::size_t part, row;
};

/// With the head of what export_csv() writes.
CsvWriter csv_writer(const Dataset& data) {
  const DatasetHeader& header = data.header();
  CsvWriter csv("dovetail.dataset_rows/1");
  csv.note("network_space", header.network.name);
  csv.note("hardware_space", header.hardware.name);
  csv.note("seed", std::to_string(header.seed));
  csv.note("technology", header.technology);
  csv.note("simulator", header.simulator);
  csv.note("fingerprint", data.fingerprint());
  std::vector<CsvColumn> columns;
  for (const Decision& d : header.network.decisions.decisions()) {
    columns.push_back({"network." + d.name, d.unit});
  }
  for (const Decision& d : header.hardware.decisions.decisions()) {
    columns.push_back({"hardware." + d.name, d.unit});
  }
  columns.push_back({"reason"});
  for (const Figure* figure : pair_figures()) columns.push_back({figure->key, figure->unit});
  csv.header(columns);
  return csv;
}

void write_row(CsvWriter& csv, const Dataset& data, std::size_t row) {
  const DatasetHeader& header = data.header();
  const auto write_choices = [&](const DecisionSpace& space, const Choices& choices) {
    for (std::size_t d = 0; d < choices.size(); ++d) csv.cell(space[d].choices[choices[d]]);
  };
  write_choices(header.network.decisions, data.network(row));
  write_choices(header.hardware.decisions, data.hardware(row));
  const Costs& label = data.label(row);
  csv.cell(to_string(label.reason));
  for (const Figure* figure : pair_figures()) {
    csv.exact(figure->of(label));
  }
  csv.end_row();
}

}  // namespace

DatasetSummary summarize(const Dataset& data) {
  DatasetSummary summary;
  summary.rows = data.rows();
  summary.feasible = data.feasible_rows();
  summary.distinct_pairs = rows_by_pair(data).size();
  for (std::size_t r = 0; r < data.rows(); ++r) ++summary.rows_of_reason[data.label(r).reason];
  for (const Figure* figure : pair_figures()) summary.ranges.push_back(range_of(*figure, data));
  summary.rows_in_seed_order = rows_in_seed_order(data);
  return summary;
}

std::size_t rows_in_seed_order(const Dataset& data) {
  std::size_t in_order = 0;
  while (in_order < data.rows() && is_pair_of_seed(data, in_order)) ++in_order;
  return in_order;
}

std::string sealed_schema(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string schema;
  stream >> schema;
  return schema;
}

std::vector<std::vector<std::size_t>> split_rows(const Dataset& data,
                                                 std::span<const double> fractions,
                                                 std::uint64_t seed) {
  double sum = 0;
  for (const double f : fractions) {
    sum += f;
    if (f > 0 && sum < 1) continue;
    throw InputError(fmt::format(
        "split: found fraction {}; fractions must be positive and their sum below 1", f));
  }
  const auto groups = rows_by_pair(data);
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.index(i)]);

  std::vector<std::vector<std::size_t>> parts(fractions.size() + 1);
  std::size_t next = 0;
  double share = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k < fractions.size()) share += fractions[k];
    const auto end =
        k == fractions.size()
            ? order.size()
            : static_cast<std::size_t>(std::lround(share * static_cast<double>(order.size())));
    for (; next < end; ++next) {
      const auto& rows = groups[order[next]];
      parts[k].insert(parts[k].end(), rows.begin(), rows.end());
    }
    std::sort(parts[k].begin(), parts[k].end());
  }
  return parts;
}

Dataset select_rows(const Dataset& data, std::span<const std::size_t> rows) {
  Dataset selected(data.header());
  for (const std::size_t r : rows) {
    selected.append(data.network(r), data.hardware(r), data.label(r));
  }
  return selected;
}

void save_all(std::span<Dataset> parts, std::span<const std::string> files) {
  std::vector<std::unique_ptr<AtomicFile>> written;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    written.push_back(std::make_unique<AtomicFile>(files[k]));
    try {
      parts[k].save(written.back()->path());
    } catch (const DiskFullError&) {  // it names the file beside the one that is meant
      throw DiskFullError(files[k] + ": cannot write: disk full; nothing was written");
    }
  }
  for (const auto& file : written) file->commit();
}

Dataset merge_datasets(std::span<const NamedDataset> parts, RepeatedPairs repeated) {
  if (parts.empty()) throw InputError("merge: no data set was given");
  Dataset merged(parts.front().data.header());
  std::map<ChoicePair, FirstRow> first_rows;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const NamedDataset& part = parts[p];
    require_mergeable(parts.front(), part);
    for (std::size_t row = 0; row < part.data.rows(); ++row) {
      const Costs& label = part.data.label(row);
      const auto [at, is_new] = first_rows.try_emplace(pair_of(part.data, row), FirstRow{p, row});
      const NamedDataset& earlier = parts[at->second.part];
      if (!is_new && label != earlier.data.label(at->second.row)) {
        throw InputError(
            Location{part.name},
            fmt::format("row {} has the pair of row {} of {} and another label: they were not "
                        "made by one simulator",
                        row, at->second.row, earlier.name));
      }
      if (!is_new && at->second.part != p && repeated == RepeatedPairs::kRefuse) {
        const std::uint64_t seed = part.data.header().seed;
        throw InputError(Location{part.name},
                         fmt::format("row {} is the pair of row {} of {} again{}", row,
                                     at->second.row, earlier.name,
                                     seed == earlier.data.header().seed
                                         ? fmt::format(": both hold streams of seed {}", seed)
                                         : ""));
      }
      if (!is_new && repeated == RepeatedPairs::kDrop) continue;
      merged.append(part.data.network(row), part.data.hardware(row), label);
    }
  }
  return merged;
}

void export_csv(const Dataset& data, const std::filesystem::path& file) {
  AtomicFile output(file);
  std::ofstream stream(output.path(), std::ios::binary);
  CsvWriter csv = csv_writer(data);
  for (std::size_t row = 0; row < data.rows() && stream; ++row) {
    write_row(csv, data, row);
    stream << csv.take();
  }
  stream << csv.take();  // without rows the head is left
  stream.close();
  if (!stream) throw RunError(fmt::format("{}: cannot be written (disk full?)", file.string()));
  output.commit();
}

}  // namespace dovetail

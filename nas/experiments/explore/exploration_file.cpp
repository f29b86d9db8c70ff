#include "nas/experiments/explore/exploration_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/paths.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/text/version.h"
#include "cost/figures/figure_range.h"
#include "models/network/space/space_description.h"
#include "nas/space/network_checksum.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAreaLimit = "max_area_mm2";
constexpr const char* kNoLimit = "none";

/// Reads the rows one by one, and knows where it is.
class RowReader {
 public:
  RowReader(const fs::path& file, std::string content, const DesignSpace& space)
      : csv_(file.string(), std::move(content)), space_(space) {
    for (const CsvColumn& column : exploration_columns(space)) columns_.push_back(column.name);
    csv_.next();  // the header
  }

  /// Nothing at the end.
  std::optional<Costs> next() {
    const auto row = csv_.next();
    if (!row) return std::nullopt;
    const std::vector<std::string>& cells = *row;
    const std::size_t first_figure = 1 + space_.decisions().size();
    if (cells.size() != columns_.size() + 1) {
      throw error(fmt::format("found {} cells, allowed {}", cells.size(), columns_.size() + 1));
    }
    const auto count = *space_.decisions().count();
    if (index_ == count) throw error(fmt::format("found one more row, allowed up to {}", count));
    Costs point;
    AccuracyEstimate none;
    std::size_t column = first_figure;
    for (const Figure* figure : pair_figures()) {
      figure->set(figure_of(cells[column++], *figure), point, none);
    }
    point.reason = reason_of(cells.back());
    const auto expected = exploration_cells(space_, index_, point);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      if (cells[c] == expected[c]) continue;
      throw error(fmt::format("{}: found '{}', allowed '{}'", columns_[c], cells[c], expected[c]));
    }
    ++index_;
    return point;
  }

 private:
  InputError error(const std::string& message) const { return {csv_.where(), message}; }
  double figure_of(const std::string& cell, const Figure& figure) const {
    if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto value = number_of_cell(cell);
    if (!value) throw error(fmt::format("{}: found '{}', allowed a number", figure.key, cell));
    try {
      require_in_range(figure, *value);
    } catch (const InputError& e) {
      throw error(e.what());
    }
    return *value;
  }
  InfeasibleReason reason_of(const std::string& name) const {
    if (name.empty()) return InfeasibleReason::kNone;
    std::vector<std::string> known;
    for (const InfeasibleReason reason : explored_reasons()) {
      known.push_back(to_string(reason));
      if (reason != InfeasibleReason::kNone && known.back() == name) return reason;
    }
    throw error(unknown_name("reason", name, known));
  }

  CsvReader csv_;
  std::vector<std::string> columns_;
  const DesignSpace& space_;
  std::uint64_t index_ = 0;
};

/// Whether a line of a head stands for what this run would write.
bool same_line(const std::string& there, const std::string& here) {
  constexpr std::string_view kBuild = "# build: ";
  if (!here.starts_with(kBuild) || !there.starts_with(kBuild)) return there == here;
  return same_build(std::string_view(there).substr(kBuild.size()),
                    std::string_view(here).substr(kBuild.size()));
}

/// Throws InputError naming the first line in which the heads differ.
void require_head(const fs::path& file, const std::string& content, const std::string& head) {
  const std::vector<std::string> expected = split(head, '\n');
  std::string_view rest = content;
  for (std::size_t i = 0; i + 1 < expected.size(); ++i) {
    const std::string there(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), there.size() + 1));
    if (same_line(there, expected[i])) continue;
    throw InputError(
        Location{file.string(), static_cast<int>(i) + 1},
        fmt::format("cannot be resumed: it has '{}', this run '{}'", there, expected[i]));
  }
}

}  // namespace

fs::path exploration_path(const fs::path& folder, const Network& network) {
  const std::string& name = network.name();
  if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos) {
    throw InputError(fmt::format(
        "network '{}': found a name that cannot be that of a file, allowed one without '/' that "
        "does not start with '.'",
        name));
  }
  return folder / (name + ".csv");
}

std::optional<double> explored_area_limit(const fs::path& folder, const Network& network) {
  const fs::path file = exploration_path(folder, network), part = file.string() + ".part";
  const fs::path& begun = fs::exists(part) ? part : file;
  if (!fs::exists(begun)) return std::nullopt;
  const std::string content = read_file(begun);
  const std::string key = std::string("# ") + kAreaLimit + ": ";
  const std::size_t at = content.find(key);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t first = at + key.size();
  const std::string value = content.substr(first, content.find('\n', first) - first);
  if (value == kNoLimit) return std::numeric_limits<double>::infinity();
  return decimal_number(value);
}

CsvWriter exploration_writer(const std::string& schema, const DesignSpace& space,
                             const ExploreOptions& options) {
  const std::string technology = read_file(resolve_config("technology", options.technology));
  const auto& limit = options.max_area_mm2;
  CsvWriter csv(schema);
  csv.note("space", space.name());
  csv.note("space_checksum", Checksum::of(to_json_text(describe(space))));
  csv.note("technology", options.technology);
  csv.note("technology_checksum", Checksum::of(technology));
  csv.note(kAreaLimit, limit ? format_number(*limit) : kNoLimit);
  return csv;
}

CsvWriter exploration_head(const Network& network, const DesignSpace& space,
                           const ExploreOptions& options) {
  CsvWriter csv = exploration_writer("dovetail.exploration/1", space, options);
  csv.note("network", network.name());
  csv.note("network_checksum", layers_checksum(network));
  csv.note("configurations", std::to_string(*space.decisions().count()));
  std::vector<CsvColumn> columns = exploration_columns(space);
  columns.push_back({"reason"});
  csv.header(columns);
  return csv;
}

std::vector<CsvColumn> exploration_columns(const DesignSpace& space) {
  std::vector<CsvColumn> columns{{"index"}};
  for (const Decision& decision : space.decisions().decisions()) {
    columns.push_back({decision.name, decision.unit});
  }
  for (const Figure* figure : pair_figures()) columns.push_back({figure->key, figure->unit});
  return columns;
}

std::vector<std::string> exploration_cells(const DesignSpace& space, std::uint64_t index,
                                           const Costs& point) {
  const DecisionSpace& decisions = space.decisions();
  const Choices choices = decisions.from_index(index);
  std::vector<std::string> cells = {std::to_string(index)};
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    cells.push_back(decisions[d].choices[choices[d]]);
  }
  for (const Figure* figure : pair_figures()) {
    const double value = figure->of(point);
    cells.push_back(std::isnan(value) ? "" : format_number(value));
  }
  return cells;
}

std::string exploration_csv(const CsvWriter& head, const DesignSpace& space,
                            const std::vector<Costs>& points) {
  CsvWriter csv = head;
  for (std::uint64_t i = 0; i < points.size(); ++i) {
    csv.cells(exploration_cells(space, i, points[i]));
    csv.row(points[i].feasible() ? "" : to_string(points[i].reason));
  }
  return csv.text();
}

std::vector<Costs> load_exploration(const fs::path& file, const CsvWriter& head,
                                    const DesignSpace& space) {
  const std::string content = read_file(file);
  require_head(file, content, head.text());
  const auto count = *space.decisions().count();
  if (!content.ends_with('\n')) {
    throw InputError(Location{file.string()},
                     fmt::format("found '{}' at the end, allowed up to {} whole rows",
                                 content.substr(content.rfind('\n') + 1), count));
  }
  RowReader reader(file, content, space);
  std::vector<Costs> points;
  points.reserve(count);
  while (const auto point = reader.next()) points.push_back(*point);
  return points;
}

}  // namespace dovetail

#include "nas/experiments/explore/exploration_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/files/paths.h"
#include "base/text/text.h"
#include "base/text/version.h"
#include "base/files/checksum.h"
#include "models/network/space/space_description.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

std::string checksum(const std::string& content) {
  Checksum sum;
  sum.add(content);
  return sum.text();
}

/// Changes with everything about a network that a simulation depends on.
std::string checksum(const Network& network) {
  const auto shape = [](const TensorShape& s) {
    return fmt::format("{}x{}x{}", s.height, s.width, s.channels);
  };
  std::string text = shape(network.input());
  for (const Layer& l : network.layers()) {
    text += fmt::format(";{} {} {} {}", l.name, to_string(l.op), fmt::join(l.inputs, ","),
                        shape(l.input) + ">" + shape(l.output));
    text += fmt::format(" k{},{} s{},{} d{},{} p{},{},{},{} g{} {} {} {}", l.kernel_h, l.kernel_w,
                        l.stride_h, l.stride_w, l.dilation_h, l.dilation_w, l.pad_top, l.pad_left,
                        l.pad_bottom, l.pad_right, l.groups, to_string(l.activation), l.has_bias,
                        l.has_batch_norm);
    if (l.bits != Bits{}) {  // files written before there were others have no bits
      text += fmt::format(" b{},{},{}", l.bits.weight, l.bits.activation, l.bits.accumulator);
    }
  }
  return checksum(text);
}

/// The value of a cell, NaN if it is empty; nothing if it is no number.
std::optional<double> number_of(std::string_view cell) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

/// Reads the rows one by one, and knows where it is.
class RowReader {
 public:
  RowReader(const fs::path& file, const DesignSpace& space, int line)
      : file_(file), columns_(exploration_columns(space)), space_(space), line_(line) {}

  ExploredPoint next(const std::string& row) {
    ++line_;
    const std::vector<std::string> cells = split(row, ',');
    const std::size_t first_figure = 1 + space_.decisions().size();
    if (cells.size() != columns_.size() + 1) {
      throw error(fmt::format("found {} cells, allowed {}", cells.size(), columns_.size() + 1));
    }
    ExploredPoint point;
    for (std::size_t f = 0; f < kExploredFigures; ++f) {
      const std::string& cell = cells[first_figure + f];
      const auto value = number_of(cell);
      if (!value)
        throw error(
            fmt::format("{}: found '{}', allowed a number", columns_[first_figure + f], cell));
      point.figures[f] = *value;
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
  InputError error(const std::string& message) const {
    return InputError(Location{file_.string(), line_}, message);
  }
  std::uint8_t reason_of(const std::string& name) const {
    if (name.empty()) return 0;
    const auto& known = explored_reasons();
    for (std::size_t r = 1; r < known.size(); ++r) {
      if (known[r] == name) return static_cast<std::uint8_t>(r);
    }
    throw error(unknown_name("reason", name, known));
  }

  fs::path file_;
  std::vector<std::string> columns_;
  const DesignSpace& space_;
  int line_;
  std::uint64_t index_ = 0;
};

/// Throws InputError naming the first line in which the heads differ.
void require_head(const fs::path& file, const std::string& content, const std::string& head) {
  if (content.starts_with(head)) return;
  const std::vector<std::string> found = split(content, '\n');
  const std::vector<std::string> expected = split(head, '\n');
  for (std::size_t i = 0; i + 1 < expected.size(); ++i) {
    const std::string there = i < found.size() ? found[i] : "";
    if (there == expected[i]) continue;
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

std::string exploration_preamble(const std::string& schema, const DesignSpace& space,
                                 const ExploreOptions& options) {
  const std::string technology = read_file(resolve_config("technology", options.technology));
  std::string text = fmt::format("# schema: {}\n# build: {}\n", schema, build_description());
  text += fmt::format("# space: {}\n# space_checksum: {}\n", space.name(),
                      checksum(to_json_text(describe(space))));
  text += fmt::format("# technology: {}\n# technology_checksum: {}\n", options.technology,
                      checksum(technology));
  const auto& limit = options.max_area_mm2;
  text += fmt::format("# max_area_mm2: {}\n", limit ? format_number(*limit) : "none");
  return text;
}

std::string exploration_head(const Network& network, const DesignSpace& space,
                             const ExploreOptions& options) {
  return exploration_preamble("dovetail.exploration/1", space, options) +
         fmt::format("# network: {}\n# network_checksum: {}\n# configurations: {}\n",
                     network.name(), checksum(network), *space.decisions().count()) +
         join(exploration_columns(space), ",") + ",reason\n";
}

std::vector<std::string> exploration_columns(const DesignSpace& space) {
  std::vector<std::string> columns = {"index"};
  for (const Decision& decision : space.decisions().decisions()) columns.push_back(decision.name);
  for (const ExploredFigure& figure : explored_figures()) columns.push_back(figure.key);
  return columns;
}

std::vector<std::string> exploration_cells(const DesignSpace& space, std::uint64_t index,
                                           const ExploredPoint& point) {
  const DecisionSpace& decisions = space.decisions();
  const Choices choices = decisions.from_index(index);
  std::vector<std::string> cells = {std::to_string(index)};
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    cells.push_back(decisions[d].choices[choices[d]]);
  }
  for (const double value : point.figures) {
    cells.push_back(std::isnan(value) ? "" : format_number(value));
  }
  return cells;
}

std::string exploration_csv(const std::string& head, const DesignSpace& space,
                            const std::vector<ExploredPoint>& points) {
  std::string text = head;
  for (std::uint64_t i = 0; i < points.size(); ++i) {
    text += join(exploration_cells(space, i, points[i]), ",") + ",";
    if (!points[i].feasible()) text += explored_reasons()[points[i].reason];
    text += '\n';
  }
  return text;
}

std::vector<ExploredPoint> load_exploration(const fs::path& file, const std::string& head,
                                            const DesignSpace& space) {
  const std::string content = read_file(file);
  require_head(file, content, head);
  std::vector<std::string> rows = split(std::string_view(content).substr(head.size()), '\n');
  rows.pop_back();  // what follows the last line end: nothing, or a line that was cut
  const auto count = *space.decisions().count();
  if (!content.ends_with('\n') || rows.size() > count) {
    throw InputError(Location{file.string()},
                     fmt::format("found {} rows and then '{}', allowed up to {} whole rows",
                                 rows.size(), content.substr(content.rfind('\n') + 1), count));
  }
  RowReader reader(file, space, static_cast<int>(std::count(head.begin(), head.end(), '\n')));
  std::vector<ExploredPoint> points;
  points.reserve(rows.size());
  for (const std::string& row : rows) points.push_back(reader.next(row));
  return points;
}

}  // namespace dovetail

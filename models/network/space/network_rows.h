#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/text/error.h"

namespace dovetail {

class NetworkSpace;
class YamlMap;

/// Where the rows of a CSV have their network, if not in one column a decision, called like it.
struct NetworkColumns {
  /// One column with one digit a decision, the number of its choice from 0; empty: one column a
  /// decision, holding one of its choices.
  std::string digits;
  /// The column of a decision that is not called like it.
  std::map<std::string, std::string> columns;

  /// From the keys `digits_column` and `columns` of a map, both of which may be left out; and the
  /// lines that read back to the same.
  static NetworkColumns from_yaml(YamlMap& map);
  std::string yaml() const;

  bool operator==(const NetworkColumns&) const = default;
};

/// A further column of a CSV, or member of a JSON object, that is read.
struct RowColumn {
  std::string name;
  bool required = true;
};

/// What stands there in one row.
struct RowCell {
  std::string text;              // as in the file, without blanks around it
  std::optional<double> number;  // if it is a finite one
};

/// A network as it stands in a file, with what is said of it.
struct NetworkRow {
  Choices choices;             // decisions without effect at their first choice
  std::string key;             // of JSON
  std::vector<RowCell> cells;  // of the columns asked for; of one that is not there nothing
  Location where;
};

struct NetworkRows {
  std::vector<NetworkRow> rows;             // in the order of the file, at least one
  std::vector<bool> has;                    // which of the columns asked for; JSON: in any row
  std::vector<std::string> unused_columns;  // of a CSV: neither of a decision nor asked for
};

/// Reads networks of `space` and `columns` of each from
///  - a CSV with a header; lines that open with '#' are comments. Cells of decisions without effect
///    are not looked at;
///  - a .json file as NAS-Bench-Macro publishes it: an object whose keys have one digit a decision
///    (the number of its choice) and whose values are objects.
/// Throws InputError with file, line and column or key for anything else, and for `networks` that
/// do not fit. What cells have to be is for the caller to say.
NetworkRows read_network_rows(const std::filesystem::path& file, const NetworkSpace& space,
                              const NetworkColumns& networks = {},
                              const std::vector<RowColumn>& columns = {});

/// Whether a file is read as JSON.
bool is_json_of_networks(const std::filesystem::path& file);

}  // namespace dovetail

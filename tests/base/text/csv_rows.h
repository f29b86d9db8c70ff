#pragma once

#include <string>
#include <vector>

#include "base/text/csv.h"

namespace dovetail {

/// The rows of a CSV file, the header being the first.
inline std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  CsvReader reader("text", text);
  std::vector<std::vector<std::string>> rows;
  while (auto row = reader.next()) rows.push_back(*row);
  return rows;
}

}  // namespace dovetail

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {

/// One row of a CSV by column; without quoting, which the reference tables do not use.
using CsvRow = std::map<std::string, std::string>;

inline std::vector<CsvRow> read_csv(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<CsvRow> rows;
  std::vector<std::string> columns;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with('#')) continue;
    const std::vector<std::string> cells = split(line, ',');
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    CsvRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = cells.at(i);
  }
  return rows;
}

inline int integer(const CsvRow& row, const std::string& column) {
  return std::stoi(row.at(column));
}

/// Path of a data file; empty where the calibration data is absent.
inline std::filesystem::path data_file(const std::string& name) {
  const std::filesystem::path folder = data_folder();
  return folder.empty() || !exists(folder / name) ? std::filesystem::path() : folder / name;
}

/// Writes a YAML file of its own for the running test.
inline std::filesystem::path write_yaml(const std::string& text) {
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / (test + "-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << text;
  return file;
}

/// The message of the InputError that `call` throws; "" if it throws none.
template <typename Call>
std::string input_error(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace dovetail

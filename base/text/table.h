#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// A text table with aligned columns: numbers to the right, words to the left.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kRight;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add_row(std::vector<std::string> cells);
  /// A rule before the next row (for totals).
  void add_rule() { rules_.push_back(rows_.size()); }
  std::string str() const;
  /// The same as a table of Markdown, rules left out.
  std::string markdown() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> rules_;
};

}  // namespace dovetail

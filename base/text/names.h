#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {

// A table of pairs (value, name) is how an enumeration is written and read.

template <typename Table, typename Value>
std::string name_in(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "unknown";
}

/// Throws InputError, which calls the names `what` and gives the nearest one.
template <typename Table>
auto value_in(const Table& table, const std::string& name, const std::string& what) {
  std::vector<std::string> names;
  for (const auto& [value, known] : table) {
    if (known == name) return value;
    names.push_back(known);
  }
  throw InputError(unknown_name(what, name, names));
}

}  // namespace dovetail

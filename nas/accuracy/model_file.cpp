#include "nas/accuracy/model_file.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"

namespace dovetail {

using json = nlohmann::ordered_json;

double rounded(double value) {
  constexpr double kDecimals = 1e5;
  return std::round(value * kDecimals) / kDecimals;
}

void read_model_file(const std::filesystem::path& file, const char* schema,
                     const std::function<void(const json&)>& read) {
  const Location where{file.string()};
  const std::string text = read_file(file);
  json node;
  try {
    node = json::parse(text);
    const std::string found = node.value("schema", "");
    if (found != schema) {
      throw InputError(where, fmt::format("has schema '{}', expected {}", found, schema));
    }
    read(node);
  } catch (const json::exception& e) {
    throw InputError(where, fmt::format("is not a whole {} file: {}", schema, e.what()));
  }
}

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>

namespace dovetail {

/// To five decimals: what files of fitted coefficients keep, and so what is fitted and read back.
double rounded(double value);

/// Gives `read` the JSON of a file of fitted coefficients. InputError names the file if it cannot
/// be read, is of another schema, or misses something that `read` looks for.
void read_model_file(const std::filesystem::path& file, const char* schema,
                     const std::function<void(const nlohmann::ordered_json&)>& read);

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "base/text/error.h"

namespace dovetail {

// How the parts of a study file are read.

/// A lookup that names what it does not know, told with the place in the file.
template <typename Find>
auto& found(const YamlNode& node, Find find) {
  try {
    return find(node.as_string());
  } catch (const InputError& e) {
    if (!node.is_scalar()) throw;
    throw node.error(e.what());
  }
}

/// A map with these keys and no others: a misspelt key is told before a missing one.
YamlMap map_with(const YamlNode& node, const std::vector<std::string>& keys);

/// A key that would be read and ignored is an error too.
void refuse_keys(YamlMap& map, const std::vector<std::string>& keys, const std::string& why);

/// A name that reports and tables show: without the line breaks and other control characters that
/// an escape ("\e") writes and terminals obey.
std::string shown_name(const YamlNode& node);

/// A name stays a name; a path becomes one that does not depend on the study file's place.
std::string name_or_path(const YamlNode& node, const std::filesystem::path& folder);
/// The same of what is always a path.
std::string path_in(const YamlNode& node, const std::filesystem::path& folder);

}  // namespace dovetail

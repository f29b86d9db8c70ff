#include "models/accuracy/source/accuracy_kind.h"

#include <algorithm>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {

std::string read_choice(YamlMap& map, const std::string& key,
                        const std::vector<std::string>& choices) {
  const auto node = map.optional(key);
  return choices[node ? node->as_choice(choices) : 0];
}

std::string yaml_line(const std::string& key, const std::string& value) {
  return key + ": " + yaml_scalar(value) + "\n";
}

const NetworkSpace& space_of(const NetworkSide& side, const std::string& source) {
  if (side.space) return *side.space;
  throw InputError("source '" + source + "' needs a network space (network.space)");
}

std::filesystem::path resolve_accuracy_file(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json")) {
    return name_or_path;
  }
  const std::filesystem::path folder = configs_folder() / "accuracy";
  std::filesystem::path file = folder / (name_or_path + ".json");
  std::error_code error;
  if (std::filesystem::exists(file, error)) return file;
  std::vector<std::string> known;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
  }
  std::sort(known.begin(), known.end());
  throw InputError(unknown_name("accuracy predictor", name_or_path, known));
}

}  // namespace dovetail

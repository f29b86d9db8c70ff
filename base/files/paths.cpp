#include "base/files/paths.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "base/files/file_roles.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

bool names_only = false;  // of this process, see allow_names_only()

// The folder that an environment variable names; empty if it is unset or empty.
fs::path folder_from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return {};
  std::error_code ignored;
  if (!fs::is_directory(value, ignored)) {
    throw InputError(fmt::format("${}: found '{}', allowed an existing folder", variable, value));
  }
  return value;
}

}  // namespace

fs::path program_folder() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    fs::path installed = executable.parent_path().parent_path() / "share" / "dovetail";
    if (fs::is_directory(installed / "configs", error)) return installed;
  }
  return DOVETAIL_SOURCE_DIR;
}

fs::path configs_folder() {
  if (fs::path given = folder_from_environment("DOVETAIL_CONFIGS"); !given.empty()) return given;
  return program_folder() / "configs";
}

void allow_names_only() {
  names_only = true;
}

void require_path_allowed(const std::string& path) {
  if (!names_only) return;
  throw InputError(fmt::format(
      "found the path '{}', allowed a name: a service reads no files for others", path));
}

fs::path resolve_config(const std::string& kind, const std::string& name_or_path,
                        const fs::path& folder) {
  const fs::path given = name_or_path;
  const bool is_path = name_or_path.find('/') != std::string::npos ||
                       given.extension() == ".yaml" || given.extension() == ".yml";
  if (is_path) {
    require_path_allowed(name_or_path);
    fs::path path = folder / given;  // `given` alone if it is absolute
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      throw InputError(fmt::format("{}: found a folder, allowed a file", path.string()));
    }
    if (!fs::exists(path, ignored)) {
      throw InputError(fmt::format("{}: no such file", path.string()));
    }
    note_input(path);
    return path;
  }
  const std::vector<std::string> known = list_configs(kind);
  if (std::find(known.begin(), known.end(), name_or_path) == known.end()) {
    throw InputError(unknown_name(fmt::format("name in configs/{}", kind), name_or_path, known));
  }
  const fs::path file = configs_folder() / kind / (name_or_path + ".yaml");
  note_input(file);
  return file;
}

std::vector<std::string> list_configs(const std::string& kind) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(configs_folder() / kind, error)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path data_folder() {
  if (fs::path given = folder_from_environment("DOVETAIL_DATA"); !given.empty()) return given;
  std::error_code ignored;
  const fs::path beside = fs::path(DOVETAIL_SOURCE_DIR).parent_path() / "shared" / "data";
  return fs::is_directory(beside, ignored) ? beside : fs::path();
}

}  // namespace dovetail

#include "base/files/file_roles.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include "base/files/links.h"
#include "base/text/error.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

struct NotedFiles {
  std::set<fs::path> inputs;
  std::map<fs::path, std::string> writers;
};
NotedFiles* noted = nullptr;

/// Where a name leads. Not the file's number on the disk: a file that is replaced gives its number
/// to the next one.
fs::path identity(const fs::path& file) {
  return place_led_to(file);
}

bool is_pipe_or_device(const fs::path& file) {
  std::error_code error;
  return fs::is_other(file, error);
}

}  // namespace

FileRoles::FileRoles() {
  noted = new NotedFiles;
}

FileRoles::~FileRoles() {
  delete noted;
  noted = nullptr;
}

void note_input(const fs::path& file) {
  if (noted != nullptr && !is_pipe_or_device(file)) noted->inputs.insert(identity(file));
}

void require_no_input(const fs::path& file) {
  if (noted == nullptr || !noted->inputs.contains(identity(file))) return;
  throw InputError(
      fmt::format("{}: is read by this command, which would replace it; give the output another "
                  "name",
                  file.string()));
}

void claim_output(const fs::path& file, const std::string& writer) {
  if (noted == nullptr || is_pipe_or_device(file)) return;
  require_no_input(file);
  const auto [other, added] = noted->writers.emplace(identity(file), writer);
  if (added) return;
  throw InputError(fmt::format("{}: is written as {} and as {}; give one of them another name",
                               file.string(), other->second, writer));
}

}  // namespace dovetail

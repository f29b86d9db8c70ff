#include "nas/study/moved_paths.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text/text.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnds = "\n\"',}";  // of a path in a configuration

struct MovedFolder {
  std::string from, to;  // folders
};

/// With every path in or at `move.from` as one in `move.to`.
std::string moved(const std::string& text, const MovedFolder& move) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = at + move.from.size();
    const bool is_path = text.compare(at, move.from.size(), move.from) == 0 &&
                         (end == text.size() || text[end] == '/' ||
                          kEnds.find(text[end]) != std::string_view::npos) &&
                         (at == 0 || text[at - 1] == ' ' || text[at - 1] == '"');
    result += is_path ? move.to : std::string(1, text[at]);
    at = is_path ? end : at + 1;
  }
  return result;
}

/// What became of the folder if two paths differ in nothing else.
std::optional<MovedFolder> move_of(std::string_view from, std::string_view to) {
  std::size_t same = 0;  // characters of both at the end, whole names only
  for (std::size_t i = 1; i <= std::min(from.size(), to.size()); ++i) {
    if (from[from.size() - i] != to[to.size() - i]) break;
    if (from[from.size() - i] == '/') same = i;
  }
  if (same == 0) return std::nullopt;
  return MovedFolder{std::string(from.substr(0, from.size() - same)),
                     std::string(to.substr(0, to.size() - same))};
}

/// The absolute paths that a configuration names, in their order.
std::vector<std::string> paths_in(const std::string& configuration) {
  std::vector<std::string> paths;
  for (std::size_t at = configuration.find('/'); at != std::string::npos;
       at = configuration.find('/', at)) {
    const std::size_t end = std::min(configuration.find_first_of(kEnds, at), configuration.size());
    const bool absolute = at > 0 && (configuration[at - 1] == ' ' || configuration[at - 1] == '"');
    if (absolute) paths.push_back(configuration.substr(at, end - at));
    at = end;
  }
  return paths;
}

/// Where a path that is gone stands now.
std::optional<MovedFolder> move_near(const fs::path& gone, const fs::path& folder) {
  std::error_code ignored;
  fs::path place = fs::absolute(folder.empty() ? "." : folder).lexically_normal();
  for (;; place = place.parent_path()) {
    for (auto name = std::next(gone.begin()); name != gone.end(); ++name) {
      fs::path tail;
      for (auto rest = name; rest != gone.end(); ++rest) tail /= *rest;
      if (fs::exists(place / tail, ignored)) return move_of(gone.string(), (place / tail).string());
    }
    if (place == place.parent_path()) return std::nullopt;
  }
}

}  // namespace

std::string with_folder_of(const std::string& stored, const std::string& now) {
  const std::vector<std::string> before = paths_in(stored), after = paths_in(now);
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (before[i] == after[i]) continue;
    const auto move = move_of(before[i], after[i]);
    if (move && moved(stored, *move) == now) return now;
    break;
  }
  return stored;
}

std::string with_files_near(const std::string& configuration, const fs::path& folder) {
  for (const std::string& path : paths_in(configuration)) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) continue;
    if (const auto move = move_near(path, folder)) return moved(configuration, *move);
  }
  return configuration;
}

}  // namespace dovetail

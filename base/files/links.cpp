#include "base/files/links.h"

#include <system_error>

namespace dovetail {
namespace fs = std::filesystem;

std::filesystem::path place_led_to(const fs::path& file) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  std::error_code error;
  fs::path place = fs::absolute(file, error);
  if (error) return file;
  for (int links = 0; links < kMostLinks; ++links) {
    const fs::path resolved = fs::weakly_canonical(place, error);
    if (error) break;
    place = resolved;
    if (!fs::is_symlink(place, error)) return place;
    const fs::path target = fs::read_symlink(place, error);
    if (error) break;
    place = place.parent_path() / target;
  }
  return place.lexically_normal();
}

}  // namespace dovetail

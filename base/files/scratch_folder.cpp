#include "base/files/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text/error.h"

namespace dovetail {

ScratchFolder::ScratchFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) throw RunError("there is no folder for temporary files: " + error.message());
  std::string name = (parent / "dovetail-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw RunError(name + ": cannot be made: " + std::strerror(errno));
  }
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace dovetail

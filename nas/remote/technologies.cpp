#include "nas/remote/technologies.h"

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/paths.h"

namespace dovetail {

std::map<std::string, std::string> technology_checksums() {
  std::map<std::string, std::string> checksums;
  for (const std::string& name : list_configs("technology")) {
    checksums[name] = Checksum::of(read_file(resolve_config("technology", name)));
  }
  return checksums;
}

}  // namespace dovetail

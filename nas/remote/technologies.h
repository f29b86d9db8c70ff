#pragma once

#include <map>
#include <string>

namespace dovetail {

/// Checksum of each technology in configs/technology, by its name.
std::map<std::string, std::string> technology_checksums();

}  // namespace dovetail

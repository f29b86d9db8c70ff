#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

// The configuration of a study names its files by absolute paths. A project that was moved or
// copied as a whole has the same files in another folder; that they are the same their checksums
// tell.

/// `stored` with one folder replaced so that it is `now`, if that is all that differs; else as it
/// is.
std::string with_folder_of(const std::string& stored, const std::string& now);

/// `configuration` with one folder replaced, if a file that it names is gone and stands beside the
/// study in `folder`, or above, with as much of its path as is there; else as it is.
std::string with_files_near(const std::string& configuration, const std::filesystem::path& folder);

}  // namespace dovetail

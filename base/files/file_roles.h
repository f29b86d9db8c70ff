#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

/// While one lives, a file is either read or written by this process, and never both: what has been
/// noted as an input is not replaced, and two outputs do not share a name. Files are told apart by
/// where their names lead, so through links too. One at a time; without one nothing is noted.
class FileRoles {
 public:
  FileRoles();
  ~FileRoles();
  FileRoles(const FileRoles&) = delete;
  FileRoles& operator=(const FileRoles&) = delete;
};

/// What this process reads and must not replace. Files that a program keeps for itself, to go on
/// with, are no inputs.
void note_input(const std::filesystem::path& file);

/// Throws InputError if `file` is an input. Everything that replaces a file asks this.
void require_no_input(const std::filesystem::path& file);

/// The same, and if something else is to write the same file; `writer` is what writes this one
/// ("--json"). Pipes and devices may be written by several.
void claim_output(const std::filesystem::path& file, const std::string& writer);

}  // namespace dovetail

#pragma once

#include <filesystem>

#include "nas/study/study_store.h"

namespace dovetail {

struct CheckedStudy {
  std::filesystem::path file;
  StoreContents contents;
};

/// Reads all of the study in `place` (a folder or its study.db), as every other command reads it
/// and with every check there is; also while another process works on it. Throws InputError for
/// what is not as it was written, or cannot be.
CheckedStudy check_study(const std::filesystem::path& place);

}  // namespace dovetail

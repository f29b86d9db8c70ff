#include "nas/study/study_lock.h"

namespace dovetail {
namespace {

constexpr const char* kLockFile = ".lock";

}  // namespace

StudyLock::StudyLock(const std::filesystem::path& folder)
    : lock_(folder / kLockFile, folder, "is working on this study", RecordLock::AtEnd::kKeep) {}

std::optional<int> StudyLock::holder(const std::filesystem::path& folder) {
  return RecordLock::holder(folder / kLockFile);
}

}  // namespace dovetail

#include "nas/analysis/study_check.h"

#include <chrono>
#include <thread>

#include "base/text/error.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {
namespace {

/// A study under work may be between two states for a moment: its file is made, closed, or moved
/// when it grows. What is wrong for longer than all of these tries stays so, and is told as it was
/// found.
constexpr int kTriesWhileItChanges = 10;
constexpr std::chrono::milliseconds kBetweenTries{50};

CheckedStudy check_once(const std::filesystem::path& place) {
  CheckedStudy study{study_file(place), {}};
  StoredStudy::load(place);
  study.contents = StudyStore::open(study.file, StudyStore::Access::kRead).check();
  return study;
}

}  // namespace

CheckedStudy check_study(const std::filesystem::path& place) {
  for (int tries = 1;; ++tries) {
    const bool changes = StudyState::of(study_file(place)).process.has_value();
    try {
      return check_once(place);
    } catch (const std::exception&) {
      if (!changes || tries == kTriesWhileItChanges) throw;
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace dovetail

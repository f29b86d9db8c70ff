#pragma once

#include <filesystem>
#include <string>

#include "nas/study/search_runner.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

// A study may be given more evaluations or seeds. What it would have asked, had it had them from
// its beginning, only its strategy knows: trials have other numbers then, and a last batch that was
// cut short another size. So it is begun anew with its new size, beside what it had found, and
// evaluates only what is not there. It ends as if it had been asked for all at once.

/// `begun`, the configuration of a stored study, with the evaluations and seeds of `now`. Throws
/// InputError, which names `file`, if `now` has fewer of them.
std::string with_size_of(const std::string& begun, const std::string& now,
                         const std::filesystem::path& file);

/// What a study had found before it was given more, in its folder for unfinished work.
class SmallerStudy {
 public:
  explicit SmallerStudy(const std::filesystem::path& unfinished);

  bool exists() const;
  const std::filesystem::path& file() const { return file_; }
  StudyDescription description() const;
  /// Moves a study and its timings here. Throws InputError if there is one: a study that grows
  /// first becomes what it was to be.
  void take(const std::filesystem::path& study);
  /// Copies the answers of slow accuracy sources to `store`.
  void hand_accuracies_to(StudyStore& store) const;
  /// The trials that were claimed, for a store that has none yet.
  void hand_claims_to(StudyStore& store) const;
  /// `evaluators` that know what was simulated here.
  StudyEvaluators known_to(StudyEvaluators evaluators, const StudySetup& setup) const;

 private:
  std::filesystem::path folder_, file_;
};

}  // namespace dovetail

#include "tests/fuzz/check_stored.h"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/scratch_folder.h"
#include "base/files/yaml.h"
#include "base/text/error.h"
#include "nas/study/study_config.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {
namespace {

/// Of all inputs of one process.
const std::filesystem::path& scratch() {
  static const ScratchFolder folder;
  return folder.path();
}

void expect(bool holds, const char* otherwise) {
  if (!holds) throw std::logic_error(otherwise);
}

}  // namespace

void check_study_yaml(std::string_view content) {
  try {
    const StudyConfig config =
        StudyConfig::from_yaml(YamlNode::parse(std::string(content), "input"), scratch());
    const std::string written = config.to_yaml();
    const StudyConfig again = StudyConfig::from_yaml(YamlNode::parse(written, "again"), scratch());
    expect(again.to_yaml() == written, "what was written reads as another study");
    const bool runs_programs = config.accuracy.source == "command" ||
                               config.accuracy.source == "train" ||
                               config.accuracy.source == "supernet";
    if (!runs_programs) StudySetup(config).description();
  } catch (const InputError&) {
    // refused, which is right
  }
}

void check_study_store(std::string_view content) {
  const std::filesystem::path file = scratch() / "study.db";
  write_file_atomically(file, std::string(content));
  for (const auto access : {StudyStore::Access::kRead, StudyStore::Access::kWrite}) {
    try {
      const StudyStore store = StudyStore::open(file, access);
      const StoreContents contents = store.check();
      expect(static_cast<std::int64_t>(store.all().size()) == contents.trials,
             "two numbers of trials");
      store.accuracies();
    } catch (const InputError&) {
      // refused, which is right
    } catch (const RunError&) {
      // SQLite could not go on
    }
  }
}

}  // namespace dovetail

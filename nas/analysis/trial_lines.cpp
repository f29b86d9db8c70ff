#include "nas/analysis/trial_lines.h"

#include <cerrno>
#include <cstdio>

#include "base/files/atomic_file.h"
#include "nas/analysis/trial_table.h"

namespace dovetail {

TrialLines::TrialLines(std::string file, std::filesystem::path folder)
    : file_(std::move(file)), folder_(std::move(folder)) {}

void TrialLines::begin() {
  study_ = StoredStudy::load(folder_);
  study_->trials.clear();
  study_->timings.clear();
  if (file_ == "-") return;
  write_file_atomically(file_, "");
  log_ = std::make_unique<LineLog>(file_);
}

void TrialLines::add(std::span<const StoredTrial> trials) {
  if (!study_) begin();
  std::string lines;
  for (const StoredTrial& trial : trials) {
    lines += trial_line(*study_, trial, ++counts_[{trial.run, trial.stage}]);
  }
  if (log_) return log_->append(lines);
  const bool written = std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size();
  if (!written || std::fflush(stdout) != 0) {
    throw_file_error(errno, "cannot write", "standard output");
  }
}

}  // namespace dovetail

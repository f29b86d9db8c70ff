#include "models/training/supernet/supernet_program.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <sstream>

#include "base/files/atomic_file.h"
#include "base/process/line_program.h"
#include "base/text/error.h"
#include "models/training/job/training_runs.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

std::string choices_text(const Choices& choices) {
  return fmt::format("{}", fmt::join(choices, ","));
}

const fs::path& with_job(const SupernetJob& job, const fs::path& folder) {
  require_trainer();
  const SupernetFiles files = SupernetFiles::in(folder);
  const std::string text = job.to_json_text();
  std::error_code error;
  if (!fs::exists(files.job, error)) {
    require_writable_folder(folder);
    write_file_atomically(files.job, text);
  } else if (read_file(files.job) != text) {
    throw InputError(files.job.string() +
                     ": of another supernet: the space, the images or an option has changed since "
                     "it was begun; to start anew, use another folder");
  }
  return folder;
}

}  // namespace

struct SupernetProgram::Impl {
  explicit Impl(const fs::path& folder)
      : program(trainer_program().string(), {"dovetail_trainer", fs::absolute(folder).string()}) {}

  /// What the program answers, behind the word that says what became of the request.
  std::istringstream ask(const std::string& request) {
    const std::string answer = program.ask(request);
    const std::size_t end = answer.find(' ');
    const std::string kind = answer.substr(0, end);
    const std::string rest = end == std::string::npos ? "" : answer.substr(end + 1);
    if (kind == "ok") return std::istringstream(rest);
    if (kind == "input") throw InputError(rest);
    if (kind == "disk") throw DiskFullError(rest);
    throw RunError(rest.empty() ? "supernet: found '" + answer + "' for an answer" : rest);
  }
  double number(const std::string& request) {
    double value = 0;
    if (!(ask(request) >> value)) throw RunError("supernet: no number for '" + request + "'");
    return value;
  }

  LineProgram program;
};

SupernetProgram::SupernetProgram(const SupernetJob& job, const fs::path& folder)
    : SupernetProgram(with_job(job, folder)) {}

SupernetProgram::SupernetProgram(const fs::path& folder) {
  require_trainer();
  impl_ = std::make_unique<Impl>(folder);
  static_cast<void>(progress());  // what is wrong with the job, now
}

SupernetProgram::~SupernetProgram() = default;

SupernetProgress SupernetProgram::progress() {
  SupernetProgress progress;
  std::istringstream answer = impl_->ask("progress");
  if (!(answer >> progress.steps >> progress.steps_per_epoch >> progress.all_steps)) {
    throw RunError("supernet: no progress is told");
  }
  return progress;
}

SupernetStep SupernetProgram::train(std::span<const Choices> networks) {
  std::string request = "train";
  for (const Choices& choices : networks) request += " " + choices_text(choices);
  std::istringstream answer = impl_->ask(request);
  SupernetStep step;
  answer >> step.loss;
  for (double percent = 0; answer >> percent;) step.percents.push_back(percent);
  if (step.percents.size() != networks.size()) throw RunError("supernet: a step without answers");
  return step;
}

double SupernetProgram::score(const Choices& network, int batches) {
  return impl_->number(fmt::format("score {} {}", batches, choices_text(network)));
}

double SupernetProgram::measure(const Choices& network) {
  return impl_->number("measure " + choices_text(network));
}

void SupernetProgram::save(const std::string& note) {
  impl_->ask("save " + note);
}

std::string SupernetProgram::note() {
  return impl_->ask("note").str();
}

}  // namespace dovetail

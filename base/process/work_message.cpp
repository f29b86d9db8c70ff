#include "base/process/work_message.h"

#include <fmt/core.h>

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

struct MessageWord {
  std::string_view word;
  WorkMessage::Kind kind;
  AnswerKind content;
};
constexpr MessageWord kWords[] = {
    {"job", WorkMessage::Kind::kJob, AnswerKind::kBytes},
    {"task", WorkMessage::Kind::kTask, AnswerKind::kBytes},
    {"end", WorkMessage::Kind::kEnd, AnswerKind::kBytes},
    {"answer", WorkMessage::Kind::kAnswer, AnswerKind::kBytes},
    {"input_error", WorkMessage::Kind::kAnswer, AnswerKind::kInputError},
    {"run_error", WorkMessage::Kind::kAnswer, AnswerKind::kRunError},
    {"gone", WorkMessage::Kind::kAnswer, AnswerKind::kGone},
};

}  // namespace

std::string to_bytes(const WorkMessage& message) {
  for (const MessageWord& word : kWords) {
    if (word.kind != message.kind || word.content != message.content.kind) continue;
    return fmt::format("{} {}\n", word.word, message.task) + message.content.bytes;
  }
  throw std::logic_error("to_bytes: a message that only answers have");
}

WorkMessage work_message(const std::string& bytes) {
  const std::string_view line = std::string_view(bytes).substr(0, bytes.find('\n'));
  for (const MessageWord& word : kWords) {
    if (line.size() == bytes.size() || !line.starts_with(word.word)) continue;
    const std::string_view number = line.substr(word.word.size());
    if (!number.starts_with(' ')) continue;
    WorkMessage message{word.kind, 0, {word.content, bytes.substr(line.size() + 1)}};
    const auto [end, error] =
        std::from_chars(number.data() + 1, number.data() + number.size(), message.task);
    if (error == std::errc() && end == number.data() + number.size()) return message;
  }
  throw RunError(fmt::format("found '{}', which is no message of a worker", line.substr(0, 40)));
}

WorkServer::WorkServer(std::string name, WorkOfJob work_of_job)
    : name_(std::move(name)), work_of_job_(std::move(work_of_job)) {}

std::optional<WorkMessage> WorkServer::handle(const WorkMessage& message) {
  switch (message.kind) {
    case WorkMessage::Kind::kJob:
      job_error_ = answer_of([&] {
        work_ = work_of_job_(message.content.bytes);
        return std::string();
      });
      return std::nullopt;
    case WorkMessage::Kind::kTask: {
      Answer answer = job_error_;
      if (answer.kind == AnswerKind::kBytes) {
        answer = answer_of([&] { return work_(message.content.bytes); });
      }
      if (answer.kind != AnswerKind::kBytes && !name_.empty()) {
        answer.bytes = fmt::format("{}: {}", name_, answer.bytes);
      }
      return WorkMessage{WorkMessage::Kind::kAnswer, message.task, std::move(answer)};
    }
    case WorkMessage::Kind::kEnd:
      ended_ = true;
      return message;
    case WorkMessage::Kind::kAnswer:
      break;
  }
  throw std::logic_error("WorkServer: an answer was sent to a process that asks nothing");
}

}  // namespace dovetail

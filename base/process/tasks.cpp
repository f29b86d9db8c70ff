#include "base/process/tasks.h"

#include <exception>

namespace dovetail {

std::uint64_t run_here(const Tasks& tasks) {
  std::uint64_t delivered = 0;
  while (delivered < tasks.count && (!tasks.keep_going || tasks.keep_going())) {
    tasks.deliver(delivered, tasks.work(tasks.request(delivered)));
    ++delivered;
  }
  return delivered;
}

Answer answer_of(const std::function<std::string()>& work) {
  try {
    return {AnswerKind::kBytes, work()};
  } catch (const InputError& e) {
    return {AnswerKind::kInputError, e.what()};
  } catch (const GoneError& e) {
    return {AnswerKind::kGone, e.what()};
  } catch (const std::exception& e) {
    return {AnswerKind::kRunError, e.what()};
  } catch (...) {
    return {AnswerKind::kRunError, "an unknown exception"};
  }
}

const std::string& bytes_of(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kInputError:
      throw InputError(answer.bytes);
    case AnswerKind::kRunError:
      throw RunError(answer.bytes);
    case AnswerKind::kGone:
      throw GoneError(answer.bytes);
    case AnswerKind::kBytes:
      break;
  }
  return answer.bytes;
}

}  // namespace dovetail

#include "base/process/tasks.h"

#include <exception>

#include "base/text/error.h"

namespace dovetail {

Answer answer_of(const std::function<std::string()>& work) {
  try {
    return {AnswerKind::kBytes, work()};
  } catch (const InputError& e) {
    return {AnswerKind::kInputError, e.what()};
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
    case AnswerKind::kBytes:
      break;
  }
  return answer.bytes;
}

}  // namespace dovetail

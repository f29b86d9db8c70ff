#include "nas/accuracy/source/accuracy_source.h"

#include <utility>

#include "base/text/error.h"

namespace dovetail {

AccuracyAnswer AccuracyAnswer::known(const AccuracyEstimate& estimate) {
  return {TrialStatus::kOk, estimate, ""};
}

AccuracyAnswer AccuracyAnswer::refused(std::string reason) {
  return {TrialStatus::kRefused, {}, std::move(reason)};
}

AccuracyAnswer AccuracyAnswer::failed(std::string reason) {
  return {TrialStatus::kFailed, {}, std::move(reason)};
}

void AccuracySource::ask(std::span<const Choices> networks, const Answered& answered,
                         const KeepGoing& keep_going) {
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (keep_going && !keep_going()) return;
    try {
      answered(i, AccuracyAnswer::known(accuracy(networks[i])));
    } catch (const InputError& e) {
      answered(i, AccuracyAnswer::refused(e.what()));
    } catch (const RunError& e) {
      answered(i, AccuracyAnswer::failed(e.what()));
    }
  }
}

}  // namespace dovetail

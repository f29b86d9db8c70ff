#include "models/accuracy/source/accuracy_source.h"

#include <array>
#include <cmath>
#include <utility>

#include "base/text/error.h"
#include "base/text/names.h"

namespace dovetail {
namespace {

const std::array<std::pair<AccuracyStatus, std::string>, 3> kStatusNames{{
    {AccuracyStatus::kOk, "ok"},
    {AccuracyStatus::kFailed, "failed"},
    {AccuracyStatus::kRefused, "refused"},
}};

}  // namespace

std::string to_string(AccuracyStatus status) {
  return name_in(kStatusNames, status);
}

AccuracyStatus accuracy_status(const std::string& name) {
  return value_in(kStatusNames, name, "accuracy status");
}

bool AccuracyEstimate::operator==(const AccuracyEstimate& other) const {
  const bool unknown = std::isnan(top1_percent) && std::isnan(other.top1_percent);
  return (unknown || top1_percent == other.top1_percent) && extrapolated == other.extrapolated;
}

AccuracyAnswer AccuracyAnswer::known(const AccuracyEstimate& estimate) {
  return {AccuracyStatus::kOk, estimate, "", {}};
}

AccuracyAnswer AccuracyAnswer::refused(std::string reason) {
  return {AccuracyStatus::kRefused, {}, std::move(reason), {}};
}

AccuracyAnswer AccuracyAnswer::failed(std::string reason) {
  return {AccuracyStatus::kFailed, {}, std::move(reason), {}};
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

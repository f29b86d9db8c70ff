#include "models/accuracy/told/told_kind.h"

namespace dovetail {
namespace {

/// Knows nothing itself: what was told is in the cache before it, and in the study.
class ToldAccuracy : public AccuracySource {
 public:
  AccuracyEstimate accuracy(const Choices&) override { throw RunError(untold_accuracy().reason); }
  bool slow() const override { return true; }
  std::string description() const override { return "accuracy told with each candidate"; }
};

class ToldSettings : public AccuracySettings {
 public:
  std::string yaml() const override { return ""; }
  std::shared_ptr<AccuracySource> make(const NetworkSide&) const override {
    return std::make_shared<ToldAccuracy>();
  }
};

std::shared_ptr<const AccuracySettings> read(YamlMap&, const std::filesystem::path&) {
  return std::make_shared<ToldSettings>();
}

}  // namespace

AccuracyAnswer untold_accuracy() {
  return AccuracyAnswer::failed("no accuracy was told for the network");
}

AccuracySourceKind told_kind() {
  return {"told", "what is told with each candidate (dovetail study tell)", {}, read};
}

}  // namespace dovetail

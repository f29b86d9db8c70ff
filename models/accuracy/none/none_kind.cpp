#include "models/accuracy/none/none_kind.h"

#include <limits>

namespace dovetail {
namespace {

class NoAccuracy : public AccuracySource {
 public:
  AccuracyEstimate accuracy(const Choices&) override {
    return {std::numeric_limits<double>::quiet_NaN(), false};
  }
  bool speaks() const override { return false; }
  std::string description() const override { return "none: nothing in the study is about it"; }
};

class NoSettings : public AccuracySettings {
 public:
  std::string yaml() const override { return ""; }
  std::shared_ptr<AccuracySource> make(const NetworkSide&) const override {
    return silent_accuracy();
  }
};

std::shared_ptr<const AccuracySettings> read(YamlMap&, const std::filesystem::path&) {
  return std::make_shared<NoSettings>();
}

}  // namespace

std::shared_ptr<AccuracySource> silent_accuracy() {
  return std::make_shared<NoAccuracy>();
}

AccuracySourceKind none_kind() {
  return {"none", "nothing: the study is about costs alone", {}, read};
}

}  // namespace dovetail

#include "models/accuracy/published/published_kind.h"

#include "base/text/error.h"

namespace dovetail {
namespace {

class PublishedAccuracy : public AccuracySource {
 public:
  explicit PublishedAccuracy(const NetworkSide& side) : network_(side.network) {
    if (!network_) {
      throw InputError("source 'published' needs one network of the zoo (network.fixed)");
    }
    if (!network_->published.top1_percent) {
      throw InputError("network '" + network_->name() + "' has no published top-1 accuracy");
    }
  }
  AccuracyEstimate accuracy(const Choices&) override {
    return {*network_->published.top1_percent, false};
  }
  std::string description() const override {
    return "published accuracy of " + network_->name() + ": " + network_->published.source;
  }

 private:
  std::shared_ptr<const Network> network_;
};

class PublishedSettings : public AccuracySettings {
 public:
  std::string yaml() const override { return ""; }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return std::make_shared<PublishedAccuracy>(side);
  }
};

std::shared_ptr<const AccuracySettings> read(YamlMap&, const std::filesystem::path&) {
  return std::make_shared<PublishedSettings>();
}

}  // namespace

AccuracySourceKind published_kind() {
  return {"published", "the published figure of one network of the zoo", {}, read};
}

}  // namespace dovetail

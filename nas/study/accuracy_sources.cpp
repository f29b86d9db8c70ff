#include "nas/study/accuracy_sources.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/paths.h"
#include "base/text.h"
#include "nas/accuracy/ridge_predictor.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// The figure that was published with the one network of the study.
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

std::shared_ptr<AccuracySource> make_published(const AccuracySettings&, const NetworkSide& side) {
  return std::make_shared<PublishedAccuracy>(side);
}

std::shared_ptr<AccuracySource> make_predictor(const AccuracySettings& settings,
                                               const NetworkSide& side) {
  if (!side.space) throw InputError("source 'predictor' needs a network space (network.space)");
  return load_ridge_predictor(
      resolve_accuracy_file(settings.file), *side.space,
      settings.out_of_range == "flag" ? OutOfRange::kFlag : OutOfRange::kRefuse);
}

const std::vector<AccuracySourceKind>& table() {
  static const std::vector<AccuracySourceKind> rows{
      {"predictor", "fitted on measured networks of the space (dovetail fit-accuracy)", true,
       make_predictor},
      {"published", "the published figure of one network of the zoo", false, make_published},
  };
  return rows;
}

}  // namespace

std::span<const AccuracySourceKind> accuracy_source_kinds() {
  return table();
}

const AccuracySourceKind& find_accuracy_source(const std::string& name) {
  std::vector<std::string> known;
  for (const AccuracySourceKind& kind : table()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw InputError(unknown_name("accuracy source", name, known));
}

fs::path resolve_accuracy_file(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json")) {
    return name_or_path;
  }
  const fs::path folder = configs_folder() / "accuracy";
  fs::path file = folder / (name_or_path + ".json");
  std::error_code error;
  if (fs::exists(file, error)) return file;
  std::vector<std::string> known;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
  }
  std::sort(known.begin(), known.end());
  throw InputError(unknown_name("accuracy predictor", name_or_path, known));
}

}  // namespace dovetail

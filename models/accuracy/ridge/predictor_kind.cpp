#include "models/accuracy/ridge/predictor_kind.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "models/accuracy/ridge/ridge_predictor.h"

namespace dovetail {
namespace {

const std::vector<std::string> kOutOfRange{"refuse", "flag"};

class PredictorSettings : public AccuracySettings {
 public:
  PredictorSettings(std::string file, std::string out_of_range)
      : file_(std::move(file)), out_of_range_(std::move(out_of_range)) {}

  std::string yaml() const override {
    return yaml_line("file", file_) + yaml_line("out_of_range", out_of_range_);
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return load_ridge_predictor(resolve_accuracy_file(file_), space_of(side, "predictor"),
                                out_of_range_ == "flag" ? OutOfRange::kFlag : OutOfRange::kRefuse);
  }
  std::map<std::string, std::filesystem::path> files() const override {
    return {{"accuracy", resolve_accuracy_file(file_)}};
  }

 private:
  std::string file_;  // name or path
  std::string out_of_range_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const std::filesystem::path& folder) {
  const std::string file = name_or_path(map.required("file"), folder);
  return std::make_shared<PredictorSettings>(file, read_choice(map, "out_of_range", kOutOfRange));
}

}  // namespace

AccuracySourceKind predictor_kind() {
  return {"predictor",
          "fitted on measured networks of the space (dovetail fit-accuracy)",
          {"file", "out_of_range"},
          read};
}

}  // namespace dovetail

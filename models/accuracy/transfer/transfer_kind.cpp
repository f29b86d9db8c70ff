#include "models/accuracy/transfer/transfer_kind.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "models/accuracy/transfer/transfer_predictor.h"

namespace dovetail {
namespace {

class TransferSettings : public AccuracySettings {
 public:
  explicit TransferSettings(std::string file) : file_(std::move(file)) {}

  std::string yaml() const override { return yaml_line("file", file_); }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return load_transfer_predictor(resolve_accuracy_file(file_), space_of(side, "transfer"));
  }
  std::map<std::string, std::filesystem::path> files() const override {
    return {{"accuracy", resolve_accuracy_file(file_)}};
  }

 private:
  std::string file_;  // name or path
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const std::filesystem::path& folder) {
  return std::make_shared<TransferSettings>(name_or_path(map.required("file"), folder));
}

}  // namespace

AccuracySourceKind transfer_kind() {
  return {"transfer",
          "effects of another space, carried over; always flagged (dovetail fit-transfer)",
          {"file"},
          read};
}

}  // namespace dovetail

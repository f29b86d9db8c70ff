#include "models/accuracy/measured/table_kind.h"

#include "base/files/yaml_reading.h"
#include "models/accuracy/measured/accuracy_table.h"

namespace dovetail {
namespace {

const std::vector<std::string> kDuplicates{"refuse", "mean"};

class TableSettings : public AccuracySettings {
 public:
  TableSettings(YamlMap& map, const std::filesystem::path& folder)
      : file_(path_in(map.required("file"), folder)),
        duplicates_(read_choice(map, "duplicates", kDuplicates)) {
    if (const auto name = map.optional("accuracy_column")) format_.accuracy = name->as_string();
    static_cast<NetworkColumns&>(format_) = NetworkColumns::from_yaml(map);
  }

  std::string yaml() const override {
    std::string text = yaml_line("file", file_) + yaml_line("duplicates", duplicates_);
    if (!format_.accuracy.empty()) text += yaml_line("accuracy_column", format_.accuracy);
    return text + static_cast<const NetworkColumns&>(format_).yaml();
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return load_accuracy_table(file_, space_of(side, "table"), format_,
                               duplicates_ == "mean" ? Duplicates::kMean : Duplicates::kRefuse);
  }
  std::map<std::string, std::filesystem::path> files() const override {
    return {{"accuracy", file_}};
  }

 private:
  std::string file_, duplicates_;
  MeasurementFormat format_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const std::filesystem::path& folder) {
  return std::make_shared<TableSettings>(map, folder);
}

}  // namespace

AccuracySourceKind table_kind() {
  return {"table",
          "looked up in a file of measured networks (CSV, or JSON as of NAS-Bench-Macro)",
          {"file", "duplicates", "accuracy_column", "digits_column", "columns"},
          read};
}

}  // namespace dovetail

#include "nas/study/study_config.h"

#include "nas/study/study_keys.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.study/1";

}  // namespace

StudyConfig StudyConfig::from_yaml(const YamlNode& node, const std::filesystem::path& folder) {
  node.map().require_schema(kSchema);
  StudyConfig config;
  StudyReading reading{folder, {}};
  read_keys(node, study_keys(), reading, config, {"schema"});
  for (const auto& action : reading.afterwards) action(config);
  return config;
}

StudyConfig StudyConfig::load(const std::filesystem::path& file) {
  return from_yaml(YamlNode::load(file), file.parent_path());
}

std::string StudyConfig::to_yaml() const {
  return std::string("schema: ") + kSchema + "\n" + write_keys(study_keys(), *this);
}

}  // namespace dovetail

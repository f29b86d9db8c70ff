#include "nas/study/study_config.h"

#include "nas/study/study_cost_keys.h"
#include "nas/study/study_keys.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.study/1";

}  // namespace

const char* CostSettings::figures() const {
  return correction.empty() ? model->figures : "corrected";
}

StudyConfig StudyConfig::from_yaml(const YamlNode& node, const std::filesystem::path& folder) {
  node.map().require_schema(kSchema);
  StudyConfig config;
  config.cost.model = &named_cost_model(node);
  StudyReading reading{folder, {}};
  read_keys(node, study_keys(), reading, config, {"schema"});
  for (const auto& action : reading.afterwards) action(config);
  return config;
}

StudyConfig StudyConfig::load(const std::filesystem::path& file) {
  return from_yaml(YamlNode::load(file), file.parent_path());
}

bool StudyConfig::has_accelerator() const {
  return !cost.model->from_user || !hardware.space.empty() || !hardware.baseline.empty();
}

std::vector<PlannedPhase> StudyConfig::planned_phases() const {
  if (!phase) return {};
  const std::int64_t for_hardware = phase->hardware_evaluations;
  const std::int64_t for_networks = evaluations - for_hardware;
  if (phase->network_first) {
    return {{Scope::kNetwork, for_networks}, {Scope::kHardware, for_hardware}};
  }
  std::vector<PlannedPhase> planned;
  const std::int64_t cycles = phase->cycles;
  for (std::int64_t cycle = 0; cycle < cycles; ++cycle) {
    const auto part = [&](std::int64_t all) {
      return all * (cycle + 1) / cycles - all * cycle / cycles;
    };
    planned.push_back({Scope::kHardware, part(for_hardware)});
    planned.push_back({Scope::kNetwork, part(for_networks)});
  }
  return planned;
}

std::string StudyConfig::to_yaml() const {
  return std::string("schema: ") + kSchema + "\n" + write_keys(study_keys(), *this);
}

}  // namespace dovetail

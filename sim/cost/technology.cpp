#include "sim/cost/technology.h"

#include <utility>

#include "base/yaml.h"

namespace dovetail {

Technology Technology::load(const std::filesystem::path& file) {
  YamlMap map = YamlNode::load(file).map();
  map.require_schema("dovetail.technology/1");
  Technology technology;
  technology.name = map.required("name").as_string();
  const std::pair<const char*, double Technology::*> coefficients[] = {
      {"node_nm", &Technology::node_nm},
      {"mac_mm2", &Technology::mac_mm2},
      {"register_file_mm2_per_kib", &Technology::register_file_mm2_per_kib},
      {"local_memory_mm2_per_mib", &Technology::local_memory_mm2_per_mib},
      {"pe_control_mm2", &Technology::pe_control_mm2},
      {"interconnect_mm2_per_pe", &Technology::interconnect_mm2_per_pe},
      {"io_mm2_per_gbps", &Technology::io_mm2_per_gbps},
      {"sequencer_mm2", &Technology::sequencer_mm2},
  };
  for (const auto& [key, field] : coefficients)
    technology.*field = map.required(key).as_double(0, 1000);
  map.finish();
  return technology;
}

}  // namespace dovetail

#include "hw_space/parameter_table.h"

#include "hw_space/accelerator_config.h"

namespace dovetail {

Table parameter_table() {
  constexpr auto kLeft = Table::Align::kLeft;
  Table table({{"key", kLeft},
               {"meaning", kLeft},
               {"unit", kLeft},
               {"allowed", kLeft},
               {"default"},
               {"searched", kLeft},
               {"source", kLeft}});
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    table.add_row({p.key, p.meaning, p.unit, p.range(), p.default_text(), p.searched ? "yes" : "no",
                   p.source});
  }
  return table;
}

}  // namespace dovetail

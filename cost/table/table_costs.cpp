#include "cost/table/table_costs.h"

#include <utility>

#include "base/text/error.h"
#include "cost/model/lookup_stream.h"

namespace dovetail {

TableCosts::TableCosts(PairDomain domain, std::shared_ptr<const CostTable> table)
    : domain_(std::move(domain)), table_(std::move(table)) {
  if (domain_.network.space && domain_.hardware.space) return;
  throw InputError("a table of costs needs a network space and a hardware space");
}

Costs TableCosts::look_up(const Pair& pair) const {
  const DecisionSpace& networks = domain_.network.space->decisions();
  const DecisionSpace& accelerators = domain_.hardware.space->decisions();
  networks.validate(pair.network);
  accelerators.validate(pair.hardware);
  const std::uint64_t accelerator = accelerators.index_of(pair.hardware);
  const std::size_t network = table_->network_row(networks.index_of(pair.network));
  const double latency_ms = table_->latency_ms(network, accelerator);
  Costs costs;
  costs.area_mm2 = table_->area_mm2(accelerator);
  if (latency_ms == 0) {
    costs.reason = InfeasibleReason::kTabled;
  } else {
    costs.latency_ms = latency_ms;
    costs.energy_mj = table_->energy_mj(network, accelerator);
    if (table_->has_memory()) {
      costs.peak_local_memory_kib = table_->peak_local_memory_kib(network, accelerator);
    }
  }
  return costs;
}

std::uint64_t TableCosts::stream(const PairStream& pairs) {
  return stream_lookups(pairs, [this](const Pair& pair) { return look_up(pair); });
}

}  // namespace dovetail

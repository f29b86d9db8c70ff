#include "cost/table/cost_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/files/hdf5_file.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/simulation/simulation_costs.h"
#include "models/network/space/space_description.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.cost_table/2";
constexpr const char* kMemory = "peak_local_memory_kib";  // older tables have it not
constexpr std::uint64_t kMostPoints = 1'000'000;
constexpr std::size_t kCheckedPairs = 16;
constexpr std::size_t kNetworksTogether = 1000;  // in a request

std::uint64_t points_of(const std::string& name, const DecisionSpace& decisions) {
  const auto count = decisions.count();
  if (count && *count < kMostPoints) return *count;
  throw InputError(
      fmt::format("space '{}' has {:g} points; a table of all pairs takes fewer than {}", name,
                  decisions.cardinality(), kMostPoints));
}

/// What the table holds of a pair; 0 if it is infeasible.
struct TableEntry {
  double latency_ms = 0, energy_mj = 0, peak_local_memory_kib = 0;
  bool operator==(const TableEntry&) const = default;
};

TableEntry entry_of(const PairCosts& found) {
  const Costs& costs = found.checked();
  return costs.feasible()
             ? TableEntry{costs.latency_ms, costs.energy_mj, costs.peak_local_memory_kib}
             : TableEntry{};
}

}  // namespace

CostTable::CostTable(const NetworkSpace& networks, const DesignSpace& accelerators,
                     std::string technology)
    : technology_(std::move(technology)) {
  const std::uint64_t points = points_of(networks.name(), networks.decisions());
  std::unordered_map<std::string, std::uint32_t> rows;
  for (std::uint64_t point = 0; point < points; ++point) {
    const std::string key = networks.canonical_key(networks.decisions().from_index(point));
    const auto [row, is_new] =
        rows.emplace(key, static_cast<std::uint32_t>(representatives_.size()));
    if (is_new) representatives_.push_back(point);
    row_of_point_.push_back(row->second);
  }
  const Simulator simulator(totals_only(technology_));
  const std::uint64_t configurations = points_of(accelerators.name(), accelerators.decisions());
  for (std::uint64_t a = 0; a < configurations; ++a) {
    area_mm2_.push_back(
        simulator.area_mm2(accelerators.decode(accelerators.decisions().from_index(a))));
  }
}

CostTable CostTable::enumerate(const NetworkSpace& networks, const DesignSpace& accelerators,
                               const Options& options) {
  CostTable table(networks, accelerators, options.technology);
  const std::size_t rows = table.networks();
  table.latency_ms_.reserve(table.accelerators() * rows);
  table.energy_mj_.reserve(table.accelerators() * rows);
  table.peak_local_memory_kib_.reserve(table.accelerators() * rows);
  bool going = true;
  SimulationCosts costs(pair_domain(networks, accelerators),
                        {options.technology, options.workers, {}, {}});
  PairStream pairs;
  pairs.count = table.accelerators() * rows;
  // A request is one accelerator with many networks: they share layers, so mappings are reused.
  pairs.together = std::min(rows, kNetworksTogether);
  pairs.pair = [&](std::uint64_t i) {
    return Pair{networks.decisions().from_index(table.representatives_[i % rows]),
                accelerators.decisions().from_index(i / rows)};
  };
  pairs.deliver = [&](std::uint64_t i, const Pair&, const PairCosts& found) {
    const TableEntry entry = entry_of(found);
    table.latency_ms_.push_back(entry.latency_ms);
    table.energy_mj_.push_back(entry.energy_mj);
    table.peak_local_memory_kib_.push_back(entry.peak_local_memory_kib);
    if ((i + 1) % rows != 0 || !options.keep_going) return;
    going = options.keep_going((i + 1) / rows, table.accelerators());
  };
  pairs.keep_going = [&] { return going; };
  if (const std::uint64_t done = costs.stream(pairs); done < pairs.count) {
    throw RunError(fmt::format("stopped after {} of {} accelerators; nothing is written",
                               done / rows, table.accelerators()));
  }
  return table;
}

void CostTable::save(const std::filesystem::path& file, const NetworkSpace& networks,
                     const DesignSpace& accelerators) const {
  Hdf5Writer writer(file, kSchema);
  writer.attribute("network_space", to_json_text(describe(networks)));
  writer.attribute("hardware_space", to_json_text(describe(accelerators)));
  writer.attribute("technology", technology_);
  writer.attribute("simulator", build_description());
  const std::vector<std::int64_t> rows(row_of_point_.begin(), row_of_point_.end());
  writer.array<std::int64_t>("network_row", rows, rows.size());
  writer.array<double>("area_mm2", area_mm2_, area_mm2_.size(), 0, "mm2");
  writer.array<double>("latency_ms", latency_ms_, this->accelerators(), this->networks(), "ms");
  writer.array<double>("energy_mj", energy_mj_, this->accelerators(), this->networks(), "mJ");
  if (has_memory()) {
    writer.attribute(kMemory, "KiB");
    writer.array<double>(kMemory, peak_local_memory_kib_, this->accelerators(), this->networks(),
                         "KiB");
  }
  writer.commit();
}

CostTable CostTable::load(const std::filesystem::path& file, const NetworkSpace& networks,
                          const DesignSpace& accelerators, const std::string& technology) {
  const Hdf5Reader reader(file, kSchema);
  require_same_space(describe(networks),
                     space_from_json_text(reader.attribute("network_space"), file.string()),
                     "network", file.string());
  require_same_space(describe(accelerators),
                     space_from_json_text(reader.attribute("hardware_space"), file.string()),
                     "hardware", file.string());
  if (reader.attribute("technology") != technology) {
    reader.fail(fmt::format("technology: found '{}', allowed '{}'", reader.attribute("technology"),
                            technology));
  }
  CostTable table(networks, accelerators, technology);
  if (reader.array<double>("area_mm2", table.accelerators()) != table.area_mm2_) {
    reader.fail("areas are not those of this version; remove the file to have it made anew");
  }
  table.latency_ms_ = reader.array<double>("latency_ms", table.accelerators(), table.networks());
  table.energy_mj_ = reader.array<double>("energy_mj", table.accelerators(), table.networks());
  if (reader.has_attribute(kMemory)) {
    table.peak_local_memory_kib_ =
        reader.array<double>(kMemory, table.accelerators(), table.networks());
  }
  table.require_todays_figures(file, networks, accelerators);
  return table;
}

void CostTable::require_todays_figures(const std::filesystem::path& file,
                                       const NetworkSpace& networks,
                                       const DesignSpace& accelerators) const {
  PairSimulator simulator(pair_domain(networks, accelerators), technology_);
  const std::size_t pairs = latency_ms_.size();
  for (std::size_t i = 0; i < std::min(kCheckedPairs, pairs); ++i) {
    const std::size_t pair = pairs / kCheckedPairs * i + i * i;  // not always the same network
    const std::size_t a = pair % pairs / this->networks(), n = pair % this->networks();
    TableEntry now = entry_of(simulator.costs({networks.decisions().from_index(representatives_[n]),
                                               accelerators.decisions().from_index(a)}));
    const double memory = peak_local_memory_kib(n, a);
    if (!has_memory()) now.peak_local_memory_kib = memory;
    if (now == TableEntry{latency_ms(n, a), energy_mj(n, a), memory}) continue;
    throw InputError(fmt::format(
        "{}: network {} on accelerator {} has {} ms, {} mJ and {} KiB there, {} ms, {} mJ and {} "
        "KiB with this version; remove the file to have it made anew",
        file.string(), n, a, latency_ms(n, a), energy_mj(n, a), memory, now.latency_ms,
        now.energy_mj, now.peak_local_memory_kib));
  }
}

std::size_t CostTable::feasible_pairs() const {
  return latency_ms_.size() -
         static_cast<std::size_t>(std::count(latency_ms_.begin(), latency_ms_.end(), 0.0));
}

}  // namespace dovetail

#include "models/network/space/network_samples.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "base/text/csv.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.network_samples/1";
constexpr const char* kList = "networks.csv";

std::string network_file(std::size_t i) {
  return fmt::format("network_{}.yaml", i);
}

/// Removes what an earlier sample left in the folder and this one does not replace: networks that
/// its own list names.
void remove_older_networks(const std::filesystem::path& folder, std::size_t count) {
  const std::filesystem::path list = folder / kList;
  if (!std::filesystem::is_regular_file(list)) return;
  const std::string content = read_file(list);
  if (!content.starts_with(fmt::format("# schema: {}\n", kSchema))) return;
  std::set<std::string> listed;
  CsvReader rows(list.string(), content);
  while (const auto row = rows.next()) listed.insert(row->front());
  for (std::size_t i = count; listed.contains(network_file(i)); ++i) {
    std::filesystem::remove(folder / network_file(i));
  }
}

}  // namespace

std::vector<NetworkSample> sample_networks(const NetworkSpace& space, std::size_t count,
                                           std::uint64_t seed) {
  constexpr int kPatience = 10000;
  std::vector<NetworkSample> samples;
  std::set<std::string> keys;
  Rng rng(seed);
  for (int in_vain = 0; samples.size() < count;) {
    Choices choices = space.canonical(space.decisions().sample(rng));
    if (!keys.insert(space.canonical_key(choices)).second) {
      if (++in_vain < kPatience) continue;
      throw InputError(fmt::format(
          "space '{}': {} different networks were asked for, and {} draws found no more than {}",
          space.name(), count, kPatience, samples.size()));
    }
    in_vain = 0;
    Network network = space.build(choices);
    samples.push_back({std::move(choices), std::move(network)});
  }
  return samples;
}

std::filesystem::path write_samples(const std::filesystem::path& folder, const NetworkSpace& space,
                                    const std::vector<NetworkSample>& samples) {
  require_writable_folder(folder);
  const DecisionSpace& decisions = space.decisions();
  remove_older_networks(folder, samples.size());
  CsvWriter csv(kSchema);
  csv.note("space", space.name());
  std::vector<CsvColumn> columns{{"file"}};
  for (const Decision& d : decisions.decisions()) columns.push_back({d.name, d.unit});
  columns.push_back({"macs"});
  columns.push_back({"parameters"});
  csv.header(columns);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& [choices, network] = samples[i];
    const std::string file = network_file(i);
    write_file_atomically(folder / file, space.to_yaml(choices));
    const std::vector<bool> active = space.active(choices);
    csv.cell(file);
    for (std::size_t d = 0; d < decisions.size(); ++d) {
      csv.cell(active[d] ? decisions[d].choices[choices[d]] : "");
    }
    csv.row(network.macs(), network.parameters());
  }
  const std::filesystem::path file = folder / kList;
  write_file_atomically(file, csv.text());
  return file;
}

}  // namespace dovetail

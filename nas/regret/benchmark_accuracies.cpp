#include "nas/regret/benchmark_accuracies.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"

namespace dovetail {

std::vector<double> read_benchmark_accuracies(const std::filesystem::path& file,
                                              const DecisionSpace& space) {
  const auto count = space.count();
  const bool digits = std::all_of(space.decisions().begin(), space.decisions().end(),
                                  [](const Decision& d) { return d.choices.size() <= 10; });
  if (!count || *count > 1'000'000 || !digits) {
    throw InputError(
        "a benchmark of all networks takes at most a million points, of at most 10 "
        "choices a decision");
  }
  const auto json = nlohmann::json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw InputError(file.string() + ": found no JSON object");
  std::vector<double> top1;
  for (std::uint64_t point = 0; point < *count; ++point) {
    std::string key;
    for (const std::uint16_t choice : space.from_index(point))
      key += static_cast<char>('0' + choice);
    const auto entry = json.find(key);
    if (entry == json.end()) {
      throw InputError(fmt::format("{}: network '{}' is missing", file.string(), key));
    }
    const auto mean = entry->is_object() ? entry->find("mean_acc") : entry->end();
    if (mean == entry->end() || !mean->is_number() || mean->get<double>() <= 0 ||
        mean->get<double>() > 100) {
      throw InputError(fmt::format("{}: {}: mean_acc: found {}, allowed a number from 0 to 100",
                                   file.string(), key,
                                   mean == entry->end() ? "none" : mean->dump()));
    }
    top1.push_back(mean->get<double>());
  }
  if (json.size() != top1.size()) {
    throw InputError(fmt::format("{}: found {} networks, allowed the {} of the space",
                                 file.string(), json.size(), top1.size()));
  }
  return top1;
}

}  // namespace dovetail

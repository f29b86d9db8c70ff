#include "nas/experiments/fidelity/fidelities.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "base/files/atomic_file.h"
#include "base/numbers/statistics.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

const std::vector<std::string> kColumns{"network", "fidelity", "seed", "top1_percent", "seconds"};

/// One training.
struct Training {
  std::string network, fidelity, seed;
  double top1_percent = 0, seconds = 0;
};

double number(const CsvReader& reader, const std::string& cell, const std::string& column,
              double least, double most) {
  const std::optional<double> value = number_of_cell(cell);
  if (value && *value >= least && *value <= most) return *value;
  throw InputError(reader.where(), column + ": found '" + cell + "', allowed a number from " +
                                       format_number(least) + " to " + format_number(most));
}

std::vector<Training> read_trainings(const std::filesystem::path& file) {
  CsvReader reader(file.string(), read_file(file));
  const auto header = reader.next();
  if (!header || *header != kColumns) {
    throw InputError(reader.where(), "the columns must be " + join(kColumns));
  }
  std::vector<Training> trainings;
  while (const auto cells = reader.next()) {
    if (cells->size() != kColumns.size()) {
      throw InputError(reader.where(), "found " + std::to_string(cells->size()) +
                                           " cells, allowed " + std::to_string(kColumns.size()));
    }
    trainings.push_back({(*cells)[0], (*cells)[1], (*cells)[2],
                         number(reader, (*cells)[3], "top1_percent", 0, 100),
                         number(reader, (*cells)[4], "seconds", 0, 1e9)});
  }
  if (trainings.empty()) throw InputError(Location{file.string()}, "holds no training");
  return trainings;
}

/// Names in the order of their first row.
std::vector<std::string> names_of(const std::vector<Training>& trainings,
                                  std::string Training::*name) {
  std::vector<std::string> names;
  std::map<std::string, bool> seen;
  for (const Training& training : trainings) {
    if (!std::exchange(seen[training.*name], true)) names.push_back(training.*name);
  }
  return names;
}

Fidelities::Fidelity fidelity_of(const std::string& name, const std::vector<Training>& trainings,
                                 const std::vector<std::string>& networks,
                                 const std::filesystem::path& file) {
  std::map<std::pair<std::string, std::string>, double> top1;  // by seed and network
  std::vector<Training> own;
  Fidelities::Fidelity fidelity;
  fidelity.name = name;
  for (const Training& training : trainings) {
    if (training.fidelity != name) continue;
    own.push_back(training);
    fidelity.seconds += training.seconds;
    if (top1.emplace(std::pair(training.seed, training.network), training.top1_percent).second) {
      continue;
    }
    throw InputError(Location{file.string()}, "network '" + training.network + "' has seed '" +
                                                  training.seed + "' of '" + name + "' twice");
  }
  fidelity.seconds /= static_cast<double>(own.size());
  for (const std::string& seed : names_of(own, &Training::seed)) {
    std::vector<double>& of_seed = fidelity.top1_percent.emplace_back();
    for (const std::string& network : networks) {
      const auto found = top1.find({seed, network});
      if (found == top1.end()) {
        throw InputError(Location{file.string()},
                         "network '" + network + "' lacks seed '" + seed + "' of '" + name + "'");
      }
      of_seed.push_back(found->second);
    }
  }
  return fidelity;
}

}  // namespace

Fidelities Fidelities::load(const std::filesystem::path& file) {
  const std::vector<Training> trainings = read_trainings(file);
  const std::vector<std::string> networks = names_of(trainings, &Training::network);
  const std::vector<std::string> names = names_of(trainings, &Training::fidelity);
  if (names.size() != 2) {
    throw InputError(Location{file.string()},
                     "found the fidelities " + join(names) + ", allowed two");
  }
  return {fidelity_of(names[0], trainings, networks, file),
          fidelity_of(names[1], trainings, networks, file), networks.size()};
}

std::vector<double> Fidelities::truth() const {
  std::vector<double> mean(networks, 0);
  for (const std::vector<double>& seed : high.top1_percent) {
    for (std::size_t i = 0; i < networks; ++i) mean[i] += seed[i];
  }
  for (double& value : mean) value /= static_cast<double>(high.top1_percent.size());
  return mean;
}

FidelityRanks fidelity_ranks(const Fidelities& fidelities) {
  const std::vector<double> truth = fidelities.truth();
  const auto best_of = [](const std::vector<double>& values) {
    return std::max_element(values.begin(), values.end()) - values.begin();
  };
  FidelityRanks ranks;
  const auto& seeds = fidelities.low.top1_percent;
  for (std::size_t a = 0; a < seeds.size(); ++a) {
    ranks.tau_with_truth.push_back(kendall_tau(seeds[a], truth));
    ranks.same_best.push_back(best_of(seeds[a]) == best_of(truth));
    for (std::size_t b = a + 1; b < seeds.size(); ++b) {
      ranks.tau_between.push_back(kendall_tau(seeds[a], seeds[b]));
    }
  }
  return ranks;
}

}  // namespace dovetail

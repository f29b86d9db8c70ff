#include "nas/study/study_start.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/numbers/named_choices.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/point_name.h"
#include "hw_space/accelerator_name.h"
#include "models/network/space/network_point.h"
#include "models/network/zoo.h"
#include "nas/study/study_store.h"

namespace dovetail {
namespace {

using Named = std::map<std::string, std::string>;

/// Takes a key out; nothing if it is not there.
std::optional<std::string> taken(Named& start, const std::string& key) {
  const auto found = start.find(key);
  if (found == start.end()) return std::nullopt;
  std::string value = std::move(found->second);
  start.erase(found);
  return value;
}

/// Of a trial of another study, all that it decides.
Named choices_of_trial(const std::filesystem::path& place, const std::string& trial) {
  const std::filesystem::path file =
      std::filesystem::is_directory(place) ? place / "study.db" : place;
  const std::optional<double> id = decimal_number(trial);
  if (!id || *id < 0 || *id != std::floor(*id)) {
    throw InputError(fmt::format("trial: found '{}', allowed the number of a trial of {}", trial,
                                 file.string()));
  }
  const StudyStore store = StudyStore::open(file, StudyStore::Access::kRead);
  const auto [record, run] = store.trial(static_cast<std::int64_t>(*id));
  const std::string& label = store.description().runs.at(run).label;
  return store.description().decisions.at(label).decode(record.choices);
}

/// With "net." or "hw." before their names, as a SearchSpace calls them.
void add(Named& choices, const std::string& side, const DecisionSpace& decisions,
         const Choices& point) {
  for (const auto& [decision, choice] : decisions.decode(point)) choices[side + decision] = choice;
}

void add_network(Named& choices, const std::string& name, const SearchSpace& space) {
  const std::shared_ptr<const NetworkSpace>& networks = space.network().space;
  if (!networks) throw InputError("network: the study has no network space");
  // A space that is a file of the study's own is known by its name here.
  const std::optional<PointName> point = point_name(name);
  const bool own = point && point->of == networks->name();
  add(choices, "net.", networks->decisions(),
      own ? named_choices(point->values, networks->decisions(),
                          [&](const Choices& c) { return networks->active(c); })
          : point_of(*networks, find_block_network(name)));
}

void add_accelerator(Named& choices, const std::string& name, const SearchSpace& space) {
  const std::shared_ptr<const DesignSpace>& designs = space.hardware().space;
  if (!designs) throw InputError("accelerator: the study has no hardware space");
  add(choices, "hw.", designs->decisions(), designs->encode(find_accelerator(name)));
}

Named choices_of(Named start, const SearchSpace& space) {
  Named known;
  const auto study = taken(start, "study"), trial = taken(start, "trial");
  if (study.has_value() != trial.has_value()) {
    throw InputError("'study' and 'trial' need each other");
  }
  if (study) known = choices_of_trial(*study, *trial);
  if (const auto network = taken(start, "network")) add_network(known, *network, space);
  if (const auto name = taken(start, "accelerator")) add_accelerator(known, *name, space);
  for (const Decision& decision : space.decisions().decisions()) {
    const auto found = known.find(decision.name);
    if (found != known.end()) start.insert(*found);  // unless it is given
  }
  space.require_candidate(space.decisions().encode(start));  // throws for what is missing, too
  return start;
}

}  // namespace

std::vector<StartCandidate> start_choices(const StudyConfig& config, const SearchSpace& space) {
  std::vector<StartCandidate> starts;
  for (const auto& [choices, where] : config.start) {
    try {
      starts.push_back({choices_of(choices, space), where});
    } catch (const InputError& error) {
      throw InputError(
          where, fmt::format("strategy.start, candidate {}: {}", starts.size() + 1, error.what()));
    }
  }
  return starts;
}

}  // namespace dovetail

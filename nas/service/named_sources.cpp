#include "nas/service/named_sources.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKept = 256;  // of a kind; then all are forgotten

/// Runs it; what is wrong is told with the key of the request.
template <typename Read>
auto told_with(const std::string& key, const Read& read) {
  try {
    return read();
  } catch (const InputError& e) {
    const std::string message = e.what();
    throw InputError(message.starts_with(key) ? message : key + ": " + message);
  }
}

/// The position of a choice, also where a number is written in another way: 20 for 20.0.
std::optional<std::size_t> position_of(const Decision& decision, const std::string& choice) {
  const auto same = std::ranges::find(decision.choices, choice);
  if (same != decision.choices.end()) return same - decision.choices.begin();
  const auto number = decision.ordered() ? decimal_number(choice) : std::nullopt;
  if (!number) return std::nullopt;
  const auto equal = std::ranges::find(decision.values, *number);
  if (equal == decision.values.end()) return std::nullopt;
  return equal - decision.values.begin();
}

Choices by_position(const std::vector<std::int64_t>& positions, const DecisionSpace& decisions) {
  if (positions.size() != decisions.size()) {
    throw InputError(fmt::format("choices: found {} positions, allowed {}, one a decision",
                                 positions.size(), decisions.size()));
  }
  Choices choices;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto most = static_cast<std::int64_t>(decisions[i].choices.size()) - 1;
    if (positions[i] < 0 || positions[i] > most) {
      throw InputError(fmt::format("choices.{}: found position {}, allowed 0 to {}",
                                   decisions[i].name, positions[i], most));
    }
    choices.push_back(static_cast<std::uint16_t>(positions[i]));
  }
  return choices;
}

using Active = std::function<std::vector<bool>(const Choices&)>;

Choices choices_in(const SideReference& side, const DecisionSpace& decisions,
                   const Active& active) {
  if (!side.positions.empty()) return by_position(side.positions, decisions);
  Choices choices(decisions.size(), 0);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    const auto named = side.choices.find(decision.name);
    if (named == side.choices.end()) {
      missing.push_back(i);
      continue;
    }
    const auto position = position_of(decision, named->second);
    if (!position) {
      throw InputError(fmt::format("choices.{}: found '{}', allowed {}", decision.name,
                                   named->second, join(decision.choices)));
    }
    choices[i] = static_cast<std::uint16_t>(*position);
  }
  if (side.choices.size() + missing.size() > decisions.size()) {
    for (const auto& [name, choice] : side.choices) decisions.find(name);  // throws for one of them
  }
  if (missing.empty()) return choices;
  const std::vector<bool> needed = active(choices);
  for (const std::size_t i : missing) {
    if (!needed[i]) continue;
    throw InputError(fmt::format("choices: '{}' is missing, allowed {}", decisions[i].name,
                                 join(decisions[i].choices)));
  }
  return choices;
}

}  // namespace

Choices choices_of(const SideReference& side, const NetworkSpace& space) {
  return choices_in(side, space.decisions(),
                    [&](const Choices& choices) { return space.active(choices); });
}

Choices choices_of(const SideReference& side, const DesignSpace& space) {
  return choices_in(side, space.decisions(),
                    [](const Choices& choices) { return std::vector<bool>(choices.size(), true); });
}

Choices choices_of(const SideReference& side, const SearchDomain& space) {
  return choices_in(side, space.decisions(),
                    [&](const Choices& choices) { return space.active(choices); });
}

std::shared_ptr<const Network> NamedNetwork::build() const {
  return PairDomain{side, {}}.network_of({choices, {}});
}

NamedSources::Stamp NamedSources::stamp_of(const fs::path& file) {
  std::error_code error;
  Stamp stamp;
  stamp.time = fs::last_write_time(file, error);
  stamp.size = fs::file_size(file, error);
  return stamp;
}

template <typename T, typename Read>
Loaded<T> NamedSources::kept(Shelf<T>& shelf, const std::string& key, const Stamp& stamp,
                             const Read& read) {
  const auto known = shelf.find(key);
  if (known != shelf.end() && known->second.stamp == stamp) return known->second.loaded;
  Loaded<T> loaded{++numbers_, std::make_shared<const T>(read())};
  if (shelf.size() >= kMostKept) shelf.clear();
  shelf.insert_or_assign(key, Kept<T>{stamp, loaded});
  return loaded;
}

fs::path NamedSources::file_of(const std::string& kind, const std::string& name) {
  const auto known = files_.find(kind + "/" + name);
  if (known != files_.end()) return known->second;
  fs::path file = resolve_config(kind, name);
  if (files_.size() >= kMostKept) files_.clear();
  return files_.insert_or_assign(kind + "/" + name, std::move(file)).first->second;
}

std::pair<Loaded<NetworkSpace>, Loaded<DesignSpace>> NamedSources::space(
    const std::string& name_or_path) {
  const fs::path file = file_of("spaces", name_or_path);
  const Stamp stamp = stamp_of(file);
  const auto is_kept = [&](const auto& shelf) {
    const auto known = shelf.find(file.string());
    return known != shelf.end() && known->second.stamp == stamp;
  };
  const bool networks = is_kept(network_spaces_) ||
                        (!is_kept(design_spaces_) &&
                         !YamlNode::load(file).map().required("schema").as_string().starts_with(
                             "dovetail.design_space"));
  if (networks) {
    return {kept(network_spaces_, file.string(), stamp, [&] { return NetworkSpace::load(file); }),
            {}};
  }
  return {{}, kept(design_spaces_, file.string(), stamp, [&] { return DesignSpace::load(file); })};
}

Loaded<Network> NamedSources::single_network(const SideReference& side) {
  if (!side.document.empty()) {
    return kept(networks_, side.document, {},
                [&] { return read_network(YamlNode::parse(side.document, "network")); });
  }
  const fs::path file = side.name.substr(0, side.name.rfind('@'));
  return kept(networks_, side.name, stamp_of(file), [&] { return find_network(side.name); });
}

NamedNetwork NamedSources::network(const SideReference& side) {
  return told_with("network", [&] {
    NamedNetwork named;
    if (side.space.empty()) {
      Loaded<Network> single = single_network(side);
      named.number = single.number;
      named.side.network = std::move(single.thing);
      return named;
    }
    auto [networks, accelerators] = space(side.space);
    if (!networks.thing) {
      throw InputError("space '" + side.space + "' has accelerators, allowed one of networks");
    }
    named.number = networks.number;
    named.choices = networks.thing->canonical(choices_of(side, *networks.thing));
    named.side.space = std::move(networks.thing);
    return named;
  });
}

AcceleratorConfig NamedSources::single_accelerator(const SideReference& side) {
  if (side.document.empty()) {
    const fs::path file = file_of("accelerators", side.name);
    return *kept(accelerators_, file.string(), stamp_of(file), [&] {
              return AcceleratorConfig::load(file);
            }).thing;
  }
  const YamlNode document = YamlNode::parse(side.document, "accelerator");
  if (side.base.empty()) return AcceleratorConfig::from_yaml(document);
  SideReference base;
  base.name = side.base;
  AcceleratorConfig config = single_accelerator(base);
  YamlMap map = document.map();
  map.require_schema("dovetail.accelerator/1");
  config.name += " changed";
  if (const auto name = map.optional("name")) config.name = name->as_string();
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (const auto value = map.optional(parameter.key)) {
      parameter.set(config, parameter.read(*value));
    }
  }
  map.finish();
  return config;
}

NamedAccelerator NamedSources::accelerator(const SideReference& side) {
  return told_with("accelerator", [&] {
    NamedAccelerator named;
    if (side.space.empty()) {
      named.config = single_accelerator(side);
      return named;
    }
    auto [networks, accelerators] = space(side.space);
    if (!accelerators.thing) {
      throw InputError("space '" + side.space + "' has networks, allowed one of accelerators");
    }
    named.number = accelerators.number;
    named.choices = choices_of(side, *accelerators.thing);
    named.config = accelerators.thing->decode(named.choices);
    named.space = std::move(accelerators.thing);
    return named;
  });
}

}  // namespace dovetail

#include "nas/service/named_sources.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/numbers/named_choices.h"
#include "base/text/error.h"
#include "base/text/point_name.h"
#include "base/text/text.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKept = 256;                         // of a kind; then all are forgotten
constexpr std::size_t kMostKeptBytes = std::size_t{64} << 20;  // of documents; then all are, too

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

Choices choices_in(const SideReference& side, const DecisionSpace& decisions,
                   const ActiveDecisions& active) {
  if (!side.positions.empty()) return by_position(side.positions, decisions);
  return named_choices(side.choices, decisions, active, "choices");
}

/// A name that says a space and choices, as the reference that it stands for.
SideReference spelt_out(const SideReference& side) {
  const std::optional<PointName> point = point_name(side.name);
  if (!point) return side;
  SideReference spelt = side;
  spelt.name.clear();
  spelt.space = point->of;
  spelt.choices = point->values;
  return spelt;
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

const AcceleratorName& NamedSources::accelerator_name(const std::string& text) {
  const auto known = accelerator_names_.find(text);
  if (known != accelerator_names_.end()) return known->second;
  AcceleratorName name = read_accelerator_name(text);
  if (accelerator_names_.size() >= kMostKept) accelerator_names_.clear();
  return accelerator_names_.insert_or_assign(text, std::move(name)).first->second;
}

Loaded<Network> NamedSources::single_network(const SideReference& side) {
  if (!side.document.empty()) {
    return kept(networks_, side.document, {}, [&] {
      Network network = read_network(YamlNode::parse(side.document, "network"));
      document_bytes_ += side.document.size();
      if (document_bytes_ > kMostKeptBytes) {
        networks_.clear();
        document_bytes_ = 0;
      }
      return network;
    });
  }
  const fs::path file = side.name.substr(0, side.name.rfind('@'));
  return kept(networks_, side.name, stamp_of(file), [&] { return find_network(side.name); });
}

NamedNetwork NamedSources::network(const SideReference& named_side) {
  const SideReference side = told_with("network", [&] { return spelt_out(named_side); });
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
    const AcceleratorName& name = accelerator_name(side.name);
    return *kept(accelerators_, name.text, stamp_of(name.file), [&] {
              return load_accelerator(name);
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
    const AcceleratorName* name = side.name.empty() ? nullptr : &accelerator_name(side.name);
    const bool point = name != nullptr && name->of_space;
    if (side.space.empty() && !point) {
      named.config = single_accelerator(side);
      return named;
    }
    auto [networks, accelerators] = space(point ? name->file.string() : side.space);
    if (!accelerators.thing) {
      throw InputError("space '" + side.space + "' has networks, allowed one of accelerators");
    }
    named.number = accelerators.number;
    named.choices =
        point ? point_of(*name, *accelerators.thing) : choices_of(side, *accelerators.thing);
    named.config = accelerators.thing->decode(named.choices);
    named.space = std::move(accelerators.thing);
    return named;
  });
}

}  // namespace dovetail

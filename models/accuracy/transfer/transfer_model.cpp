#include "models/accuracy/transfer/transfer_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "models/accuracy/transfer/least_squares.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// What stands in a list, which nothing else is: to go over a null is to go over nothing.
std::vector<json> list_of(const json& node) {
  return node.get<std::vector<json>>();
}

constexpr const char* kSchema = "dovetail.transfer_accuracy/1";
constexpr double kDecimals = 1e5;

double rounded(double value) {
  return std::round(value * kDecimals) / kDecimals;
}

void round_list(EffectList& list) {
  for (auto& [number, points] : list) points = rounded(points);
}

// Fitting.

enum class Effects { kNone, kAsTheyAre, kScaled };

/// One row a network: offset, width, squeeze-and-excite, and the effects if they are scaled.
std::vector<std::vector<double>> terms_of(const std::vector<CalibrationNetwork>& networks,
                                          Effects effects) {
  std::vector<std::vector<double>> terms;
  for (const CalibrationNetwork& n : networks) {
    terms.push_back({1, n.width_log2, n.squeeze_excite ? 1.0 : 0.0});
    if (effects == Effects::kScaled) terms.back().push_back(n.effects_points);
  }
  return terms;
}

/// What is left for the terms to explain.
std::vector<double> values_of(const std::vector<CalibrationNetwork>& networks, Effects effects) {
  std::vector<double> values;
  for (const CalibrationNetwork& n : networks) {
    values.push_back(n.published_percent - (effects == Effects::kAsTheyAre ? n.effects_points : 0));
  }
  return values;
}

std::vector<double> told_apart(std::vector<double> fitted) {
  if (fitted.empty()) {
    throw InputError(
        "the published networks do not tell the terms apart: all or none of them have "
        "squeeze-and-excite, all but one of them do, or their widths are the same");
  }
  return fitted;
}

LeaveOneOut error_of(const std::vector<double>& values, const std::vector<double>& predicted) {
  LeaveOneOut error;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double residual = values[i] - predicted[i];
    squares += residual * residual;
    error.max_points = std::max(error.max_points, std::abs(residual));
  }
  error.rmse_points = std::sqrt(squares / static_cast<double>(values.size()));
  return error;
}

TransferAlternative alternative(const std::vector<CalibrationNetwork>& networks, Effects effects,
                                const std::string& name) {
  const std::vector<std::vector<double>> terms = terms_of(networks, effects);
  const std::vector<double> values = values_of(networks, effects);
  TransferAlternative result{name, 0, error_of(values, told_apart(left_out_values(terms, values)))};
  if (effects == Effects::kScaled) {
    result.effects_scale = told_apart(least_squares(terms, values))[3];
  }
  return result;
}

CalibrationNetwork calibration_network(const MbconvEffects& effects, const Network& network) {
  if (!network.published.top1_percent) {
    throw InputError("network '" + network.name() + "' has no published top-1 accuracy");
  }
  CalibrationNetwork result;
  result.name = network.name();
  result.source = network.published.source;
  result.published_percent = *network.published.top1_percent;
  const std::vector<MbconvBlock> blocks = mbconv_blocks(network);
  try {
    result.effects_points = effects.points(blocks);
  } catch (const InputError& e) {
    throw InputError(fmt::format("network '{}': {}", network.name(), e.what()));
  }
  result.width_log2 = effects.width_log2(blocks);
  result.squeeze_excite = std::any_of(blocks.begin(), blocks.end(),
                                      [](const MbconvBlock& b) { return b.squeeze_excite; });
  return result;
}

// The file.

json list_to_json(const EffectList& list) {
  json node = json::array();
  for (const auto& [number, points] : list) node.push_back({number, points});
  return node;
}

EffectList list_from(const json& node) {
  EffectList list;
  for (const json& entry : list_of(node)) list.emplace_back(entry.at(0), entry.at(1));
  if (list.empty()) throw InputError("a list of effects is empty");
  return list;
}

json to_json_node(const LeaveOneOut& error) {
  return {{"rmse_points", rounded(error.rmse_points)}, {"max_points", rounded(error.max_points)}};
}

LeaveOneOut error_from(const json& node) {
  return {node.at("rmse_points"), node.at("max_points")};
}

json to_json_node(const CalibrationNetwork& n) {
  return {{"name", n.name},
          {"published_percent", n.published_percent},
          {"source", n.source},
          {"effects_points", rounded(n.effects_points)},
          {"width_log2", rounded(n.width_log2)},
          {"squeeze_excite", n.squeeze_excite},
          {"fitted_percent", rounded(n.fitted_percent)},
          {"left_out_percent", rounded(n.left_out_percent)}};
}

json effects_to_json(const TransferModel& m) {
  json stages = json::array();
  for (const StageEffects& stage : m.effects.stages) {
    json node = {{"channels", stage.channels}};
    if (!stage.kernel.empty()) {
      node["kernel"] = list_to_json(stage.kernel);
      node["expansion"] = list_to_json(stage.expansion);
      node["blocks"] = list_to_json(stage.blocks);
    }
    stages.push_back(node);
  }
  return {{"predictor", m.predictor},
          {"space", m.effects_space},
          {"sampled_networks", m.sampled},
          {"seed", m.seed},
          {"stem_channels", m.effects.stem_channels},
          {"stages", stages}};
}

void read_effects(const json& node, TransferModel& m) {
  m.predictor = node.at("predictor");
  m.effects_space = node.at("space");
  m.sampled = node.at("sampled_networks");
  m.seed = node.at("seed");
  m.effects.stem_channels = node.at("stem_channels");
  const json& stages = node.at("stages");
  if (stages.size() != kMbconvStages) throw InputError("has not six stages");
  for (std::size_t s = 0; s < kMbconvStages; ++s) {
    StageEffects& stage = m.effects.stages[s];
    stage.channels = stages[s].at("channels");
    if (s == 0) continue;
    stage.kernel = list_from(stages[s].at("kernel"));
    stage.expansion = list_from(stages[s].at("expansion"));
    stage.blocks = list_from(stages[s].at("blocks"));
  }
}

TransferModel model_from(const json& node) {
  TransferModel m;
  m.command = node.at("command");
  read_effects(node.at("effects"), m);
  const json& c = node.at("coefficients");
  m.offset = c.at("offset_percent");
  m.width = c.at("width_points_per_doubling");
  m.squeeze_excite = c.at("squeeze_excite_points");
  for (const json& n : list_of(node.at("networks"))) {
    m.networks.push_back({n.at("name"), n.at("source"), n.at("published_percent"),
                          n.at("effects_points"), n.at("width_log2"), n.at("squeeze_excite"),
                          n.at("fitted_percent"), n.at("left_out_percent")});
  }
  m.error = error_from(node.at("leave_one_out"));
  for (const json& a : list_of(node.at("alternatives"))) {
    m.alternatives.push_back({a.at("terms"), a.at("effects_scale"), error_from(a)});
  }
  return m;
}

}  // namespace

double TransferModel::predict(const Network& network) const {
  const std::vector<MbconvBlock> blocks = mbconv_blocks(network);
  const bool excites = std::any_of(blocks.begin(), blocks.end(),
                                   [](const MbconvBlock& b) { return b.squeeze_excite; });
  return offset + effects.points(blocks) + width * effects.width_log2(blocks) +
         (excites ? squeeze_excite : 0);
}

std::string TransferModel::to_json() const {
  json networks_node = json::array(), alternatives_node = json::array();
  for (const CalibrationNetwork& n : networks) networks_node.push_back(to_json_node(n));
  for (const TransferAlternative& a : alternatives) {
    json node = {{"terms", a.terms}, {"effects_scale", rounded(a.effects_scale)}};
    node.update(to_json_node(a.error));
    alternatives_node.push_back(node);
  }
  const json text = {{"schema", kSchema},
                     {"command", command},
                     {"leave_one_out", to_json_node(error)},
                     {"coefficients",
                      {{"offset_percent", offset},
                       {"width_points_per_doubling", width},
                       {"squeeze_excite_points", squeeze_excite}}},
                     {"effects", effects_to_json(*this)},
                     {"networks", networks_node},
                     {"alternatives", alternatives_node}};
  return text.dump(1) + "\n";
}

TransferModel TransferModel::load(const std::filesystem::path& file) {
  const Location where{file.string()};
  const std::string text = read_file(file);
  try {
    const json node = json::parse(text);
    const std::string schema = node.value("schema", "");
    if (schema != kSchema) {
      throw InputError(fmt::format("has schema '{}', expected {}", schema, kSchema));
    }
    return model_from(node);
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  } catch (const json::exception& e) {
    throw InputError(where, fmt::format("is not a whole {} file: {}", kSchema, json_fault(e)));
  }
}

TransferModel fit_transfer(const MbconvEffects& effects, std::span<const Network> networks) {
  if (networks.size() < kFewestPublished) {
    throw InputError(fmt::format("{} published networks are too few for a transfer; {} are needed",
                                 networks.size(), kFewestPublished));
  }
  TransferModel model;
  model.effects = effects;
  for (StageEffects& stage : model.effects.stages) {
    for (EffectList* list : {&stage.kernel, &stage.expansion, &stage.blocks}) round_list(*list);
  }
  for (const Network& network : networks) {
    model.networks.push_back(calibration_network(model.effects, network));
  }
  const std::vector<std::vector<double>> terms = terms_of(model.networks, Effects::kAsTheyAre);
  const std::vector<double> values = values_of(model.networks, Effects::kAsTheyAre);
  const std::vector<double> solution = told_apart(least_squares(terms, values));
  model.offset = rounded(solution[0]);
  model.width = rounded(solution[1]);
  model.squeeze_excite = rounded(solution[2]);
  const std::vector<double> left = told_apart(left_out_values(terms, values));
  for (std::size_t i = 0; i < networks.size(); ++i) {
    CalibrationNetwork& n = model.networks[i];
    n.fitted_percent = model.predict(networks[i]);
    n.left_out_percent = left[i] + n.effects_points;
  }
  model.error = error_of(values, left);
  model.alternatives = {
      alternative(model.networks, Effects::kNone, "without the effects"),
      alternative(model.networks, Effects::kScaled, "effects times a fitted scale")};
  return model;
}

}  // namespace dovetail

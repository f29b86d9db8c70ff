#include "models/accuracy/ridge/ridge_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "models/network/space/space_description.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// What stands in a list, which nothing else is: to go over a null is to go over nothing.
std::vector<json> list_of(const json& node) {
  return node.get<std::vector<json>>();
}

constexpr const char* kSchema = "dovetail.ridge_accuracy/1";
constexpr double kDecimals = 1e5;

double rounded(double value) {
  return std::round(value * kDecimals) / kDecimals;
}

json coefficient(double value, bool seen) {
  return seen ? json(rounded(value)) : json(nullptr);
}

json to_json_node(const RidgePenalty& p) {
  return {{"lambda", p.lambda}, {"pair_weight", p.pair_weight}};
}

json to_json_node(const HeldOutError& e) {
  return {{"rmse_points", rounded(e.rmse_points)}, {"kendall_tau", rounded(e.kendall_tau)}};
}

RidgePenalty penalty_from(const json& node) {
  return {node.at("lambda"), node.at("pair_weight")};
}

HeldOutError error_from(const json& node) {
  return {node.at("rmse_points"), node.at("kendall_tau")};
}

json to_json_node(const LeftOutReport& r) {
  return {{"above_percent", r.above_percent},
          {"networks", r.networks},
          {"accepted", r.accepted},
          {"accepted_rmse_points", rounded(r.accepted_rmse_points)}};
}

json header_of(const RidgeModel& m) {
  json splits = json::array();
  for (const SplitReport& s : m.other_splits) {
    json split = {{"seed", s.seed}};
    split.update(to_json_node(s.penalty));
    split.update(to_json_node(s.held_out));
    splits.push_back(split);
  }
  const RandomNetworksReport& r = m.random_networks;
  json header = {{"schema", kSchema},
                 {"space", json::parse(to_json_text({m.space, m.decisions, {}, {}}))},
                 {"command", m.command},
                 {"data", {{"file", m.data}, {"rows", m.rows}, {"networks", m.networks}}},
                 {"split", {{"seed", m.split_seed}, {"train", m.train}, {"held_out", m.held_out}}},
                 {"penalty", to_json_node(m.penalty)},
                 {"cross_validation_rmse_points", rounded(m.cross_validation_rmse)},
                 {"held_out_error", to_json_node(m.held_out_error)},
                 {"other_splits", splits},
                 {"fitted_range_percent", {rounded(m.fitted_min), rounded(m.fitted_max)}},
                 {"margin_points", rounded(m.margin)},
                 {"random_networks",
                  {{"count", r.count},
                   {"seed", r.seed},
                   {"refused_percent", rounded(r.refused_percent)},
                   {"p1_percent", rounded(r.p1)},
                   {"p50_percent", rounded(r.p50)},
                   {"p99_percent", rounded(r.p99)},
                   {"max_percent", rounded(r.max)}}}};
  if (m.left_out) header["left_out"] = to_json_node(*m.left_out);
  header["intercept"] = rounded(m.ridge.intercept);
  return header;
}

/// "  [\"ks0\", [c, c, c]]" for each decision.
std::vector<std::string> single_lines(const RidgeModel& m) {
  const ChoiceFeatures features(m.decisions);
  std::vector<std::string> lines;
  for (std::size_t d = 0; d < m.decisions.size(); ++d) {
    json values = json::array();
    for (std::size_t c = 0; c < m.decisions[d].choices.size(); ++c) {
      const std::size_t f = features.index(d, c);
      values.push_back(coefficient(m.ridge.single[f], m.ridge.single_seen[f]));
    }
    lines.push_back(json{m.decisions[d].name, values}.dump());
  }
  return lines;
}

/// The same for each pair of decisions, the second one's choices fastest.
std::vector<std::string> pair_lines(const RidgeModel& m) {
  const ChoiceFeatures features(m.decisions);
  std::vector<std::string> lines;
  for (std::size_t a = 0; a < m.decisions.size(); ++a) {
    for (std::size_t b = a + 1; b < m.decisions.size(); ++b) {
      json values = json::array();
      for (std::size_t i = 0; i < m.decisions[a].choices.size(); ++i) {
        for (std::size_t j = 0; j < m.decisions[b].choices.size(); ++j) {
          const std::size_t at = features.index(a, i) * features.count() + features.index(b, j);
          values.push_back(coefficient(m.ridge.pair[at], m.ridge.pair_seen[at]));
        }
      }
      lines.push_back(json{m.decisions[a].name, m.decisions[b].name, values}.dump());
    }
  }
  return lines;
}

std::string list(const std::vector<std::string>& lines) {
  std::string text = "[";
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i ? ",\n  " : "\n  ") + lines[i];
  return text + "\n ]";
}

/// One value that may be null, into `value` and `seen`.
void read_coefficient(const json& node, double& value, std::vector<bool>::reference seen) {
  seen = !node.is_null();
  if (seen) value = node.get<double>();
}

void read_coefficients(const json& node, RidgeModel& m) {
  const ChoiceFeatures features(m.decisions);
  m.ridge = PairRidge::zero(features.count());
  m.ridge.intercept = node.at("intercept");
  for (const json& entry : list_of(node.at("single"))) {
    const std::size_t d = m.decisions.find(entry.at(0));
    for (std::size_t c = 0; c < m.decisions[d].choices.size(); ++c) {
      const std::size_t f = features.index(d, c);
      read_coefficient(entry.at(1).at(c), m.ridge.single[f], m.ridge.single_seen[f]);
    }
  }
  for (const json& entry : list_of(node.at("pairs"))) {
    const std::size_t a = m.decisions.find(entry.at(0)), b = m.decisions.find(entry.at(1));
    const std::size_t width = m.decisions[b].choices.size();
    for (std::size_t i = 0; i < m.decisions[a].choices.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        const std::size_t at = features.index(a, i) * features.count() + features.index(b, j);
        read_coefficient(entry.at(2).at(i * width + j), m.ridge.pair[at], m.ridge.pair_seen[at]);
      }
    }
  }
}

RidgeModel model_from(const json& node, const std::string& file) {
  RidgeModel m;
  const SpaceDescription space = space_from_json_text(node.at("space").dump(), file);
  m.space = space.name;
  m.decisions = space.decisions;
  m.command = node.at("command");
  m.data = node.at("data").at("file");
  m.rows = node.at("data").at("rows");
  m.networks = node.at("data").at("networks");
  m.split_seed = node.at("split").at("seed");
  m.train = node.at("split").at("train");
  m.held_out = node.at("split").at("held_out");
  m.penalty = penalty_from(node.at("penalty"));
  m.cross_validation_rmse = node.at("cross_validation_rmse_points");
  m.held_out_error = error_from(node.at("held_out_error"));
  for (const json& s : list_of(node.at("other_splits"))) {
    m.other_splits.push_back({s.at("seed"), penalty_from(s), error_from(s)});
  }
  m.fitted_min = node.at("fitted_range_percent").at(0);
  m.fitted_max = node.at("fitted_range_percent").at(1);
  m.margin = node.at("margin_points");
  const json& r = node.at("random_networks");
  m.random_networks = {r.at("count"),      r.at("seed"),        r.at("refused_percent"),
                       r.at("p1_percent"), r.at("p50_percent"), r.at("p99_percent"),
                       r.at("max_percent")};
  if (const auto left = node.find("left_out"); left != node.end()) {
    m.left_out = {left->at("above_percent"), left->at("networks"), left->at("accepted"),
                  left->at("accepted_rmse_points")};
  }
  read_coefficients(node, m);
  return m;
}

}  // namespace

std::string RidgeModel::to_json() const {
  std::string text = "{";
  const json header = header_of(*this);
  for (const auto& [key, value] : header.items()) {
    text += fmt::format("{}\n \"{}\": {}", text.size() > 1 ? "," : "", key, value.dump());
  }
  text += ",\n \"single\": " + list(single_lines(*this));
  text += ",\n \"pairs\": " + list(pair_lines(*this));
  return text + "\n}\n";
}

RidgeModel RidgeModel::load(const std::filesystem::path& file) {
  const Location where{file.string()};
  const std::string text = read_file(file);
  try {
    const json node = json::parse(text);
    const std::string schema = node.value("schema", "");
    if (schema != kSchema) {
      throw InputError(where, fmt::format("has schema '{}', expected {}", schema, kSchema));
    }
    return model_from(node, file.string());
  } catch (const json::exception& e) {
    throw InputError(where, fmt::format("is not a whole {} file: {}", kSchema, json_fault(e)));
  }
}

void RidgeModel::round_coefficients() {
  ridge.intercept = rounded(ridge.intercept);
  for (double& c : ridge.single) c = rounded(c);
  for (double& c : ridge.pair) c = rounded(c);
}

bool RidgeModel::all_seen(std::span<const std::uint16_t> features) const {
  return std::all_of(features.begin(), features.end(),
                     [this](std::uint16_t f) { return ridge.single_seen[f]; });
}

}  // namespace dovetail

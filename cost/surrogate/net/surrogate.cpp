#include "cost/surrogate/net/surrogate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/files/hdf5_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.surrogate/4";
/// With an attribute that says the form.
constexpr const char* kSchemaOfForms = "dovetail.surrogate/5";
/// Rows that go through the layers at once: enough for the matrix product, few enough for caches.
constexpr std::size_t kPredictionBatch = 1024;

/// Throws InputError if it has a number that no training leaves.
std::vector<float> finite_array(const Hdf5Reader& reader, const std::string& name, std::size_t rows,
                                std::size_t columns) {
  auto values = reader.array<float>(name, rows, columns);
  const auto odd = std::find_if_not(values.begin(), values.end(),
                                    [](float value) { return std::isfinite(value); });
  if (odd == values.end()) return values;
  reader.fail(fmt::format("array '{}': found {}, allowed finite numbers", name, *odd));
}

/// Throws InputError if networks of this size do not fit into the file: before they are made.
void require_size(const Hdf5Reader& reader, const std::string& file,
                  const std::vector<std::size_t>& hidden, std::size_t members) {
  double weights = 0;
  for (std::size_t l = 0; l < hidden.size(); ++l) {
    weights += static_cast<double>(hidden[l]) * static_cast<double>(l > 0 ? hidden[l - 1] : 1);
  }
  const double bytes = weights * static_cast<double>(members) * sizeof(float);
  if (members > 0 && bytes <= static_cast<double>(std::filesystem::file_size(file))) return;
  reader.fail(
      fmt::format("attribute 'network': found {} networks with {} weights or more, which "
                  "are not in the file",
                  members, weights));
}

/// What the outputs are ratios to; null in the plain form.
std::shared_ptr<const RooflineBaseline> read_baseline(const Hdf5Reader& reader,
                                                      const SpaceDescription& network,
                                                      const SpaceDescription& hardware,
                                                      const std::string& file) {
  if (!reader.has_attribute("form")) return nullptr;
  const std::string form = reader.attribute("form");
  const std::optional<RooflineRoof> roof = roof_of_form(form);
  if (!roof) {
    reader.fail(fmt::format("attribute 'form': found '{}', allowed {}, {}", form,
                            form_of_roof(RooflineRoof::kComputeAndIo),
                            form_of_roof(RooflineRoof::kCompute)));
  }
  auto baseline = RooflineBaseline::from_json_text(reader.attribute("roofline"), file, *roof);
  require_same_decisions(network.decisions, baseline->network_decisions(), "network", file);
  require_same_decisions(hardware.decisions, baseline->hardware_decisions(), "hardware", file);
  return baseline;
}

std::unique_ptr<Surrogate::Impl> parse_model(const Hdf5Reader& reader, const std::string& file) {
  const json network = json::parse(reader.attribute("network"));
  const auto hidden = network.at("hidden").get<std::vector<std::size_t>>();
  const auto members = network.at("members").get<std::size_t>();
  require_size(reader, file, hidden, members);
  auto impl = std::make_unique<Surrogate::Impl>(
      space_from_json_text(reader.attribute("network_space"), file),
      space_from_json_text(reader.attribute("hardware_space"), file), hidden, members,
      network.value("area_head", false));
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const json& scaling = network.at("scaling").at(predicted_costs()[c].figure->name);
    impl->scaling[c] = {scaling.at("log_mean"), scaling.at("log_scale")};
  }
  if (impl->predicts_area()) {
    const json& scaling = network.at("scaling").at(area_cost().figure->name);
    impl->area_scaling = {scaling.at("log_mean"), scaling.at("log_scale")};
  }
  impl->knows_feasibility = network.at("knows_feasibility");
  impl->baseline = read_baseline(reader, impl->network, impl->hardware, file);
  impl->technology = reader.attribute("technology");
  impl->report = reader.attribute("report");
  if (!impl->report.empty() && !json::parse(impl->report).is_object()) {
    reader.fail("attribute 'report': found no map");  // on which those who read it later rely
  }
  impl->file = file;
  const std::size_t count = impl->members.size(), size = impl->members[0].parameters().size();
  const auto parameters = finite_array(reader, "parameters", count, size);
  for (std::size_t m = 0; m < count; ++m) {
    std::copy_n(parameters.data() + m * size, size, impl->members[m].parameters().data());
  }
  if (network.value("tuned", false)) {
    std::size_t units = 0;
    for (std::size_t l = 0; l + 1 < hidden.size(); ++l) units += hidden[l];
    const std::size_t columns = units * impl->heads();
    impl->skips.resize(count, std::vector<float>(columns));
    if (columns > 0) {
      const auto skips = finite_array(reader, "skips", count, columns);
      for (std::size_t m = 0; m < count; ++m) {
        std::copy_n(skips.data() + m * columns, columns, impl->skips[m].data());
      }
    }
  }
  return impl;
}

/// Mean over the members and sample standard deviation (NaN if there is one).
struct Opinion {
  double mean = 0, deviation = 0;
};

/// `value(m)` is what member m says.
template <typename Value>
Opinion opinion_of(std::size_t members, const Value& value) {
  const auto n = static_cast<double>(members);
  Opinion opinion;
  for (std::size_t m = 0; m < members; ++m) opinion.mean += value(m) / n;
  for (std::size_t m = 0; m < members; ++m) {
    const double apart = value(m) - opinion.mean;
    opinion.deviation += apart * apart;
  }
  opinion.deviation = std::sqrt(opinion.deviation / (n - 1));
  return opinion;
}

/// `row` is that of the pair in each member's outputs.
CostPrediction decode(const Surrogate::Impl& model, std::span<const std::vector<float>> outputs,
                      std::size_t row, const CostBaseline& baseline) {
  CostPrediction prediction;
  Costs& costs = prediction.costs;
  if (outputs.size() > 1) costs.spread.emplace();
  const std::size_t heads = model.heads();
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const Opinion target = opinion_of(outputs.size(), [&](std::size_t m) {
      return static_cast<double>(outputs[m][row * heads + c]);
    });
    const PredictedCost& cost = predicted_costs()[c];
    cost.set(baseline.*cost.baseline * model.scaling[c].cost(target.mean), costs);
    if (costs.spread) {
      (*costs.spread).*cost.spread_percent = 100 * model.scaling[c].scale * target.deviation;
    }
  }
  const Opinion feasible = opinion_of(outputs.size(), [&](std::size_t m) {
    const double logit = static_cast<double>(outputs[m][row * heads + kFeasibilityHead]);
    return 1 / (1 + std::exp(-logit));
  });
  if (model.predicts_area()) {
    const Opinion area = opinion_of(outputs.size(), [&](std::size_t m) {
      return static_cast<double>(outputs[m][row * heads + kAreaHead]);
    });
    costs.area_mm2 = model.area_scaling.cost(area.mean);
  }
  prediction.feasible_probability = model.knows_feasibility ? feasible.mean : 1.0;
  // No network stands at such a point.
  if (std::isnan(baseline.latency_ms)) prediction.feasible_probability = 0;
  if (prediction.feasible_probability < 0.5) costs.reason = InfeasibleReason::kPredicted;
  return prediction;
}

}  // namespace

Surrogate::Impl::Impl(SpaceDescription network_space, SpaceDescription hardware_space,
                      const std::vector<std::size_t>& hidden, std::size_t member_count,
                      bool with_area)
    : network(std::move(network_space)),
      hardware(std::move(hardware_space)),
      encoder(network, hardware),
      members(member_count,
              Mlp<float>({encoder.width(), hidden, kAreaHead + (with_area ? 1 : 0)})) {}

std::vector<CostBaseline> Surrogate::Impl::baselines(
    std::span<const Choices> network_points, std::span<const Choices> hardware_points) const {
  if (!baseline) return std::vector<CostBaseline>(network_points.size());
  return baseline->of(network_points, hardware_points);
}

std::vector<PackedMlp> Surrogate::Impl::pack(std::span<const Mlp<float>> some) const {
  std::vector<PackedMlp> result;
  for (const Mlp<float>& member : some) result.emplace_back(member);
  return result;
}

std::vector<CostPrediction> Surrogate::Impl::predict(
    std::span<const PackedMlp> some, std::span<const Choices> network_points,
    std::span<const Choices> hardware_points) const {
  if (network_points.size() != hardware_points.size()) {
    throw std::invalid_argument("Surrogate::predict: lengths differ");
  }
  const std::size_t pairs = network_points.size(), width = encoder.width();
  std::vector<float> inputs;
  std::vector<std::vector<float>> outputs(some.size());
  std::vector<CostPrediction> predictions;
  predictions.reserve(pairs);
  for (std::size_t begin = 0; begin < pairs; begin += kPredictionBatch) {
    const std::size_t batch = std::min(kPredictionBatch, pairs - begin);
    inputs.resize(batch * width);
    for (std::size_t i = 0; i < batch; ++i) {
      const Choices &n = network_points[begin + i], &h = hardware_points[begin + i];
      network.decisions.validate(n);
      hardware.decisions.validate(h);
      encoder.encode(n, h, inputs.data() + i * width);
    }
    for (std::size_t m = 0; m < some.size(); ++m) some[m].predict(inputs, batch, outputs[m]);
    const std::vector<CostBaseline> ratios_to =
        baselines(network_points.subspan(begin, batch), hardware_points.subspan(begin, batch));
    for (std::size_t i = 0; i < batch; ++i) {
      predictions.push_back(decode(*this, outputs, i, ratios_to[i]));
    }
  }
  return predictions;
}

Surrogate::Surrogate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->packed.clear();
  for (std::size_t m = 0; m < impl_->members.size(); ++m) {
    impl_->packed.emplace_back(impl_->members[m], impl_->skips.empty()
                                                      ? std::span<const float>()
                                                      : std::span<const float>(impl_->skips[m]));
  }
}
Surrogate::~Surrogate() = default;
Surrogate::Surrogate(Surrogate&&) noexcept = default;
Surrogate& Surrogate::operator=(Surrogate&&) noexcept = default;

std::size_t Surrogate::members() const {
  return impl_->members.size();
}
bool Surrogate::knows_feasibility() const {
  return impl_->knows_feasibility;
}
bool Surrogate::tuned() const {
  return !impl_->skips.empty();
}
bool Surrogate::predicts_area() const {
  return impl_->predicts_area();
}
bool Surrogate::residual() const {
  return impl_->baseline != nullptr;
}
const SpaceDescription& Surrogate::network_space() const {
  return impl_->network;
}
const SpaceDescription& Surrogate::hardware_space() const {
  return impl_->hardware;
}
const std::string& Surrogate::technology() const {
  return impl_->technology;
}
const std::string& Surrogate::report() const {
  return impl_->report;
}

void Surrogate::require_spaces(const DecisionSpace& network, const DecisionSpace& hardware) const {
  require_same_decisions(network, impl_->network.decisions, "network", impl_->file);
  require_same_decisions(hardware, impl_->hardware.decisions, "hardware", impl_->file);
}

void Surrogate::require_spaces(const SpaceDescription& network,
                               const SpaceDescription& hardware) const {
  require_same_space(network, impl_->network, "network", impl_->file);
  require_same_space(hardware, impl_->hardware, "hardware", impl_->file);
}

std::vector<CostPrediction> Surrogate::predict(std::span<const Choices> network,
                                               std::span<const Choices> hardware) const {
  return impl_->predict(impl_->packed, network, hardware);
}

void Surrogate::Impl::write(Hdf5Writer& writer) const {
  std::vector<float> parameters;
  for (const Mlp<float>& member : members) {
    parameters.insert(parameters.end(), member.parameters().begin(), member.parameters().end());
  }
  json scalings;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    scalings[predicted_costs()[c].figure->name] = {{"log_mean", scaling[c].mean},
                                                   {"log_scale", scaling[c].scale}};
  }
  if (predicts_area()) {
    scalings[area_cost().figure->name] = {{"log_mean", area_scaling.mean},
                                          {"log_scale", area_scaling.scale}};
  }
  writer.attribute("network_space", to_json_text(network));
  writer.attribute("hardware_space", to_json_text(hardware));
  writer.attribute("network", json{{"members", members.size()},
                                   {"hidden", members[0].shape().hidden},
                                   {"scaling", scalings},
                                   {"tuned", !skips.empty()},
                                   {"area_head", predicts_area()},
                                   {"knows_feasibility", knows_feasibility}}
                                  .dump());
  writer.attribute("technology", technology);
  writer.attribute("report", report);
  if (baseline) {
    writer.attribute("form", form_of_roof(baseline->roof()));
    writer.attribute("roofline", baseline->to_json_text());
  }
  const std::size_t count = members.size();
  writer.array<float>("parameters", parameters, count, parameters.size() / count);
  std::vector<float> all_skips;
  for (const auto& some : skips) all_skips.insert(all_skips.end(), some.begin(), some.end());
  if (!all_skips.empty()) writer.array<float>("skips", all_skips, count, all_skips.size() / count);
}

std::unique_ptr<Surrogate::Impl> Surrogate::Impl::read(const Hdf5Reader& reader,
                                                       const std::string& file) {
  try {
    return parse_model(reader, file);
  } catch (const json::exception& e) {
    reader.fail(fmt::format("attribute 'network': {}", json_fault(e)));
  }
}

void Surrogate::save(const std::filesystem::path& file) const {
  Hdf5Writer writer(file, residual() ? kSchemaOfForms : kSchema);
  impl_->write(writer);
  writer.commit();
}

Surrogate Surrogate::load(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, std::vector<std::string>{kSchema, kSchemaOfForms});
  return Surrogate(Impl::read(reader, file.string()));
}

}  // namespace dovetail

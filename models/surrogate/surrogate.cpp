#include "models/surrogate/surrogate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/surrogate/hdf5_file.h"
#include "models/surrogate/predicted_cost.h"
#include "models/surrogate/surrogate_impl.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.surrogate/2";
/// Rows that go through the layers at once: enough for the matrix product, few enough for caches.
constexpr std::size_t kPredictionBatch = 1024;

std::unique_ptr<Surrogate::Impl> read_model(const Hdf5Reader& reader, const std::string& file) {
  const json network = json::parse(reader.attribute("network"));
  auto impl = std::make_unique<Surrogate::Impl>(
      space_from_json_text(reader.attribute("network_space"), file),
      space_from_json_text(reader.attribute("hardware_space"), file),
      network.at("hidden").get<std::vector<std::size_t>>());
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const json& scaling = network.at("scaling").at(predicted_costs()[c].name);
    impl->scaling[c] = {scaling.at("log_mean"), scaling.at("log_scale")};
  }
  impl->knows_feasibility = network.at("knows_feasibility");
  impl->report = reader.attribute("report");
  impl->file = file;
  const auto parameters = reader.array<float>("parameters", impl->mlp.parameters().size());
  std::copy(parameters.begin(), parameters.end(), impl->mlp.parameters().begin());
  return impl;
}

}  // namespace

Surrogate::Impl::Impl(SpaceDescription network_space, SpaceDescription hardware_space,
                      const std::vector<std::size_t>& hidden)
    : network(std::move(network_space)),
      hardware(std::move(hardware_space)),
      encoder(network, hardware),
      mlp({encoder.width(), hidden, kCostHeads}) {}

CostPrediction Surrogate::Impl::decode(const float* outputs) const {
  CostPrediction prediction;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    prediction.*predicted_costs()[c].prediction = scaling[c].cost(static_cast<double>(outputs[c]));
  }
  prediction.feasible_probability =
      knows_feasibility ? 1 / (1 + std::exp(-static_cast<double>(outputs[kFeasibilityHead]))) : 1.0;
  return prediction;
}

Surrogate::Surrogate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Surrogate::~Surrogate() = default;
Surrogate::Surrogate(Surrogate&&) noexcept = default;
Surrogate& Surrogate::operator=(Surrogate&&) noexcept = default;

bool Surrogate::knows_feasibility() const {
  return impl_->knows_feasibility;
}
const SpaceDescription& Surrogate::network_space() const {
  return impl_->network;
}
const SpaceDescription& Surrogate::hardware_space() const {
  return impl_->hardware;
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
  if (network.size() != hardware.size()) {
    throw std::invalid_argument("Surrogate::predict: lengths differ");
  }
  const std::size_t width = impl_->encoder.width();
  std::vector<float> inputs;
  std::vector<CostPrediction> predictions;
  predictions.reserve(network.size());
  for (std::size_t begin = 0; begin < network.size(); begin += kPredictionBatch) {
    const std::size_t batch = std::min(kPredictionBatch, network.size() - begin);
    inputs.resize(batch * width);
    for (std::size_t i = 0; i < batch; ++i) {
      impl_->network.decisions.validate(network[begin + i]);
      impl_->hardware.decisions.validate(hardware[begin + i]);
      impl_->encoder.encode(network[begin + i], hardware[begin + i], inputs.data() + i * width);
    }
    const std::vector<float> outputs = impl_->mlp.predict(inputs, batch);
    for (std::size_t i = 0; i < batch; ++i) {
      predictions.push_back(impl_->decode(outputs.data() + i * kCostHeads));
    }
  }
  return predictions;
}

void Surrogate::save(const std::filesystem::path& file) const {
  const std::span<const float> parameters = std::as_const(impl_->mlp).parameters();
  json scaling;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    scaling[predicted_costs()[c].name] = {{"log_mean", impl_->scaling[c].mean},
                                          {"log_scale", impl_->scaling[c].scale}};
  }
  Hdf5Writer writer(file, kSchema);
  writer.attribute("network_space", to_json_text(impl_->network));
  writer.attribute("hardware_space", to_json_text(impl_->hardware));
  writer.attribute("network", json{{"hidden", impl_->mlp.shape().hidden},
                                   {"scaling", scaling},
                                   {"knows_feasibility", impl_->knows_feasibility}}
                                  .dump());
  writer.attribute("report", impl_->report);
  writer.array<float>("parameters", parameters, parameters.size());
  writer.commit();
}

Surrogate Surrogate::load(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, kSchema);
  try {
    return Surrogate(read_model(reader, file.string()));
  } catch (const json::exception& e) {
    reader.fail(fmt::format("attribute 'network': {}", e.what()));
  }
}

}  // namespace dovetail

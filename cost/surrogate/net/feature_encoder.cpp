#include "cost/surrogate/net/feature_encoder.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

/// Values of an ordered decision, by logarithm if all are positive, mapped to [-1, 1].
std::vector<float> scaled_values(const Decision& decision) {
  std::vector<double> values = decision.values;
  if (values.empty()) return {};
  if (*std::min_element(values.begin(), values.end()) > 0) {
    for (double& v : values) v = std::log(v);
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double middle = (*low + *high) / 2, half = (*high - *low) / 2;
  std::vector<float> scaled;
  for (const double v : values) {
    scaled.push_back(half > 0 ? static_cast<float>((v - middle) / half) : 0.0F);
  }
  return scaled;
}

/// Gives each choice an input, from `next` on.
std::vector<std::size_t> number_choices(const DecisionSpace& decisions, std::size_t& next) {
  std::vector<std::size_t> first;
  for (const Decision& d : decisions.decisions()) {
    first.push_back(next);
    next += d.choices.size();
  }
  return first;
}

}  // namespace

FeatureEncoder::FeatureEncoder(const SpaceDescription& network, const SpaceDescription& hardware)
    : guards_(network.guards) {
  network_first_ = number_choices(network.decisions, width_);
  hardware_first_ = number_choices(hardware.decisions, width_);
  scaled_first_ = width_;
  for (const Decision& d : hardware.decisions.decisions()) {
    scaled_.push_back(scaled_values(d));
    if (!scaled_.back().empty()) ++width_;
  }
}

void FeatureEncoder::encode(const Choices& network, const Choices& hardware, float* inputs) const {
  std::fill(inputs, inputs + width_, 0.0F);
  for (std::size_t d = 0; d < network.size(); ++d) inputs[network_first_[d] + network[d]] = 1;
  for (const Guard& g : guards_) {
    if (!g.allowed[network[g.parent]]) inputs[network_first_[g.decision] + network[g.decision]] = 0;
  }
  float* scaled = inputs + scaled_first_;
  for (std::size_t d = 0; d < hardware.size(); ++d) {
    inputs[hardware_first_[d] + hardware[d]] = 1;
    if (!scaled_[d].empty()) *scaled++ = scaled_[d][hardware[d]];
  }
}

std::pair<Choices, Choices> FeatureEncoder::decode(const float* inputs) const {
  const auto choices_of = [&](const std::vector<std::size_t>& first, std::size_t end) {
    Choices choices;
    for (std::size_t d = 0; d < first.size(); ++d) {
      const float* begin = inputs + first[d];
      const float* last = inputs + (d + 1 < first.size() ? first[d + 1] : end);
      choices.push_back(static_cast<Choices::value_type>(std::max_element(begin, last) - begin));
    }
    return choices;
  };
  const std::size_t network_end = hardware_first_.empty() ? scaled_first_ : hardware_first_.front();
  return {choices_of(network_first_, network_end), choices_of(hardware_first_, scaled_first_)};
}

}  // namespace dovetail

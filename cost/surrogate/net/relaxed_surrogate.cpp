#include "cost/surrogate/net/relaxed_surrogate.h"

#include <Eigen/Core>
#include <cmath>

#include "base/text/error.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {
namespace {

constexpr std::size_t kLatencyHead = 0;

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Weights = Eigen::Map<const RowMajorMatrix>;
using Row = Eigen::RowVectorXf;

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

std::size_t choices_of(const DecisionSpace& decisions) {
  std::size_t count = 0;
  for (const Decision& d : decisions.decisions()) count += d.choices.size();
  return count;
}

}  // namespace

/// What is kept of the encoder and of the networks: FeatureEncoder says in which order the inputs
/// stand, Mlp how its parameters do.
struct RelaxedSurrogate::Layers {
  explicit Layers(const Surrogate::Impl& impl) : model(impl) {
    for (const DecisionSpace* side : {&impl.network.decisions, &impl.hardware.decisions}) {
      for (const Decision& d : side->decisions()) {
        first.push_back(first.empty() ? 0 : first.back() + last_size);
        last_size = d.choices.size();
      }
    }
    choices = choices_of(impl.network.decisions) + choices_of(impl.hardware.decisions);
    read_scaled_values();
  }

  /// By what the encoder makes of each choice.
  void read_scaled_values() {
    const Choices network(model.network.decisions.size(), 0);
    Choices hardware(model.hardware.decisions.size(), 0);
    std::vector<float> inputs(model.encoder.width());
    std::size_t at = choices;
    for (std::size_t d = 0; d < hardware.size(); ++d) {
      if (!model.hardware.decisions[d].ordered()) continue;
      for (std::size_t c = 0; c < model.hardware.decisions[d].choices.size(); ++c) {
        hardware[d] = static_cast<Choices::value_type>(c);
        model.encoder.encode(network, hardware, inputs.data());
        scaled.push_back({first[model.network.decisions.size() + d] + c, at, inputs[at]});
      }
      hardware[d] = 0;
      ++at;
    }
  }

  double allowed(const Guard& guard, std::span<const double> p) const {
    double share = 0;
    for (std::size_t c = 0; c < guard.allowed.size(); ++c) {
      if (guard.allowed[c]) share += p[first[guard.parent] + c];
    }
    return share;
  }

  /// The chance that each decision of the network has an effect.
  std::vector<double> chances(std::span<const double> p) const {
    std::vector<double> chance(model.network.decisions.size(), 1);
    for (const Guard& guard : model.network.guards) chance[guard.decision] *= allowed(guard, p);
    return chance;
  }

  Row inputs(std::span<const double> p) const {
    Row x = Row::Zero(index(model.encoder.width()));
    for (std::size_t i = 0; i < choices; ++i) x[index(i)] = static_cast<float>(p[i]);
    const std::vector<double> chance = chances(p);
    for (std::size_t d = 0; d < chance.size(); ++d) {
      for (std::size_t c = 0; c < model.network.decisions[d].choices.size(); ++c) {
        x[index(first[d] + c)] *= static_cast<float>(chance[d]);
      }
    }
    for (const ScaledChoice& s : scaled)
      x[index(s.input)] += static_cast<float>(p[s.choice]) * s.value;
    return x;
  }

  /// From the derivative by the inputs to that by the probabilities.
  void add_back(std::span<const double> p, const Row& by_input, std::span<double> gradient) const {
    const std::vector<double> chance = chances(p);
    std::vector<double> by_chance(chance.size(), 0);
    const std::size_t network_end = choices_of(model.network.decisions);
    for (std::size_t d = 0; d < chance.size(); ++d) {
      for (std::size_t c = 0; c < model.network.decisions[d].choices.size(); ++c) {
        const double slope = static_cast<double>(by_input[index(first[d] + c)]);
        gradient[first[d] + c] += slope * chance[d];
        by_chance[d] += slope * p[first[d] + c];
      }
    }
    for (const Guard& guard : model.network.guards) {
      double slope = by_chance[guard.decision];
      for (const Guard& other : model.network.guards) {
        if (&other != &guard && other.decision == guard.decision) slope *= allowed(other, p);
      }
      for (std::size_t c = 0; c < guard.allowed.size(); ++c) {
        if (guard.allowed[c]) gradient[first[guard.parent] + c] += slope;
      }
    }
    for (std::size_t i = network_end; i < choices; ++i) {
      gradient[i] += static_cast<double>(by_input[index(i)]);
    }
    for (const ScaledChoice& s : scaled) {
      gradient[s.choice] += static_cast<double>(by_input[index(s.input)] * s.value);
    }
  }

  /// The layers' values, from the inputs to the outputs.
  static std::vector<Row> forward(const Mlp<float>& member, const Row& x) {
    std::vector<Row> values{x};
    const float* at = member.parameters().data();
    const std::size_t hidden = member.shape().hidden.size();
    for (std::size_t l = 0; l <= hidden; ++l) {
      const Eigen::Index from = values.back().size();
      const Eigen::Index to = index(l < hidden ? member.shape().hidden[l] : member.shape().outputs);
      Row next = values.back() * Weights(at, from, to) + Eigen::Map<const Row>(at + from * to, to);
      if (l < hidden) next = next.cwiseMax(0.0F);
      at += from * to + to;
      values.push_back(std::move(next));
    }
    return values;
  }

  static Row backward(const Mlp<float>& member, const std::vector<Row>& values, Row by_output) {
    const float* end = member.parameters().data() + member.parameters().size();
    for (std::size_t l = values.size() - 1; l-- > 0;) {
      const Eigen::Index from = values[l].size(), to = values[l + 1].size();
      end -= from * to + to;
      Row below = by_output * Weights(end, from, to).transpose();
      if (l > 0) below.array() *= (values[l].array() > 0).cast<float>();
      by_output = std::move(below);
    }
    return by_output;
  }

  struct ScaledChoice {
    std::size_t choice, input;
    float value;
  };

  const Surrogate::Impl& model;
  std::vector<std::size_t> first;  // probability, and input, of each decision's choice 0
  std::size_t last_size = 0;
  std::size_t choices = 0;
  std::vector<ScaledChoice> scaled;
};

RelaxedSurrogate::RelaxedSurrogate(std::shared_ptr<const Surrogate> surrogate)
    : surrogate_(std::move(surrogate)) {
  const Surrogate::Impl& impl = surrogate_->impl();
  if (!impl.skips.empty() && !impl.skips[0].empty()) {
    throw InputError(Location{impl.file},
                     "was fine-tuned; a search by gradients takes surrogates as they were trained");
  }
  if (impl.baseline) {
    throw InputError(Location{impl.file},
                     "is in the residual form, whose roofline has no gradient by the choices; a "
                     "search by gradients takes surrogates that were trained with --form plain");
  }
  layers_ = std::make_unique<Layers>(impl);
}

RelaxedSurrogate::~RelaxedSurrogate() = default;

RelaxedSurrogate::Value RelaxedSurrogate::add_gradient(std::span<const double> probabilities,
                                                       double latency_weight,
                                                       double infeasible_weight,
                                                       std::span<double> gradient) {
  const Surrogate::Impl& impl = surrogate_->impl();
  const LogScaling& scaling = impl.scaling[kLatencyHead];
  const Row x = layers_->inputs(probabilities);
  Row by_input = Row::Zero(x.size());
  const double share = 1 / static_cast<double>(impl.members.size());
  Value value;
  for (const Mlp<float>& member : impl.members) {
    const std::vector<Row> values = Layers::forward(member, x);
    const Row& out = values.back();
    Row by_output = Row::Zero(out.size());
    value.log_latency += share * (scaling.mean + scaling.scale * static_cast<double>(out[0]));
    by_output[index(kLatencyHead)] = static_cast<float>(share * latency_weight * scaling.scale);
    if (impl.knows_feasibility) {
      const double logit = static_cast<double>(out[index(kFeasibilityHead)]);
      value.infeasible += share * std::log1p(std::exp(-logit));
      by_output[index(kFeasibilityHead)] =
          static_cast<float>(-share * infeasible_weight / (1 + std::exp(logit)));
    }
    by_input += Layers::backward(member, values, by_output);
  }
  layers_->add_back(probabilities, by_input, gradient);
  return value;
}

}  // namespace dovetail

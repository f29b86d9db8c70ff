#include "nas/strategy/relaxed_choices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/numbers/adam.h"
#include "base/numbers/random.h"
#include "base/text/names.h"

namespace dovetail {
namespace {

const std::array<std::pair<Relaxation, std::string>, 6> kNames{
    {{Relaxation::kSoftmax, "softmax"},
     {Relaxation::kGumbel, "gumbel"},
     {Relaxation::kBinary, "binary"},
     {Relaxation::kStraightThrough, "ste"},
     {Relaxation::kSigmoid, "sigmoid"},
     {Relaxation::kExponentiated, "exponentiated"}}};

/// Where each decision's choices stand; last how many there are.
std::vector<std::size_t> starts_of(const DecisionSpace& decisions) {
  std::vector<std::size_t> starts{0};
  for (const Decision& d : decisions.decisions()) {
    starts.push_back(starts.back() + d.choices.size());
  }
  return starts;
}

void softmax(std::span<const double> logits, std::span<double> probabilities) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    sum += probabilities[c] = std::exp(logits[c] - largest);
  }
  for (double& p : probabilities) p /= sum;
}

/// From the derivative by p = softmax(z) to that by z.
void back_through_softmax(std::span<const double> p, std::span<const double> by_p,
                          std::span<double> by_z) {
  double mean = 0;
  for (std::size_t c = 0; c < p.size(); ++c) mean += p[c] * by_p[c];
  for (std::size_t c = 0; c < p.size(); ++c) by_z[c] = p[c] * (by_p[c] - mean);
}

std::vector<double> drawn_parameters(std::size_t count, double deviation, Rng& rng) {
  std::vector<double> parameters(count);
  for (double& z : parameters) z = deviation * rng.normal();
  return parameters;
}

/// A logit for each choice, and what is common to those who have them.
class LogitChoices : public RelaxedChoices {
 public:
  LogitChoices(const DecisionSpace& decisions, const RelaxationOptions& options, double momentum)
      : options_(options),
        starts_(starts_of(decisions)),
        rng_(options.seed),
        logits_(drawn_parameters(starts_.back(), options.initial_deviation, rng_)),
        point_(logits_.size()),
        logit_gradient_(logits_.size()),
        adam_(logits_.size(), options.learning_rate, momentum, 0.999) {}

  std::vector<double> probabilities() const override {
    std::vector<double> p(logits_.size());
    for (std::size_t d = 0; d < decisions(); ++d) softmax(part(logits_, d), part(p, d));
    return p;
  }

 protected:
  std::size_t decisions() const { return starts_.size() - 1; }
  std::span<double> part(std::vector<double>& values, std::size_t decision) const {
    return std::span(values).subspan(starts_[decision], starts_[decision + 1] - starts_[decision]);
  }
  std::span<const double> part(std::span<const double> values, std::size_t decision) const {
    return values.subspan(starts_[decision], starts_[decision + 1] - starts_[decision]);
  }

  RelaxationOptions options_;
  std::vector<std::size_t> starts_;
  Rng rng_;
  std::vector<double> logits_, point_, logit_gradient_;
  Adam<double> adam_;
};

class SoftmaxChoices : public LogitChoices {
 public:
  SoftmaxChoices(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0.9) {}

  std::span<const double> point() override {
    for (std::size_t d = 0; d < decisions(); ++d) softmax(part(logits_, d), part(point_, d));
    return point_;
  }
  void move(std::span<const double> gradient) override {
    for (std::size_t d = 0; d < decisions(); ++d) {
      back_through_softmax(part(point_, d), part(gradient, d), part(logit_gradient_, d));
    }
    adam_.step(logits_, logit_gradient_);
  }
};

class GumbelChoices : public LogitChoices {
 public:
  GumbelChoices(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0.9), temperature_(options.first_temperature) {}

  std::span<const double> point() override {
    std::vector<double> noisy(logits_.size());
    for (std::size_t i = 0; i < noisy.size(); ++i) {
      const double gumbel = -std::log(-std::log(1 - rng_.uniform() + 1e-300) + 1e-300);
      noisy[i] = (logits_[i] + gumbel) / temperature_;
    }
    for (std::size_t d = 0; d < decisions(); ++d) softmax(part(noisy, d), part(point_, d));
    return point_;
  }
  void move(std::span<const double> gradient) override {
    for (std::size_t d = 0; d < decisions(); ++d) {
      const std::span<double> by_z = part(logit_gradient_, d);
      back_through_softmax(part(point_, d), part(gradient, d), by_z);
      for (double& g : by_z) g /= temperature_;
    }
    adam_.step(logits_, logit_gradient_);
    const double steps = std::max(1.0, static_cast<double>(options_.steps) - 1);
    temperature_ *= std::pow(options_.last_temperature / options_.first_temperature, 1 / steps);
  }

 private:
  double temperature_;
};

class StraightThroughChoices : public LogitChoices {
 public:
  StraightThroughChoices(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0.9) {}

  std::span<const double> point() override {
    std::fill(point_.begin(), point_.end(), 0.0);
    for (std::size_t d = 0; d < decisions(); ++d) {
      const auto z = part(logits_, d);
      part(point_, d)[static_cast<std::size_t>(std::max_element(z.begin(), z.end()) - z.begin())] =
          1;
    }
    return point_;
  }
  void move(std::span<const double> gradient) override {
    const std::vector<double> p = probabilities();
    for (std::size_t d = 0; d < decisions(); ++d) {
      back_through_softmax(part(p, d), part(gradient, d), part(logit_gradient_, d));
    }
    adam_.step(logits_, logit_gradient_);
  }
};

class ExponentiatedChoices : public LogitChoices {
 public:
  ExponentiatedChoices(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0.9) {}

  std::span<const double> point() override { return point_ = probabilities(); }
  void move(std::span<const double> gradient) override {
    for (std::size_t i = 0; i < logits_.size(); ++i) {
      logits_[i] -= options_.learning_rate * gradient[i];
    }
  }
};

/// Without momentum, as the paper's own program: a choice that was not drawn would move by it.
class BinaryGates : public LogitChoices {
 public:
  BinaryGates(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0), drawn_(starts_.size() - 1) {}

  std::span<const double> point() override {
    const std::vector<double> p = probabilities();
    std::fill(point_.begin(), point_.end(), 0.0);
    for (std::size_t d = 0; d < decisions(); ++d) {
      const auto here = part(p, d);
      Gate& gate = drawn_[d];
      gate.first = draw(here, here.size());
      gate.second = here.size() > 1 ? draw(here, gate.first) : gate.first;
      const double first = here[gate.first] + 1e-300, second = here[gate.second] + 1e-300;
      gate.share = first / (first + second);
      part(point_, d)[rng_.uniform() < gate.share ? gate.first : gate.second] = 1;
    }
    return point_;
  }

  void move(std::span<const double> gradient) override {
    std::fill(logit_gradient_.begin(), logit_gradient_.end(), 0.0);
    std::vector<double> mass(decisions());
    for (std::size_t d = 0; d < decisions(); ++d) {
      const Gate& gate = drawn_[d];
      mass[d] = log_mass(d);
      if (gate.first == gate.second) continue;
      const auto by_gate = part(gradient, d);
      const double slope =
          gate.share * (1 - gate.share) * (by_gate[gate.first] - by_gate[gate.second]);
      part(logit_gradient_, d)[gate.first] = slope;
      part(logit_gradient_, d)[gate.second] = -slope;
    }
    adam_.step(logits_, logit_gradient_);
    for (std::size_t d = 0; d < decisions(); ++d) {
      const double shift = mass[d] - log_mass(d);
      part(logits_, d)[drawn_[d].first] += shift;
      if (drawn_[d].first != drawn_[d].second) part(logits_, d)[drawn_[d].second] += shift;
    }
  }

 private:
  struct Gate {
    std::size_t first = 0, second = 0;  // choices
    double share = 1;                   // of the first among the two
  };

  /// A choice by its probability, any but `without`.
  std::size_t draw(std::span<const double> p, std::size_t without) {
    const double left = without < p.size() ? p[without] : 0;
    double rest = rng_.uniform() * (1 - left);
    std::size_t last = 0;
    for (std::size_t c = 0; c < p.size(); ++c) {
      if (c == without) continue;
      last = c;
      rest -= p[c];
      if (rest < 0) break;
    }
    return last;
  }
  /// log(exp z + exp z) of the two drawn.
  double log_mass(std::size_t decision) {
    const auto z = part(logits_, decision);
    const Gate& gate = drawn_[decision];
    if (gate.first == gate.second) return z[gate.first];
    const double large = std::max(z[gate.first], z[gate.second]);
    return large + std::log(std::exp(z[gate.first] - large) + std::exp(z[gate.second] - large));
  }

  std::vector<Gate> drawn_;
};

/// An ordered decision has a parameter u_k for each choice but the first: P(choice >= k) is the
/// product of sigmoid(u_1) to sigmoid(u_k). The parameter of choice 0 is not used.
class SigmoidThresholds : public LogitChoices {
 public:
  SigmoidThresholds(const DecisionSpace& decisions, const RelaxationOptions& options)
      : LogitChoices(decisions, options, 0.9) {
    for (const Decision& d : decisions.decisions()) {
      ordered_.push_back(d.ordered());
      if (!d.ordered()) continue;
      // From here all choices are as likely as each other.
      const auto u = part(logits_, ordered_.size() - 1);
      for (std::size_t k = 1; k < u.size(); ++k) {
        u[k] += std::log(static_cast<double>(u.size() - k));
      }
    }
  }

  std::vector<double> probabilities() const override {
    std::vector<double> p(logits_.size());
    for (std::size_t d = 0; d < decisions(); ++d) {
      if (!ordered_[d]) {
        softmax(part(logits_, d), part(p, d));
        continue;
      }
      const auto u = part(logits_, d);
      double reached = 1;  // P(choice >= k)
      for (std::size_t k = 0; k < u.size(); ++k) {
        const double next = k + 1 < u.size() ? reached * sigmoid(u[k + 1]) : 0;
        part(p, d)[k] = reached - next;
        reached = next;
      }
    }
    return p;
  }
  std::span<const double> point() override { return point_ = probabilities(); }

  void move(std::span<const double> gradient) override {
    for (std::size_t d = 0; d < decisions(); ++d) {
      const std::span<const double> p = part(point_, d), by_p = part(gradient, d);
      const auto by_u = part(logit_gradient_, d);
      if (!ordered_[d]) {
        back_through_softmax(p, by_p, by_u);
        continue;
      }
      // P(choice >= j) grows by (1 - sigmoid(u_k)) of itself for every j >= k; the loss by it at
      // the rate by_p[j] - by_p[j - 1].
      const auto u = part(logits_, d);
      double reached = 0, sum = 0;
      for (std::size_t k = p.size(); k-- > 1;) {
        reached += p[k];
        sum += reached * (by_p[k] - by_p[k - 1]);
        by_u[k] = (1 - sigmoid(u[k])) * sum;
      }
      by_u[0] = 0;
    }
    adam_.step(logits_, logit_gradient_);
  }

 private:
  static double sigmoid(double u) { return 1 / (1 + std::exp(-u)); }

  std::vector<bool> ordered_;
};

}  // namespace

std::span<const Relaxation> relaxations() {
  static const std::vector<Relaxation> all = [] {
    std::vector<Relaxation> list;
    for (const auto& [relaxation, name] : kNames) list.push_back(relaxation);
    return list;
  }();
  return all;
}

std::string to_string(Relaxation relaxation) {
  return name_in(kNames, relaxation);
}

Relaxation relaxation_of_name(const std::string& name) {
  return value_in(kNames, name, "relaxation");
}

std::unique_ptr<RelaxedChoices> make_relaxed_choices(Relaxation relaxation,
                                                     const DecisionSpace& decisions,
                                                     const RelaxationOptions& options) {
  switch (relaxation) {
    case Relaxation::kSoftmax:
      break;
    case Relaxation::kGumbel:
      return std::make_unique<GumbelChoices>(decisions, options);
    case Relaxation::kBinary:
      return std::make_unique<BinaryGates>(decisions, options);
    case Relaxation::kStraightThrough:
      return std::make_unique<StraightThroughChoices>(decisions, options);
    case Relaxation::kSigmoid:
      return std::make_unique<SigmoidThresholds>(decisions, options);
    case Relaxation::kExponentiated:
      return std::make_unique<ExponentiatedChoices>(decisions, options);
  }
  return std::make_unique<SoftmaxChoices>(decisions, options);
}

std::vector<double> descend(Relaxation relaxation, const DecisionSpace& decisions,
                            const RelaxationOptions& options, const AddGradient& add_gradient) {
  const auto relaxed = make_relaxed_choices(relaxation, decisions, options);
  std::vector<double> gradient(starts_of(decisions).back());
  for (std::size_t step = 0; step < options.steps; ++step) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    add_gradient(relaxed->point(), gradient);
    relaxed->move(gradient);
  }
  return relaxed->probabilities();
}

Choices draw_choices(const DecisionSpace& decisions, std::span<const double> probabilities,
                     Rng& rng) {
  Choices choices;
  for (const Decision& decision : decisions.decisions()) {
    double rest = rng.uniform();
    std::size_t choice = 0;
    const std::size_t last = decision.choices.size() - 1;
    while (choice < last && (rest -= probabilities[choice]) >= 0) ++choice;
    choices.push_back(static_cast<std::uint16_t>(choice));
    probabilities = probabilities.subspan(last + 1);
  }
  return choices;
}

Choices likeliest_choices(const DecisionSpace& decisions, std::span<const double> probabilities) {
  Choices choices;
  for (const Decision& decision : decisions.decisions()) {
    const auto own = probabilities.first(decision.choices.size());
    choices.push_back(static_cast<std::uint16_t>(std::ranges::max_element(own) - own.begin()));
    probabilities = probabilities.subspan(own.size());
  }
  return choices;
}

}  // namespace dovetail

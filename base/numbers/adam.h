#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace dovetail {

/// Adam (Kingma & Ba, ICLR 2015) for one array of parameters; eps 1e-8.
template <typename Real>
class Adam {
 public:
  Adam(std::size_t size, Real learning_rate, Real beta1, Real beta2)
      : rate_(learning_rate), beta1_(beta1), beta2_(beta2), mean_(size, 0), square_(size, 0) {}

  void set_learning_rate(Real rate) { rate_ = rate; }
  /// All that the next step depends on beside the rate, as one array, and back; its size depends
  /// on that of the parameters alone.
  std::vector<Real> state() const {
    std::vector<Real> state(mean_);
    state.insert(state.end(), square_.begin(), square_.end());
    state.push_back(static_cast<Real>(steps_));
    return state;
  }
  void restore(std::span<const Real> state) {
    const std::size_t size = mean_.size();
    mean_.assign(state.begin(), state.begin() + size);
    square_.assign(state.begin() + size, state.begin() + 2 * size);
    steps_ = static_cast<long>(state.back());
  }

  /// One step down the gradient. Both have the size given at construction.
  void step(std::span<Real> parameters, std::span<const Real> gradient) {
    ++steps_;
    const Real mean_bias = 1 - std::pow(beta1_, static_cast<Real>(steps_));
    const Real square_bias = 1 - std::pow(beta2_, static_cast<Real>(steps_));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      mean_[i] = beta1_ * mean_[i] + (1 - beta1_) * gradient[i];
      square_[i] = beta2_ * square_[i] + (1 - beta2_) * gradient[i] * gradient[i];
      parameters[i] -=
          rate_ * (mean_[i] / mean_bias) / (std::sqrt(square_[i] / square_bias) + Real(1e-8));
    }
  }

 private:
  Real rate_, beta1_, beta2_;
  std::vector<Real> mean_, square_;
  long steps_ = 0;
};

}  // namespace dovetail

#include "nas/strategy/lstm_policy.h"

#include <Eigen/Core>
#include <cmath>
#include <utility>

namespace dovetail {
namespace {

template <typename Derived>
auto sigmoid(const Eigen::ArrayBase<Derived>& x) {
  using Real = typename Derived::Scalar;
  return (Real(1) / (Real(1) + (-x.derived()).exp())).eval();
}

template <typename Matrix>
Matrix log_softmax(Matrix logits) {
  for (Eigen::Index b = 0; b < logits.cols(); ++b) {
    const auto largest = logits.col(b).maxCoeff();
    const auto sum = (logits.col(b).array() - largest).exp().sum();
    logits.col(b).array() -= largest + std::log(sum);
  }
  return logits;
}

template <typename Column>
std::uint16_t draw(const Column& log_probability, Rng& rng) {
  double left = rng.uniform();
  Eigen::Index choice = 0;
  for (; choice + 1 < log_probability.size(); ++choice) {
    const double p = std::exp(static_cast<double>(log_probability[choice]));
    if (left < p) break;
    left -= p;
  }
  return static_cast<std::uint16_t>(choice);
}

/// 1 where a decision (row) of a candidate (column) counts.
template <typename Real>
Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> matrix_of(
    const std::vector<std::vector<bool>>& mask) {
  const std::size_t decisions = mask.empty() ? 0 : mask.front().size();
  Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> matrix(
      static_cast<Eigen::Index>(decisions), static_cast<Eigen::Index>(mask.size()));
  for (std::size_t b = 0; b < mask.size(); ++b) {
    for (std::size_t d = 0; d < decisions; ++d) {
      matrix(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(b)) = mask[b][d] ? 1 : 0;
    }
  }
  return matrix;
}

}  // namespace

template <typename Real>
struct LstmPolicy<Real>::Steps {
  using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
  struct Step {              // of one decision, for all candidates
    Matrix input;            // (embedding + hidden) x candidates
    Matrix gates;            // 4 hidden x candidates, after their nonlinearities: i, f, o, g
    Matrix cell, hidden;     // hidden x candidates
    Matrix log_probability;  // choices x candidates
  };
  std::vector<Choices> choices;  // one a candidate
  std::vector<Step> steps;       // one a decision
};

/// All of it, in matrices with a candidate a column.
template <typename Real>
class LstmPolicy<Real>::Network {
 public:
  using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
  using Array = Eigen::Array<Real, Eigen::Dynamic, 1>;

  Network(const DecisionSpace& space, int hidden, int embedding, Rng& rng);

  using Step = typename Steps::Step;
  using Run = Steps;

  /// Draws `count` candidates.
  Run sample(std::size_t count, Rng& rng) const;
  /// The same for given candidates.
  Run evaluate(const std::vector<Choices>& choices) const;

  /// Log-probability and entropy of each candidate, over the decisions where `mask` (decisions x
  /// candidates) is 1.
  static Array log_probability(const Run& run, const Matrix& mask);
  static Array entropy(const Run& run, const Matrix& mask);

  /// Gradient, by parameters(), of sum_b by_log_probability[b] log p_b + by_entropy[b] H_b.
  Array gradient(const Run& run, const Matrix& mask, const Array& by_log_probability,
                 const Array& by_entropy) const;

  Array& parameters() { return parameters_; }
  void favour(const Choices& choices);

 private:
  struct Block {  // a matrix inside the array of parameters
    Eigen::Index at, rows, columns;
  };
  using Map = Eigen::Map<const Matrix>;

  Block add(Eigen::Index rows, Eigen::Index columns);
  Map view(const Block& block) const {
    return Map(parameters_.data() + block.at, block.rows, block.columns);
  }
  static Eigen::Map<Matrix> view(Array& array, const Block& block) {
    return Eigen::Map<Matrix>(array.data() + block.at, block.rows, block.columns);
  }
  /// Column of the embedding that enters the step of decision d.
  Eigen::Index embedded(const Choices& choices, std::size_t d) const;
  /// Reads the choices before decision d.
  Step step(const std::vector<Choices>& choices, std::size_t d, const Step* before) const;
  Matrix by_logits(const Run& run, std::size_t d, const Matrix& mask,
                   const Array& by_log_probability, const Array& by_entropy) const;

  Eigen::Index hidden_, size_ = 0;
  std::vector<Eigen::Index> first_embedding_;  // of each decision's choices
  Block embeddings_, weights_, biases_;
  std::vector<Block> head_weights_, head_biases_;
  Array parameters_;
};

template <typename Real>
LstmPolicy<Real>::Network::Network(const DecisionSpace& space, int hidden, int embedding, Rng& rng)
    : hidden_(hidden) {
  Eigen::Index columns = 1;  // the start vector
  for (const Decision& decision : space.decisions()) {
    first_embedding_.push_back(columns);
    columns += static_cast<Eigen::Index>(decision.choices.size());
  }
  embeddings_ = add(embedding, columns);
  weights_ = add(4 * hidden, embedding + hidden);
  std::vector<Block> random{embeddings_, weights_};
  for (const Decision& decision : space.decisions()) {
    const auto choices = static_cast<Eigen::Index>(decision.choices.size());
    head_weights_.push_back(add(choices, hidden));
    head_biases_.push_back(add(choices, 1));
    random.push_back(head_weights_.back());
  }
  biases_ = add(4 * hidden, 1);
  parameters_ = Array::Zero(size_);
  for (const Block& block : random) {
    for (Eigen::Index i = 0; i < block.rows * block.columns; ++i) {
      parameters_[block.at + i] = static_cast<Real>(0.2 * rng.uniform() - 0.1);
    }
  }
}

template <typename Real>
typename LstmPolicy<Real>::Network::Block LstmPolicy<Real>::Network::add(Eigen::Index rows,
                                                                         Eigen::Index columns) {
  const Block block{size_, rows, columns};
  size_ += rows * columns;
  return block;
}

template <typename Real>
void LstmPolicy<Real>::Network::favour(const Choices& choices) {
  for (std::size_t d = 0; d < choices.size(); ++d) {
    const Eigen::Index others = head_biases_[d].rows - 1;
    if (others < 1) continue;
    parameters_[head_biases_[d].at + choices[d]] +=
        static_cast<Real>(std::log(static_cast<double>(others)));
  }
}

template <typename Real>
Eigen::Index LstmPolicy<Real>::Network::embedded(const Choices& choices, std::size_t d) const {
  return d == 0 ? 0 : first_embedding_[d - 1] + choices[d - 1];
}

template <typename Real>
typename LstmPolicy<Real>::Network::Step LstmPolicy<Real>::Network::step(
    const std::vector<Choices>& choices, std::size_t d, const Step* before) const {
  const auto count = static_cast<Eigen::Index>(choices.size());
  const Eigen::Index h = hidden_, e = embeddings_.rows;
  Step step;
  step.input = Matrix::Zero(e + h, count);
  for (Eigen::Index b = 0; b < count; ++b) {
    step.input.col(b).head(e) =
        view(embeddings_).col(embedded(choices[static_cast<std::size_t>(b)], d));
  }
  if (before != nullptr) step.input.bottomRows(h) = before->hidden;
  step.gates = view(weights_) * step.input;
  step.gates.colwise() += view(biases_).col(0);
  step.gates.topRows(3 * h) = sigmoid(step.gates.topRows(3 * h).array());
  step.gates.bottomRows(h) = step.gates.bottomRows(h).array().tanh();
  step.cell = step.gates.topRows(h).cwiseProduct(step.gates.bottomRows(h));
  if (before != nullptr) step.cell += step.gates.middleRows(h, h).cwiseProduct(before->cell);
  step.hidden = step.gates.middleRows(2 * h, h).array() * step.cell.array().tanh();
  Matrix logits = view(head_weights_[d]) * step.hidden;
  logits.colwise() += view(head_biases_[d]).col(0);
  step.log_probability = log_softmax(std::move(logits));
  return step;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Run LstmPolicy<Real>::Network::sample(std::size_t count,
                                                                          Rng& rng) const {
  Run run;
  run.choices.assign(count, Choices(head_weights_.size(), 0));
  for (std::size_t d = 0; d < head_weights_.size(); ++d) {
    run.steps.push_back(step(run.choices, d, d == 0 ? nullptr : &run.steps.back()));
    for (std::size_t b = 0; b < count; ++b) {
      run.choices[b][d] =
          draw(run.steps.back().log_probability.col(static_cast<Eigen::Index>(b)), rng);
    }
  }
  return run;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Run LstmPolicy<Real>::Network::evaluate(
    const std::vector<Choices>& choices) const {
  Run run;
  run.choices = choices;
  for (std::size_t d = 0; d < head_weights_.size(); ++d) {
    run.steps.push_back(step(run.choices, d, d == 0 ? nullptr : &run.steps.back()));
  }
  return run;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Array LstmPolicy<Real>::Network::log_probability(
    const Run& run, const Matrix& mask) {
  Array sum = Array::Zero(mask.cols());
  for (std::size_t d = 0; d < run.steps.size(); ++d) {
    for (Eigen::Index b = 0; b < mask.cols(); ++b) {
      const std::uint16_t choice = run.choices[static_cast<std::size_t>(b)][d];
      sum[b] += mask(static_cast<Eigen::Index>(d), b) * run.steps[d].log_probability(choice, b);
    }
  }
  return sum;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Array LstmPolicy<Real>::Network::entropy(const Run& run,
                                                                             const Matrix& mask) {
  Array sum = Array::Zero(mask.cols());
  for (std::size_t d = 0; d < run.steps.size(); ++d) {
    const auto log_p = run.steps[d].log_probability.array();
    sum -= (log_p.exp() * log_p).colwise().sum().transpose() *
           mask.row(static_cast<Eigen::Index>(d)).transpose().array();
  }
  return sum;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Matrix LstmPolicy<Real>::Network::by_logits(
    const Run& run, std::size_t d, const Matrix& mask, const Array& by_log_probability,
    const Array& by_entropy) const {
  const Matrix& log_p = run.steps[d].log_probability;
  Matrix result(log_p.rows(), log_p.cols());
  for (Eigen::Index b = 0; b < log_p.cols(); ++b) {
    const Array p = log_p.col(b).array().exp();
    const Real entropy = -(p * log_p.col(b).array()).sum();
    Array g = -by_log_probability[b] * p - by_entropy[b] * p * (log_p.col(b).array() + entropy);
    g[run.choices[static_cast<std::size_t>(b)][d]] += by_log_probability[b];
    result.col(b) = mask(static_cast<Eigen::Index>(d), b) * g;
  }
  return result;
}

template <typename Real>
typename LstmPolicy<Real>::Network::Array LstmPolicy<Real>::Network::gradient(
    const Run& run, const Matrix& mask, const Array& by_log_probability,
    const Array& by_entropy) const {
  const Eigen::Index h = hidden_, e = embeddings_.rows, count = mask.cols();
  Array gradient = Array::Zero(size_);
  Matrix d_hidden = Matrix::Zero(h, count), d_cell = Matrix::Zero(h, count);
  for (std::size_t d = run.steps.size(); d-- > 0;) {
    const Step& step = run.steps[d];
    const Matrix d_logits = by_logits(run, d, mask, by_log_probability, by_entropy);
    view(gradient, head_weights_[d]) += d_logits * step.hidden.transpose();
    view(gradient, head_biases_[d]).col(0) += d_logits.rowwise().sum();
    d_hidden += view(head_weights_[d]).transpose() * d_logits;

    const auto i = step.gates.topRows(h).array(), f = step.gates.middleRows(h, h).array();
    const auto o = step.gates.middleRows(2 * h, h).array(), g = step.gates.bottomRows(h).array();
    const Matrix tanh_cell = step.cell.array().tanh();
    d_cell.array() += d_hidden.array() * o * (1 - tanh_cell.array().square());
    Matrix d_gates(4 * h, count);  // before the nonlinearities
    d_gates.topRows(h) = d_cell.array() * g * i * (1 - i);
    d_gates.middleRows(h, h).setZero();
    if (d > 0)
      d_gates.middleRows(h, h) = d_cell.array() * run.steps[d - 1].cell.array() * f * (1 - f);
    d_gates.middleRows(2 * h, h) = d_hidden.array() * tanh_cell.array() * o * (1 - o);
    d_gates.bottomRows(h) = d_cell.array() * i * (1 - g.square());

    view(gradient, weights_) += d_gates * step.input.transpose();
    view(gradient, biases_).col(0) += d_gates.rowwise().sum();
    const Matrix d_input = view(weights_).transpose() * d_gates;
    for (Eigen::Index b = 0; b < count; ++b) {
      const Eigen::Index column = embedded(run.choices[static_cast<std::size_t>(b)], d);
      view(gradient, embeddings_).col(column) += d_input.col(b).head(e);
    }
    d_hidden = d_input.bottomRows(h);
    d_cell.array() *= f;
  }
  return gradient;
}

template <typename Real>
LstmPolicy<Real>::LstmPolicy(const DecisionSpace& space, int hidden, int embedding, Rng& rng)
    : network_(std::make_unique<Network>(space, hidden, embedding, rng)) {}

template <typename Real>
LstmPolicy<Real>::~LstmPolicy() = default;

template <typename Real>
typename LstmPolicy<Real>::Run LstmPolicy<Real>::sample(std::size_t count, Rng& rng) const {
  auto steps = std::make_shared<Steps>(network_->sample(count, rng));
  return {steps->choices, steps};
}

template <typename Real>
typename LstmPolicy<Real>::Run LstmPolicy<Real>::evaluate(
    const std::vector<Choices>& choices) const {
  return {choices, std::make_shared<Steps>(network_->evaluate(choices))};
}

template <typename Real>
std::vector<Real> LstmPolicy<Real>::log_probability(const Run& run, const Mask& mask) const {
  const auto sum = Network::log_probability(*run.steps, matrix_of<Real>(mask));
  return {sum.begin(), sum.end()};
}

template <typename Real>
std::vector<Real> LstmPolicy<Real>::entropy(const Run& run, const Mask& mask) const {
  const auto sum = Network::entropy(*run.steps, matrix_of<Real>(mask));
  return {sum.begin(), sum.end()};
}

template <typename Real>
std::vector<Real> LstmPolicy<Real>::gradient(const Run& run, const Mask& mask,
                                             std::span<const Real> by_log_probability,
                                             std::span<const Real> by_entropy) const {
  const auto array = [](std::span<const Real> values) -> typename Network::Array {
    return Eigen::Map<const typename Network::Array>(values.data(),
                                                     static_cast<Eigen::Index>(values.size()));
  };
  const auto gradient = network_->gradient(*run.steps, matrix_of<Real>(mask),
                                           array(by_log_probability), array(by_entropy));
  return {gradient.begin(), gradient.end()};
}

template <typename Real>
std::span<Real> LstmPolicy<Real>::parameters() {
  return {network_->parameters().data(), static_cast<std::size_t>(network_->parameters().size())};
}

template <typename Real>
void LstmPolicy<Real>::favour(const Choices& choices) {
  network_->favour(choices);
}

template class LstmPolicy<float>;
template class LstmPolicy<double>;

}  // namespace dovetail

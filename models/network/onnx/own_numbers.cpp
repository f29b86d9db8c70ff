#include "models/network/onnx/own_numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_reader.h"
#include "models/network/onnx/slim_model.h"
#include "models/network/onnx/tensor_values.h"

namespace dovetail {
namespace {

constexpr double kEpsilon =
    1e-5;  // that a file of save_onnx() adds to variances, by ONNX's default

/// The numbers of one layer, in the order of its nodes: outputs outermost. What is before the
/// first normalisation is in `weights` and `bias`, what is behind it in that.
class LayerNumbers {
 public:
  LayerNumbers(const Layer& layer, const TensorValues& file) : layer_(layer), file_(file) {}

  void apply(const NumberStep& step) {
    switch (step.kind) {
      case NumberStep::Kind::kWeight:
        return set_weights(step);
      case NumberStep::Kind::kOnes:
        return weights_.assign(static_cast<std::size_t>(layer_.weight_count()), 1);
      case NumberStep::Kind::kAdd:
        return add(each_channel(step.tensors[0], step.factor));
      case NumberStep::Kind::kMultiply:
        return multiply(each_channel(step.tensors[0], 1));
      case NumberStep::Kind::kDivide: {
        std::vector<double> factors = each_channel(step.tensors[0], 1);
        for (double& factor : factors) factor = 1 / factor;
        return multiply(factors);
      }
      case NumberStep::Kind::kNormalise:
        return normalise(step);
    }
  }

  void give(std::map<std::string, std::vector<float>>& values) {
    if (layer_.has_batch_norm && !layer_.has_bias) {  // a shift before it is one of its mean
      for (std::size_t c = 0; c < channels(); ++c) mean_[c] -= std::exchange(bias_[c], 0);
    }
    if (!layer_.has_bias && std::ranges::any_of(bias_, [](double b) { return b != 0; })) {
      throw InputError(
          fmt::format("layer '{}': one number is added to all of its outputs, and it has no bias",
                      layer_.name));
    }
    const auto put = [&](const char* part, const std::vector<double>& numbers) {
      std::vector<float>& to = values[layer_.name + "." + part];
      for (const double number : numbers) to.push_back(static_cast<float>(number));
    };
    if (layer_.weights_of == kOwnWeights) put("weight", weights_);
    if (layer_.has_bias) put("bias", bias_);
    if (!layer_.has_batch_norm) return;
    put("scale", scale_);
    put("shift", shift_);
    put("mean", mean_);
    put("variance", variance_);
  }

 private:
  std::size_t channels() const { return static_cast<std::size_t>(layer_.output.channels); }

  std::vector<double> each_channel(const std::string& tensor, double factor) const {
    const std::vector<float> given = file_.of(tensor);
    if (given.size() != 1 && given.size() != channels()) {
      throw InputError(
          fmt::format("tensor '{}': {} numbers for {} channels", tensor, given.size(), channels()));
    }
    std::vector<double> numbers(channels(), given[0] * factor);
    for (std::size_t c = 0; given.size() > 1 && c < channels(); ++c) numbers[c] = given[c] * factor;
    return numbers;
  }

  void set_weights(const NumberStep& step) {
    const std::vector<float> given = file_.of(step.tensors[0]);
    const auto count = static_cast<std::size_t>(layer_.weight_count());
    if (given.size() != count) {
      throw InputError(fmt::format("tensor '{}': {} numbers where layer '{}' has {} weights",
                                   step.tensors[0], given.size(), layer_.name, count));
    }
    const std::size_t each = count / channels();
    const std::vector<std::size_t> places = input_places(step.order, each);
    weights_.resize(count);
    for (std::size_t c = 0; c < channels(); ++c) {
      for (std::size_t i = 0; i < each; ++i) {
        const std::size_t from = step.turned ? places[i] * channels() + c : c * each + places[i];
        weights_[c * each + i] = given[from] * step.factor;
      }
    }
  }

  /// Where in the file the inputs of one output stand that are channel by channel here, each row by
  /// row.
  std::vector<std::size_t> input_places(const std::vector<Axis>& order, std::size_t each) const {
    std::vector<std::size_t> places(each);
    for (std::size_t i = 0; i < each; ++i) places[i] = i;
    if (order.empty()) return places;
    const auto size = [&](Axis axis) {
      const TensorShape& in = layer_.input;
      return static_cast<std::size_t>(axis == Axis::kHeight  ? in.height
                                      : axis == Axis::kWidth ? in.width
                                                             : in.channels);
    };
    const std::size_t width = size(Axis::kWidth), height = size(Axis::kHeight);
    for (std::size_t i = 0; i < each; ++i) {
      std::size_t at = 0;
      for (const Axis axis : order) {
        const std::size_t index = axis == Axis::kHeight  ? i / width % height
                                  : axis == Axis::kWidth ? i % width
                                                         : i / width / height;
        at = at * size(axis) + index;
      }
      places[i] = at;
    }
    return places;
  }

  void add(const std::vector<double>& numbers) {
    std::vector<double>& to = normalised_ ? shift_ : bias_;
    for (std::size_t c = 0; c < channels(); ++c) to[c] += numbers[c];
  }

  void multiply(const std::vector<double>& factors) {
    if (normalised_) {
      for (std::size_t c = 0; c < channels(); ++c) {
        scale_[c] *= factors[c];
        shift_[c] *= factors[c];
      }
      return;
    }
    if (layer_.shares_weights()) {
      throw InputError(
          fmt::format("layer '{}': the weights that it shares are scaled", layer_.name));
    }
    const std::size_t each = weights_.size() / channels();
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] *= factors[i / each];
    for (std::size_t c = 0; c < channels(); ++c) bias_[c] *= factors[c];
  }

  void normalise(const NumberStep& step) {
    const std::vector<double> scale = each_channel(step.tensors[0], 1),
                              shift = each_channel(step.tensors[1], 1),
                              mean = each_channel(step.tensors[2], 1),
                              variance = each_channel(step.tensors[3], 1);
    if (layer_.has_batch_norm && !normalised_) {
      normalised_ = true;
      scale_ = scale;
      shift_ = shift;
      mean_ = mean;
      variance_ = variance;
      for (double& v : variance_) v += step.factor - kEpsilon;
      return;
    }
    std::vector<double> factors(channels()), shifts(channels());
    for (std::size_t c = 0; c < channels(); ++c) {
      factors[c] = scale[c] / std::sqrt(variance[c] + step.factor);
      shifts[c] = shift[c] - mean[c] * factors[c];
    }
    multiply(factors);
    add(shifts);
  }

  const Layer& layer_;
  const TensorValues& file_;
  bool normalised_ = false;
  std::vector<double> weights_, bias_ = std::vector<double>(channels(), 0);
  std::vector<double> scale_, shift_, mean_, variance_;
};

void require_kept(const NumberPlan& plan) {
  if (plan.lost.empty()) return;
  constexpr std::size_t kMost = 20;
  std::string nodes;
  for (std::size_t i = 0; i < std::min(kMost, plan.lost.size()); ++i)
    nodes += "\n  " + plan.lost[i];
  if (plan.lost.size() > kMost) nodes += fmt::format("\n  and {} more", plan.lost.size() - kMost);
  throw InputError("its numbers cannot be kept: layers here do not compute what these nodes do:" +
                   nodes);
}

OnnxNumbers numbers_of(const ImportedGraph& imported, const std::filesystem::path& file) {
  require_kept(imported.numbers);
  const TensorValues values(file, imported.constants);
  OnnxNumbers result{imported.network, {}, imported.numbers.left_out};
  std::vector<LayerNumbers> layers;
  for (const Layer& layer : result.network.layers()) layers.emplace_back(layer, values);
  for (const NumberStep& step : imported.numbers.steps) {
    layers.at(static_cast<std::size_t>(step.layer)).apply(step);
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = result.network.layers()[i];
    if (layer.weights_of != kFixedWeights) layers[i].give(result.values);
  }
  return result;
}

}  // namespace

OnnxNumbers load_onnx_numbers(const std::filesystem::path& file) {
  const Network network = load_onnx(file);  // with all that is refused and said of it
  try {
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    const ImportedGraph imported =
        import_graph(read_onnx_graph(slim_model_of_file(file), folder), network.name());
    return numbers_of(imported, file);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace dovetail

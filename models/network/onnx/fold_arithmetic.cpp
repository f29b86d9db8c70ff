#include "models/network/onnx/fold_arithmetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/fold_movement.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

constexpr int kBool = 9;

// ---- elementwise, of two ----

struct BinaryRule {
  std::string_view op;
  double (*apply)(double a, double b, bool integers);
  bool truth = false;  // gives true or false
};

double divided(double a, double b, bool integers) {
  if (!integers) return a / b;
  if (b == 0) throw InputError("divides by zero");
  return std::trunc(a / b);
}

/// The remainder has the divisor's sign, as Mod of integers has it.
double remainder_of(double a, double b, bool integers) {
  if (integers && b == 0) throw InputError("divides by zero");
  return a - b * std::floor(a / b);
}

constexpr std::array kBinary = {
    BinaryRule{"Add", [](double a, double b, bool) { return a + b; }},
    BinaryRule{"And", [](double a, double b, bool) { return a != 0 && b != 0 ? 1.0 : 0.0; }, true},
    BinaryRule{"Div", divided},
    BinaryRule{"Equal", [](double a, double b, bool) { return a == b ? 1.0 : 0.0; }, true},
    BinaryRule{"Greater", [](double a, double b, bool) { return a > b ? 1.0 : 0.0; }, true},
    BinaryRule{"GreaterOrEqual", [](double a, double b, bool) { return a >= b ? 1.0 : 0.0; }, true},
    BinaryRule{"Less", [](double a, double b, bool) { return a < b ? 1.0 : 0.0; }, true},
    BinaryRule{"LessOrEqual", [](double a, double b, bool) { return a <= b ? 1.0 : 0.0; }, true},
    BinaryRule{"Max", [](double a, double b, bool) { return std::max(a, b); }},
    BinaryRule{"Min", [](double a, double b, bool) { return std::min(a, b); }},
    BinaryRule{"Mod", remainder_of},
    BinaryRule{"Mul", [](double a, double b, bool) { return a * b; }},
    BinaryRule{"Or", [](double a, double b, bool) { return a != 0 || b != 0 ? 1.0 : 0.0; }, true},
    BinaryRule{"Pow", [](double a, double b, bool) { return std::pow(a, b); }},
    BinaryRule{"Sub", [](double a, double b, bool) { return a - b; }},
};

OnnxTensor combined(const BinaryRule& rule, const OnnxTensor& a, const OnnxTensor& b) {
  const OnnxDims dims = broadcast(a.dims, b.dims);
  OnnxTensor result = expanded(a, dims);
  const OnnxTensor second = expanded(b, dims);
  const bool integers = is_integer_type(a.element_type);
  result.origin.clear();
  if (rule.truth) result.element_type = kBool;
  if (!second.values) result.values.reset();
  if (!result.values) return result;
  for (std::size_t i = 0; i < result.values->size(); ++i) {
    result.values->at(i) = rule.apply(result.values->at(i), second.values->at(i), integers);
  }
  return result;
}

OnnxTensor fold_binary(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const auto* const rule = std::ranges::find(kBinary, node.op, &BinaryRule::op);
  OnnxTensor result = input_at(inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    result = combined(*rule, result, input_at(inputs, i));
  }
  return result;
}

OnnxTensor fold_sum(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    result = combined(kBinary[0], result, input_at(inputs, i));
  }
  return result;
}

OnnxTensor fold_where(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor &condition = input_at(inputs, 0), &yes = input_at(inputs, 1),
                   &no = input_at(inputs, 2);
  const OnnxDims dims = broadcast(condition.dims, broadcast(yes.dims, no.dims));
  OnnxTensor result = expanded(yes, dims);
  const OnnxTensor which = expanded(condition, dims), other = expanded(no, dims);
  result.origin.clear();
  if (!which.values || !other.values) result.values.reset();
  if (!result.values) return result;
  for (std::size_t i = 0; i < result.values->size(); ++i) {
    if (which.values->at(i) == 0) result.values->at(i) = other.values->at(i);
  }
  return result;
}

// ---- elementwise, of one ----

struct UnaryRule {
  std::string_view op;
  double (*apply)(double x);
};

constexpr std::array kUnary = {
    UnaryRule{"Abs", [](double x) { return std::abs(x); }},
    UnaryRule{"Ceil", [](double x) { return std::ceil(x); }},
    UnaryRule{"Exp", [](double x) { return std::exp(x); }},
    UnaryRule{"Floor", [](double x) { return std::floor(x); }},
    UnaryRule{"Log", [](double x) { return std::log(x); }},
    UnaryRule{"Neg", [](double x) { return -x; }},
    UnaryRule{"Not", [](double x) { return x == 0 ? 1.0 : 0.0; }},
    UnaryRule{"Reciprocal", [](double x) { return 1 / x; }},
    UnaryRule{"Relu", [](double x) { return std::max(x, 0.0); }},
    UnaryRule{"Round", [](double x) { return std::nearbyint(x); }},
    UnaryRule{"Sign", [](double x) { return x > 0   ? 1.0
                                            : x < 0 ? -1.0
                                                    : 0.0; }},
    UnaryRule{"Sqrt", [](double x) { return std::sqrt(x); }},
};

OnnxTensor fold_unary(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const auto* const rule = std::ranges::find(kUnary, node.op, &UnaryRule::op);
  OnnxTensor result = input_at(inputs, 0);
  result.origin.clear();
  if (!result.values) return result;
  for (double& value : *result.values) value = rule->apply(value);
  return result;
}

// ---- of many ----

struct ReductionRule {
  std::string_view op;
  double start;
  double (*add)(double sum, double x);
};

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr std::array kReductions = {
    ReductionRule{"ReduceMax", -kInfinite, [](double m, double x) { return std::max(m, x); }},
    ReductionRule{"ReduceMean", 0, [](double sum, double x) { return sum + x; }},
    ReductionRule{"ReduceMin", kInfinite, [](double m, double x) { return std::min(m, x); }},
    ReductionRule{"ReduceProd", 1, [](double product, double x) { return product * x; }},
    ReductionRule{"ReduceSum", 0, [](double sum, double x) { return sum + x; }},
};

OnnxTensor fold_reduction(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const auto* const rule = std::ranges::find(kReductions, node.op, &ReductionRule::op);
  const OnnxTensor& data = input_at(inputs, 0);
  const std::vector<bool> reduced = reduced_dimensions(
      node, integers_of(node, "axes", optional_input(inputs, 1)), data.dims.size());
  OnnxTensor result;
  result.element_type = data.element_type;
  OnnxDims all;  // with ones for what is reduced
  for (std::size_t i = 0; i < reduced.size(); ++i) all.push_back(reduced[i] ? 1 : data.dims[i]);
  result.dims = without_reduced(all, reduced, node.integer("keepdims", 1) != 0);
  result.why_no_values = data.why_no_values;
  if (!data.values || element_count(all) > OnnxTensor::kMostValues) return result;
  result.values.emplace(static_cast<std::size_t>(element_count(all)), rule->start);
  const OnnxDims strides = strides_of(all), from = strides_of(data.dims);
  for (std::size_t i = 0; i < data.values->size(); ++i) {
    std::int64_t at = 0;
    for (std::size_t d = 0; d < all.size(); ++d) {
      const std::int64_t index = static_cast<std::int64_t>(i) / from[d] % data.dims[d];
      if (!reduced[d]) at += index * strides[d];
    }
    double& sum = result.values->at(static_cast<std::size_t>(at));
    sum = rule->add(sum, data.values->at(i));
  }
  if (node.op == "ReduceMean" && !result.values->empty()) {
    const auto each = static_cast<double>(data.values->size() / result.values->size());
    for (double& value : *result.values) value /= each;
  }
  return result;
}

OnnxTensor fold_range(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  const double start = input_at(inputs, 0).one_value(), limit = input_at(inputs, 1).one_value();
  const double step = input_at(inputs, 2).one_value();
  const double count = step == 0 ? kInfinite : std::max(0.0, std::ceil((limit - start) / step));
  constexpr double kMost = 1e9;
  if (!(count <= kMost)) throw InputError("a range without an end");
  OnnxTensor result;
  result.element_type = input_at(inputs, 0).element_type;
  result.dims = {static_cast<std::int64_t>(count)};
  if (count > static_cast<double>(OnnxTensor::kMostValues)) return result;
  result.values.emplace();
  for (int i = 0; i < static_cast<int>(count); ++i) result.values->push_back(start + i * step);
  return result;
}

OnnxTensor fold_clip(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  const auto bound = [&](std::size_t i, const char* attribute, double fallback) {
    const OnnxTensor* given = optional_input(inputs, i);
    return given != nullptr ? given->one_value() : node.real(attribute, fallback);
  };
  const double low = bound(1, "min", -kInfinite), high = bound(2, "max", kInfinite);
  if (!result.values) return result;
  for (double& value : *result.values) value = std::min(std::max(value, low), high);
  return result;
}

/// The places of what is not 0, one a column.
OnnxTensor fold_non_zero(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  const std::vector<double>& values = data.known_values();
  const OnnxDims strides = strides_of(data.dims);
  OnnxTensor result;
  result.element_type = kOnnxInt64;
  result.values.emplace();
  for (std::size_t d = 0; d < data.dims.size(); ++d) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == 0) continue;
      result.values->push_back(
          static_cast<double>(static_cast<std::int64_t>(i) / strides[d] % data.dims[d]));
    }
  }
  const auto count = std::ranges::count_if(values, [](double value) { return value != 0; });
  result.dims = {static_cast<std::int64_t>(data.dims.size()), count};
  return result;
}

// ---- the table ----

const std::vector<FoldRow>& rows() {
  static const std::vector<FoldRow> kRows = [] {
    std::vector<FoldRow> all = {{"Clip", fold_clip},
                                {"NonZero", fold_non_zero},
                                {"Range", fold_range},
                                {"Sum", fold_sum},
                                {"Where", fold_where}};
    for (const BinaryRule& rule : kBinary) all.push_back({rule.op, fold_binary});
    for (const UnaryRule& rule : kUnary) all.push_back({rule.op, fold_unary});
    for (const ReductionRule& rule : kReductions) all.push_back({rule.op, fold_reduction});
    return all;
  }();
  return kRows;
}

}  // namespace

std::span<const FoldRow> arithmetic_folds() {
  return rows();
}

}  // namespace dovetail

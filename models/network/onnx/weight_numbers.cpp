#include "models/network/onnx/weight_numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

std::string_view as_bytes(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

}  // namespace

void make_numbers(const OnnxWeight& weight, const OnnxOptions& options, std::uint64_t stream,
                  const std::function<void(std::string_view bytes)>& take) {
  if (!weight.data.empty()) return take(weight.data);
  if (!options.values.empty()) return take(as_bytes(options.values.at(weight.name)));
  constexpr std::int64_t kPiece = 1 << 16;
  const bool random =
      weight.kind == OnnxWeight::Kind::kWeight && options.weights == OnnxWeights::kRandom;
  const double limit = std::sqrt(6 / static_cast<double>(weight.fan_in));  // variance 2 / fan_in
  Rng rng(options.seed, stream);
  std::vector<float> numbers;
  const std::int64_t elements = element_count(weight.dims);
  for (std::int64_t done = 0; done < elements; done += kPiece) {
    numbers.assign(static_cast<std::size_t>(std::min(kPiece, elements - done)),
                   weight.kind == OnnxWeight::Kind::kOne ? 1.0F : 0.0F);
    if (random) {
      for (float& number : numbers) number = static_cast<float>((2 * rng.uniform() - 1) * limit);
    }
    take(as_bytes(numbers));
  }
}

std::map<std::string, std::vector<float>> weight_numbers(const Network& network,
                                                         const OnnxOptions& options) {
  std::map<std::string, std::vector<float>> all;
  std::uint64_t stream = 0;
  for (const OnnxWeight& weight : export_graph(network).weights) {
    std::vector<float>& numbers = all[weight.name];
    make_numbers(weight, options, stream++, [&](std::string_view bytes) {
      const std::size_t before = numbers.size();
      numbers.resize(before + bytes.size() / sizeof(float));
      std::memcpy(numbers.data() + before, bytes.data(), bytes.size());
    });
  }
  return all;
}

}  // namespace dovetail

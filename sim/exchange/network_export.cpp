#include "sim/exchange/network_export.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/layers/operators.h"
#include "models/network/onnx/onnx_writer.h"
#include "models/network/onnx/weight_numbers.h"
#include "models/training/data/image_batches.h"
#include "models/training/data/image_set.h"
#include "models/training/weights/float_inference.h"
#include "sim/exchange/int8_numbers.h"
#include "sim/functional/reference.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kImages = 200;      // of a folder, on which ranges are measured
constexpr std::size_t kRandomInputs = 4;  // the same, where there is none

/// Standard normal, as standardised images are.
FloatTensor random_image(const Network& network, std::uint64_t seed, std::uint64_t stream) {
  FloatTensor image{network.input(), {}};
  image.values.resize(static_cast<std::size_t>(network.input().elements()));
  Rng rng(seed, stream);
  for (float& value : image.values) value = static_cast<float>(rng.normal());
  return image;
}

std::vector<FloatTensor> images_of(const Network& network, const fs::path& folder) {
  const ImageData data = load_image_data(folder, network.layers().back().output.channels, 0);
  const TensorShape shape = {data.training.height, data.training.width, data.training.channels};
  if (shape != network.input()) {
    const TensorShape& wanted = network.input();
    throw InputError(
        fmt::format("{}: found images of {}x{}x{}, allowed are those of the network's "
                    "input, {}x{}x{}",
                    folder.string(), shape.height, shape.width, shape.channels, wanted.height,
                    wanted.width, wanted.channels));
  }
  const ImageBatches batches(data.training, data.statistics);
  std::vector<FloatTensor> images;
  for (std::uint32_t i = 0; i < std::min(kImages, data.training.size()); ++i) {
    FloatTensor image{shape, std::vector<float>(data.training.image_elements())};
    std::int64_t label = 0;
    batches.fill(std::span(&i, 1), nullptr, image.values.data(), &label);
    images.push_back(std::move(image));
  }
  return images;
}

/// Channels first, as ONNX has maps.
std::vector<float> channels_first(const FloatTensor& tensor) {
  std::vector<float> values;
  values.reserve(tensor.values.size());
  for (int c = 0; c < tensor.shape.channels; ++c) {
    for (int y = 0; y < tensor.shape.height; ++y) {
      for (int x = 0; x < tensor.shape.width; ++x) values.push_back(tensor.at(y, x, c));
    }
  }
  return values;
}

FloatTensor real_numbers(const QuantizedTensor& tensor, const TensorScale& scale) {
  FloatTensor real{tensor.shape, {}};
  for (const std::int8_t integer : tensor.data) {
    real.values.push_back(static_cast<float>(scale.scale * (integer - scale.zero_point)));
  }
  return real;
}

OnnxDims dims_of(const TensorShape& shape, bool vector) {
  if (vector) return {1, shape.channels};
  return {1, shape.channels, shape.height, shape.width};
}

/// Writes an input and what came of it: of each layer that no other reads, and on request of all.
std::vector<fs::path> write_test_data(const Network& network, const NetworkExport& how,
                                      const FloatTensor& input,
                                      const std::vector<FloatTensor>& outputs) {
  const fs::path& folder = how.test_data;
  require_writable_folder(folder);
  std::vector<std::pair<fs::path, std::string>> files;
  files.emplace_back(folder / "input_0.pb", onnx_tensor_bytes("input", dims_of(input.shape, false),
                                                              channels_first(input)));
  int numbered = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Layer& layer = network.layers()[i];
    const bool leaves = network.last_reader()[i] == static_cast<int>(i);
    if (!leaves && !how.all_layers) continue;
    const std::string tensor = onnx_tensor_bytes(
        layer.name, dims_of(layer.output, rules_of(layer.op).flattens), channels_first(outputs[i]));
    if (leaves) files.emplace_back(folder / fmt::format("output_{}.pb", numbered++), tensor);
    if (how.all_layers) files.emplace_back(folder / fmt::format("layer_{}.pb", i), tensor);
  }
  std::vector<fs::path> written;
  for (const auto& [file, content] : files) require_no_input(file);
  for (const auto& [file, content] : files) {
    write_file_atomically(file, content);
    written.push_back(file);
  }
  return written;
}

TrainedInt8 quantized(const Network& network, const OnnxOptions& options,
                      const NetworkExport& how) {
  const fs::path& folder = how.images;
  std::vector<FloatTensor> images;
  if (!folder.empty()) images = images_of(network, folder);
  for (std::size_t i = 0; folder.empty() && i < kRandomInputs; ++i) {
    images.push_back(random_image(network, options.seed, 2 + i));
  }
  return quantize_trained(network, options.values, measure_ranges(network, options.values, images),
                          how.scales);
}

/// What the functional mode computes, as the numbers that its integers stand for.
std::vector<FloatTensor> int8_outputs(const Network& network, const TrainedInt8& int8,
                                      const FloatTensor& input) {
  const std::vector<QuantizedTensor> integers =
      reference_outputs(network, int8.network, int8.quantize(input));
  std::vector<FloatTensor> outputs;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    outputs.push_back(real_numbers(integers[i], int8.scales[i].behind));
  }
  return outputs;
}

}  // namespace

OnnxFiles export_network(const Network& network, const fs::path& file, const NetworkExport& how) {
  OnnxOptions options = how.onnx;
  if (!how.int8 && how.test_data.empty()) return save_onnx(network, file, options);
  options.values = weight_numbers(network, options);
  const FloatTensor input = random_image(network, options.seed, 1);
  const bool computes = !how.test_data.empty();
  std::vector<FloatTensor> outputs;
  if (how.int8) {
    const TrainedInt8 int8 = quantized(network, options, how);
    options.int8 = onnx_int8_of(network, int8);
    if (computes) outputs = int8_outputs(network, int8, input);
  } else {
    outputs = FloatInference(network, options.values).run(input);
  }
  OnnxFiles written = save_onnx(network, file, options);
  if (!computes) return written;
  for (const fs::path& data : write_test_data(network, how, input, outputs)) {
    written.files.push_back(data);
  }
  return written;
}

}  // namespace dovetail

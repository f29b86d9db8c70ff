#include "models/training/weights/weights_file.h"

#include <utility>

#include "models/training/weights/tensor_file.h"

namespace dovetail {

void save_weights(const NetworkWeights& weights, const Network& network,
                  const std::filesystem::path& file) {
  TensorFile tensors;
  for (const ParameterSpec& parameter : network_parameters(network)) {
    tensors.tensors[parameter.name] = {parameter.dims, weights.at(parameter.name)};
  }
  tensors.metadata["schema"] = "dovetail.network_weights/1";
  tensors.metadata["network"] = network.name();
  tensors.save(file);
}

NetworkWeights load_weights(const std::filesystem::path& file, const Network& network) {
  NetworkWeights weights;
  for (auto& [name, tensor] : TensorFile::load(file).tensors) {
    weights[name] = std::move(tensor.values);
  }
  require_weights_of(network, weights, file.string());
  return weights;
}

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// The floating-point numbers of an ONNX file, which the importer does not read: of initialisers,
/// inside the file or beside it, of nodes Constant, and of copies, transposes and other shapes of
/// these.
class TensorValues {
 public:
  /// Reads the whole file; `constants` is what the importer knows of its constants, which tells the
  /// sizes of those that nodes give, and the numbers of short ones. Throws InputError, without the
  /// file's name, for what is no model.
  TensorValues(const std::filesystem::path& file, std::map<std::string, OnnxTensor> constants);
  ~TensorValues();
  TensorValues(const TensorValues&) = delete;
  TensorValues& operator=(const TensorValues&) = delete;

  /// In row-major order. Throws InputError naming the tensor if its numbers are not there
  /// (stripped, or in a file that is missing), are integers, or are computed in another way.
  std::vector<float> of(const std::string& name) const;

 private:
  struct Numbers {
    OnnxDims dims;
    std::vector<float> values;
  };
  Numbers numbers(const std::string& name, int depth) const;
  Numbers computed(const std::string& name, int depth) const;

  struct Model;
  std::unique_ptr<Model> model_;
  std::filesystem::path folder_;
  std::map<std::string, OnnxTensor> constants_;
};

}  // namespace dovetail

#include "models/network/onnx/onnx.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/int8_graph.h"
#include "models/network/onnx/onnx_reader.h"
#include "models/network/onnx/onnx_writer.h"
#include "models/network/onnx/refusals.h"
#include "models/network/onnx/slim_model.h"

namespace dovetail {
namespace {

/// The network, if the ONNX library agrees on every size.
Network understood(OnnxGraph graph, const std::string& name) {
  ImportedGraph imported = import_graph(std::move(graph), name);
  for (const auto& [tensor, dims] : library_shapes(imported.graph)) {
    const auto ours = imported.dims.find(tensor);
    if (ours == imported.dims.end() || ours->second == dims) continue;
    throw InputError(
        fmt::format("tensor '{}' is {} by the ONNX library's shape inference, but {} by the "
                    "importer: the model "
                    "uses an operator in a way that is not supported",
                    tensor, to_string(dims), to_string(ours->second)));
  }
  return std::move(imported.network);
}

/// Names in a file may be of any length and hold anything, as what a terminal obeys.
[[noreturn]] void fail(const std::string& file, const InputError& error) {
  constexpr std::size_t kLongest = 2000;
  std::string message = error.what();
  if (message.size() > kLongest) message = message.substr(0, kLongest) + "...";
  for (char& c : message) {
    const auto code = static_cast<unsigned char>(c);
    if (code < ' ' || code == 127) c = '?';
  }
  throw InputError(fmt::format("{}: {}", file, message));
}

}  // namespace

Network load_onnx(const std::filesystem::path& file) {
  try {
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    return understood(read_onnx_graph(slim_model_of_file(file), folder), file.stem().string());
  } catch (const UnsupportedNodes& error) {
    throw InputError(fmt::format("{}: {}", file.string(), error.what()));
  } catch (const InputError& error) {
    fail(file.string(), error);
  }
}

bool is_onnx_name(std::string_view file) {
  constexpr std::string_view kEnd = ".onnx";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return file.size() >= kEnd.size() &&
         std::ranges::equal(file.substr(file.size() - kEnd.size()), kEnd, {}, lower);
}

Network parse_onnx(std::string_view content, const std::string& name) {
  try {
    return understood(read_onnx_graph(slim_model(content), {}), name);
  } catch (const UnsupportedNodes& error) {
    throw InputError(fmt::format("{}: {}", name, error.what()));
  } catch (const InputError& error) {
    fail(name, error);
  }
}

OnnxFiles save_onnx(const Network& network, const std::filesystem::path& file,
                    const OnnxOptions& options) {
  ExportedGraph exported = export_graph(network);
  if (options.int8) exported = with_int8(std::move(exported), network, *options.int8);
  return write_onnx(exported, file, options);
}

}  // namespace dovetail

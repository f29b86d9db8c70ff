#include "cli/onnx_options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <string>

#include "cli/commands.h"

namespace dovetail {

namespace {

std::shared_ptr<OnnxOptions> add_common_options(CLI::App& command) {
  auto options = std::make_shared<OnnxOptions>();
  command.add_option("--seed", options->seed, "Of random weights")->capture_default_str();
  command.add_flag("--external-data", options->external_data,
                   "Weights go to FILE.data beside FILE; needed above 2 GiB");
  return options;
}

/// Empty if the text is one of what --weights takes.
std::string check_weights(const std::string& text) {
  const std::filesystem::path file = text;
  if (text == "random" || text == "zero" || text == "own" || file.extension() == ".safetensors") {
    return "";
  }
  return fmt::format("found '{}', allowed random, zero, own and a file FILE.safetensors", text);
}

}  // namespace

std::shared_ptr<OnnxOptions> add_onnx_options(CLI::App& command) {
  auto options = add_common_options(command);
  command
      .add_option_function<std::string>(
          "--weights",
          [options](const std::string& kind) {
            options->weights = kind == "zero" ? OnnxWeights::kZero : OnnxWeights::kRandom;
          },
          "In ONNX files: random (default; as He et al. 2015 scale them) or zero")
      ->check(CLI::IsMember({"random", "zero"}));
  return options;
}

std::shared_ptr<OnnxOptions> add_onnx_options(CLI::App& command, std::string& weights) {
  command
      .add_option("--weights", weights,
                  "random (as He et al. 2015 scale them), zero, own (those of the ONNX file that "
                  "the network is read from) or FILE.safetensors (of a training here); default: "
                  "own of an ONNX file, else random")
      ->check(CLI::Validator(check_weights, ""));
  return add_common_options(command);
}

void print_file(const std::filesystem::path& file) {
  if (quiet()) return;
  constexpr double kKilobyte = 1e3, kMegabyte = 1e6;
  const auto bytes = static_cast<double>(std::filesystem::file_size(file));
  if (bytes < kMegabyte) {
    fmt::print("{} ({:.1f} kB)\n", file.string(), bytes / kKilobyte);
  } else {
    fmt::print("{} ({:.1f} MB)\n", file.string(), bytes / kMegabyte);
  }
}

}  // namespace dovetail

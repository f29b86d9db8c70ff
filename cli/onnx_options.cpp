#include "cli/onnx_options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <string>

#include "cli/commands.h"

namespace dovetail {

std::shared_ptr<OnnxOptions> add_onnx_options(CLI::App& command) {
  auto options = std::make_shared<OnnxOptions>();
  options->weights = OnnxWeights::kRandom;
  command
      .add_option_function<std::string>(
          "--weights",
          [options](const std::string& kind) {
            options->weights = kind == "zero" ? OnnxWeights::kZero : OnnxWeights::kRandom;
          },
          "In ONNX files: random (default; as He et al. 2015 scale them) or zero")
      ->check(CLI::IsMember({"random", "zero"}));
  command.add_option("--seed", options->seed, "Of random weights")->capture_default_str();
  command.add_flag("--external-data", options->external_data,
                   "Weights go to FILE.data beside FILE; needed above 2 GiB");
  return options;
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

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/files/folder_kind.h"
#include "base/files/paths.h"
#include "base/text/table.h"
#include "cli/commands.h"
#include "models/network/space/network_samples.h"

namespace dovetail {
namespace {

constexpr std::size_t kShown = 20;  // rows of the table

struct SampleArguments {
  std::string space, output;
  std::size_t count = 10;
  std::uint64_t seed = 0;
};

void sample(const SampleArguments& arguments) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", arguments.space));
  if (!arguments.output.empty()) require_folder_of(FolderKind::kSamples, arguments.output);
  const auto samples = sample_networks(space, arguments.count, arguments.seed);
  std::string csv;
  if (!arguments.output.empty()) csv = write_samples(arguments.output, space, samples).string();
  if (quiet()) return;
  Table table({{"network", Table::Align::kLeft}, {"layers"}, {"MACs (M)"}, {"parameters (M)"}});
  const std::size_t shown = std::min<std::size_t>(samples.size(), kShown);
  for (const auto& [choices, network] : std::span(samples).first(shown)) {
    table.add_row({network.name(), std::to_string(network.layers().size()),
                   fmt::format("{:.1f}", static_cast<double>(network.macs()) / 1e6),
                   fmt::format("{:.2f}", static_cast<double>(network.parameters()) / 1e6)});
  }
  fmt::print("{}", table.str());
  if (shown < samples.size()) fmt::print("and {} more\n", samples.size() - shown);
  if (!csv.empty()) fmt::print("{}, and a YAML for each network beside it\n", csv);
}

}  // namespace

void add_sample_command(CLI::App& app) {
  auto* command = app.add_subcommand("sample", "Draw random networks of a space");
  auto arguments = std::make_shared<SampleArguments>();
  command->add_option("-s,--space", arguments->space, "Network space: name or YAML")->required();
  command->add_option("-c,--count", arguments->count, "Networks, all different")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of the draws")->capture_default_str();
  command->add_option("-o,--output", arguments->output,
                      "Folder for a YAML of each network, and networks.csv with their choices");
  command->footer(
      "Every choice of a decision is equally likely. To measure the networks and search among\n"
      "them: docs/howto_space.md.");
  command->callback([arguments] { sample(*arguments); });
}

}  // namespace dovetail

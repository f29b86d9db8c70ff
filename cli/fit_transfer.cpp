#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/accuracy/source/accuracy_kind.h"
#include "models/accuracy/transfer/transfer_model.h"
#include "models/network/space/network_space.h"
#include "models/network/space/space_description.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

using Align = Table::Align;

struct FitTransferArguments {
  std::string predictor, output;
  std::vector<std::string> networks;
  std::size_t sampled = 1000;
  std::uint64_t seed = 0;
};

std::string effects_text(const EffectList& list) {
  std::vector<std::string> parts;
  for (const auto& [number, points] : list) {
    parts.push_back(fmt::format("{} {:+.3f}", number, points));
  }
  return join(parts);
}

void print_effects(const MbconvEffects& effects) {
  Table table({{"stage"},
               {"channels"},
               {"kernel", Align::kLeft},
               {"expansion", Align::kLeft},
               {"blocks", Align::kLeft}});
  for (std::size_t s = 1; s < effects.stages.size(); ++s) {
    const StageEffects& stage = effects.stages[s];
    table.add_row({std::to_string(s), std::to_string(stage.channels), effects_text(stage.kernel),
                   effects_text(stage.expansion), effects_text(stage.blocks)});
  }
  fmt::print("Effects, points of top-1 against the first: of a block, and of a stage's depth\n{}\n",
             table.str());
}

void print_networks(const TransferModel& model) {
  Table table({{"network", Align::kLeft},
               {"published (%)"},
               {"effects"},
               {"width (log2)"},
               {"squeeze-excite", Align::kLeft},
               {"fitted (%)"},
               {"left out (%)"},
               {"error"}});
  for (const CalibrationNetwork& n : model.networks) {
    table.add_row({n.name, fmt::format("{:.2f}", n.published_percent),
                   fmt::format("{:.2f}", n.effects_points), fmt::format("{:+.2f}", n.width_log2),
                   n.squeeze_excite ? "yes" : "no", fmt::format("{:.2f}", n.fitted_percent),
                   fmt::format("{:.2f}", n.left_out_percent),
                   fmt::format("{:+.2f}", n.left_out_percent - n.published_percent)});
  }
  fmt::print("Published networks; 'left out': predicted by a fit to the others\n{}\n", table.str());
}

void print_summary(const TransferModel& model, const std::string& file) {
  print_effects(model.effects);
  print_networks(model);
  fmt::print(
      "top-1 = {:.2f} + effects {:+.2f} x width {:+.2f} with squeeze-and-excite\n"
      "Leave-one-out error: {:.2f} points (RMSE), at most {:.2f}\n",
      model.offset, model.width, model.squeeze_excite, model.error.rmse_points,
      model.error.max_points);
  for (const TransferAlternative& other : model.alternatives) {
    fmt::print("  {}{}: {:.2f}, at most {:.2f}\n", other.terms,
               other.effects_scale != 0 ? fmt::format(" ({:.2f})", other.effects_scale) : "",
               other.error.rmse_points, other.error.max_points);
  }
  fmt::print("{}\n", file);
}

void fit(const FitTransferArguments& arguments) {
  const std::filesystem::path folder = std::filesystem::path(arguments.output).parent_path();
  require_writable_folder(folder.empty() ? "." : folder);
  const std::filesystem::path file = resolve_accuracy_file(arguments.predictor);
  const RidgeModel predictor = RidgeModel::load(file);
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", predictor.space));
  require_same_decisions(space.decisions(), predictor.decisions, "network", file.string());
  std::vector<Network> networks;
  for (const std::string& name : arguments.networks) networks.push_back(find_network(name));
  TransferModel model =
      fit_transfer(average_effects(predictor, space, arguments.sampled, arguments.seed), networks);
  model.predictor = arguments.predictor;
  model.effects_space = predictor.space;
  model.sampled = arguments.sampled;
  model.seed = arguments.seed;
  model.command =
      fmt::format("dovetail fit-transfer --from {} --networks {} --sampled {} --seed {} -o {}",
                  arguments.predictor, join(arguments.networks, ","), arguments.sampled,
                  arguments.seed, arguments.output);
  write_file_atomically(arguments.output, model.to_json());
  if (!quiet()) print_summary(model, arguments.output);
}

}  // namespace

void add_fit_transfer_command(CLI::App& app) {
  auto* command = app.add_subcommand("fit-transfer",
                                     "Carry a predictor's effects over to other MBConv networks");
  auto arguments = std::make_shared<FitTransferArguments>();
  command
      ->add_option("--from", arguments->predictor,
                   "Fitted predictor whose effects are used: name or JSON")
      ->required();
  command
      ->add_option("--networks", arguments->networks,
                   "Published networks of the zoo to calibrate on, separated by commas")
      ->delimiter(',')
      ->required();
  command
      ->add_option("-o,--output", arguments->output,
                   "Transfer (JSON), for example configs/accuracy/mbconv_transfer.json")
      ->required();
  command
      ->add_option("--sampled", arguments->sampled,
                   "Random networks that effects are averaged over")
      ->check(CLI::Range(10, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of those networks")->capture_default_str();
  command->footer(
      "What kernel, expansion and depth are worth in each stage is taken from the predictor as it\n"
      "is; level, width and squeeze-and-excite are fitted to published networks. The error is "
      "that\n"
      "of predicting each of them from the others. See docs/accuracy.md.");
  command->callback([arguments] { fit(*arguments); });
}

}  // namespace dovetail

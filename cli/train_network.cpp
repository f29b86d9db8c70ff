#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/onnx_options.h"
#include "cli/recipe_options.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "models/training/data/image_set.h"
#include "models/training/job/point_recipe.h"
#include "models/training/job/training_folder.h"

namespace dovetail {
namespace {

struct TrainNetworkArguments {
  std::string network, space, output;
  std::vector<std::string> choices;
  TrainingJob job;
  bool resume = false;
};

/// "l0=e3k3", each decision once.
std::map<std::string, std::string> read_choices(const std::vector<std::string>& words) {
  std::map<std::string, std::string> choices;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InputError(fmt::format("--choices: found '{}', allowed DECISION=CHOICE", word));
    }
    const std::string decision = word.substr(0, equals);
    if (!choices.emplace(decision, word.substr(equals + 1)).second) {
      throw InputError(fmt::format("--choices: found '{}' twice", decision));
    }
  }
  return choices;
}

/// The network, and what its point of a space says of the recipe.
void set_network(TrainNetworkArguments& arguments) {
  if (!arguments.network.empty()) {
    arguments.job.network = find_network(arguments.network);
    return;
  }
  if (arguments.space.empty()) {
    throw InputError("train-network: allowed is -n NETWORK, or -s SPACE --choices l0=e3k3,...");
  }
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", arguments.space));
  const Choices point = space.decisions().encode(read_choices(arguments.choices));
  require_recipe_decisions(space.decisions());
  arguments.job.network = space.build(point);
  arguments.job.recipe = recipe_at({}, space.decisions(), point);
}

void print_result(const TrainNetworkArguments& arguments, const TrainingResult& result) {
  const EpochRecord& last = result.curve.back();
  fmt::print("{}: {} epochs, training loss {:.4f}\n", arguments.job.network.name(), last.epoch,
             last.train_loss);
  fmt::print("validation {:.2f} % (loss {:.4f})\n", last.validation_percent, last.validation_loss);
  fmt::print("test {:.2f} % (loss {:.4f})\n", result.test_percent, result.test_loss);
  const TrainedFiles files = TrainedFiles::in(arguments.output);
  for (const auto& file : {files.weights, files.onnx, files.curve, files.timings, files.result}) {
    print_file(file);
  }
}

void train_network(TrainNetworkArguments& arguments, const RecipeChanges& changes) {
  let_training_be_stopped();
  set_network(arguments);
  arguments.job.recipe = changes.of(arguments.job.recipe);
  arguments.job.data = std::filesystem::absolute(arguments.job.data).lexically_normal();
  // Before a folder is made that would then be in the way of the right command.
  static_cast<void>(image_files(arguments.job.data));
  const TrainingResult result = train_in_folder(
      arguments.job, arguments.output, arguments.resume,
      quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto, [] { return !stop_requested(); });
  if (!quiet()) print_result(arguments, result);
}

}  // namespace

void add_train_network_command(CLI::App& app) {
  auto* command = app.add_subcommand("train-network", "Train one network on images");
  auto arguments = std::make_shared<TrainNetworkArguments>();
  arguments->job.report_test = true;
  auto* network = command->add_option("-n,--network", arguments->network,
                                      "Zoo name, alias, network YAML or ONNX file");
  auto* space = command->add_option("-s,--space", arguments->space, "Network space: name or YAML");
  auto* choices = command
                      ->add_option("--choices", arguments->choices,
                                   "The network of the space: l0=e3k3,l1=identity,...")
                      ->delimiter(',');
  space->needs(choices)->excludes(network);
  choices->needs(space);
  command
      ->add_option("-d,--data", arguments->job.data,
                   "Folder of images: IDX (MNIST, Fashion-MNIST; also .gz), CIFAR-10 or -100")
      ->required();
  command
      ->add_option("-o,--output", arguments->output,
                   "Folder for weights, curve and network.onnx; one a training")
      ->required();
  const auto changes = add_recipe_options(*command);
  command->add_option("--device", arguments->job.device, "Where libtorch computes")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command->add_flag("--resume", arguments->resume,
                    "Go on from the last epoch of a training that was stopped or killed");
  command->footer(
      "dovetail train-network -s fashion_tiny --choices "
      "l0=e3k3,l1=e3k3,l2=e3k3,l3=e3k3,l4=e3k3,\\\n"
      "  l5=e3k3,l6=e3k3,l7=e3k3 -d ../shared/data/fashion-mnist -o trained\n"
      "The last images of the training file validate; the test images are looked at once, at the\n"
      "end. State is saved after each epoch; on a processor, the same options give the same "
      "bytes,\n"
      "however often the training was stopped.");
  command->callback([arguments, changes] { train_network(*arguments, *changes); });
}

}  // namespace dovetail

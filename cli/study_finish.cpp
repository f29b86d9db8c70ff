#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "cli/commands.h"
#include "cli/onnx_options.h"
#include "cli/recipe_options.h"
#include "nas/finish/finish_trial.h"

namespace dovetail {

void add_study_finish_command(CLI::App& study) {
  struct FinishArguments {
    std::string study;
    std::int64_t trial = 0;
    FinishOptions options;
  };
  auto* command = study.add_subcommand(
      "finish", "Train the network of a trial to the end and test it, in int8 too");
  auto arguments = std::make_shared<FinishArguments>();
  FinishOptions& options = arguments->options;
  options.workers = available_processors();
  command->add_option("study", arguments->study, "Folder of a study, or its study.db")->required();
  command->add_option("-t,--trial", arguments->trial, "Number of the trial, as in pareto.csv")
      ->required();
  command
      ->add_option("-o,--output", options.output,
                   "Folder for weights, curve, network.onnx, accelerator.yaml and finished.json")
      ->required();
  command->add_option("-d,--data", options.data,
                      "Folder of images; else that of the study, if it trains");
  const auto changes = add_recipe_options(*command);
  command->add_option("--device", options.device, "Where libtorch computes")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command
      ->add_option("--test-images", options.test_images,
                   "That the int8 network is tested on, from the first; 0: all")
      ->capture_default_str();
  command
      ->add_option("--simulated-images", options.simulated_images,
                   "Of these, computed on the simulated accelerator, bit for bit")
      ->capture_default_str();
  command->add_option("-w,--workers", options.workers, "Processes that test the int8 network")
      ->check(CLI::Range(1, 4096));
  command->add_flag("--resume", options.resume, "Go on from the last epoch");
  command->footer(
      "dovetail study finish out/trained -t 17 --epochs 30 -o finished\n"
      "What the options do not say of the recipe is as in the study's accuracy, if that trains.");
  command->callback([arguments, changes] {
    let_training_be_stopped();
    FinishOptions& how = arguments->options;
    how.recipe = [changes](const TrainingRecipe& recipe) { return changes->of(recipe); };
    how.progress = quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto;
    how.keep_going = [] { return !stop_requested(); };
    const FinishedTrial finished = finish_trial(arguments->study, arguments->trial, how);
    if (!quiet()) fmt::print("{}", finished.text());
    for (const auto& file : finished_files(how.output)) print_file(file);
  });
}

}  // namespace dovetail

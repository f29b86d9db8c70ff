#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "models/training/job/training_recipe.h"

namespace dovetail {

/// A supernet to be trained, as the program that does it finds it in supernet.json of a folder.
struct SupernetJob {
  std::string space;       // text of the network space
  std::string space_name;  // for messages
  TrainingRecipe recipe;   // a step's batch is that of all its networks
  std::filesystem::path data;
  std::string device = "cpu";
  /// Training images by which batch normalisation of a finished network is measured.
  int recalibration = 2000;

  std::string to_json_text() const;
  /// Throws InputError naming the file.
  static SupernetJob load(const std::filesystem::path& file);
};

/// Files in the folder of a supernet. The weights are what training goes on from, too.
struct SupernetFiles {
  std::filesystem::path job, weights;
  static SupernetFiles in(const std::filesystem::path& folder);
};

/// How far a supernet is trained.
struct SupernetProgress {
  std::size_t steps = 0, steps_per_epoch = 1, all_steps = 1;

  bool finished() const { return steps >= all_steps; }
};

/// What came of a step of training: the accuracy of each network on its own images, which the
/// weights had not seen, with batch normalisation by these images.
struct SupernetStep {
  double loss = 0;  // mean over the networks
  std::vector<double> percents;
};

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/training/supernet/supernet_job.h"

namespace dovetail {

/// A supernet in a folder, trained and asked by the program that has libtorch. Whoever holds this
/// decides which networks are trained; which images and rates, the job.
class SupernetProgram {
 public:
  /// Writes the job into the folder, or goes on with the supernet that is there. Throws InputError
  /// if that is another one, if images or space cannot be used, and as require_trainer().
  SupernetProgram(const SupernetJob& job, const std::filesystem::path& folder);
  /// The supernet that is in the folder.
  explicit SupernetProgram(const std::filesystem::path& folder);
  ~SupernetProgram();
  SupernetProgram(const SupernetProgram&) = delete;
  SupernetProgram& operator=(const SupernetProgram&) = delete;

  SupernetProgress progress();
  /// One step: the batch is shared out among the networks, each gives gradients to the weights that
  /// it uses, and their mean moves them. Throws RunError if the loss is not finite.
  SupernetStep train(std::span<const Choices> networks);
  /// Accuracy in percent on the next `batches` batches of validation images, batch normalisation by
  /// these.
  double score(const Choices& network, int batches);
  /// Accuracy in percent on all validation images, with statistics of batch normalisation measured
  /// anew for this network. A function of weights and network alone.
  double measure(const Choices& network);
  /// Keeps the weights and all that training goes on from, and one line of the caller's.
  void save(const std::string& note);
  /// The line that was kept, empty if none was.
  std::string note();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail

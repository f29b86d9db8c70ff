#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class NetworkSpace;

/// Asks a source about each network once.
///
/// Networks are told apart by their choices or, if the source is slow, by their canonical key, so
/// that a network that two points build is not asked about twice.
class AccuracyCache {
 public:
  /// Called with the key of a network and its answer.
  using Keep = std::function<void(const std::string&, const AccuracyAnswer&)>;

  /// `space` is null if the networks are not points of one.
  AccuracyCache(std::shared_ptr<AccuracySource> source, std::shared_ptr<const NetworkSpace> space)
      : source_(std::move(source)), space_(std::move(space)) {}

  const AccuracySource& source() const { return *source_; }
  /// One answer for each network, in their order; for the first few only if `keep_going` said no.
  std::vector<AccuracyAnswer> of(std::span<const Choices> networks, const KeepGoing& keep_going);

  /// Takes the answer for a network from outside, as if the source had given it. Throws InputError
  /// if another one is known.
  void tell(const Choices& network, const AccuracyAnswer& answer);

  /// From now on the answer for this network, if it is known, counts for what is asked later
  /// (LearningSource). What is known but was not settled counts for nothing but itself.
  void settle(const Choices& network);

  /// AccuracySource::work_in().
  void work_in(const std::filesystem::path& folder) { source_->work_in(folder); }

  /// Forgets everything but `known`. From then on each new answer of a slow source is handed to
  /// `keep` as soon as it is there, also if of() does not come to return it, and counted by
  /// `progress`.
  void restart(std::map<std::string, AccuracyAnswer> known, Keep keep,
               ProgressMode progress = ProgressMode::kQuiet);

 private:
  std::string key_of(const Choices& network) const;
  /// Asks about networks that are not known, whose keys are `keys`.
  void ask(std::span<const Choices> networks, std::span<const std::string> keys,
           const KeepGoing& keep_going);

  std::shared_ptr<AccuracySource> source_;
  std::shared_ptr<const NetworkSpace> space_;
  std::map<std::string, AccuracyAnswer> known_;
  std::set<std::string> settled_;
  Keep keep_;
  ProgressMode progress_ = ProgressMode::kQuiet;
};

}  // namespace dovetail

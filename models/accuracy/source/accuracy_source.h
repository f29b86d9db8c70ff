#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/process/progress.h"

namespace dovetail {

/// What a source says of a network.
struct AccuracyEstimate {
  double top1_percent = 0;    // NaN where nothing asks for it
  bool extrapolated = false;  // outside what the source was fitted or measured on

  /// NaN, which no source but `none` says, equals itself.
  bool operator==(const AccuracyEstimate& other) const;
};

/// What became of the question for a network's accuracy.
enum class AccuracyStatus {
  kOk,
  kFailed,   // asking went wrong
  kRefused,  // the source cannot speak about the network
};
std::string to_string(AccuracyStatus status);
/// Throws InputError for a name that to_string() does not give.
AccuracyStatus accuracy_status(const std::string& name);

/// What came of one epoch of a training.
struct CurvePoint {
  int trial = 0;  // which training of the network, from 0
  int epoch = 0;  // from 1
  double train_loss = 0, validation_loss = 0, validation_percent = 0;

  bool operator==(const CurvePoint&) const = default;
};

/// An estimate, or why there is none.
struct AccuracyAnswer {
  AccuracyStatus status = AccuracyStatus::kFailed;
  AccuracyEstimate estimate;        // if kOk
  std::string reason = {};          // if not
  std::vector<CurvePoint> curve{};  // of a source that trains

  bool ok() const { return status == AccuracyStatus::kOk; }
  static AccuracyAnswer known(const AccuracyEstimate& estimate);
  /// The source cannot speak about the network.
  static AccuracyAnswer refused(std::string reason);
  /// Asking went wrong.
  static AccuracyAnswer failed(std::string reason);
  bool operator==(const AccuracyAnswer&) const = default;
};

/// Where accuracy comes from. An answer depends on the network alone.
class AccuracySource {
 public:
  /// Called with the position of a network and the answer.
  using Answered = std::function<void(std::size_t, const AccuracyAnswer&)>;

  virtual ~AccuracySource() = default;
  /// Throws InputError for a network that the source cannot speak about, RunError if asking went
  /// wrong.
  virtual AccuracyEstimate accuracy(const Choices& network) = 0;
  /// Asks about several networks, all different: calls `answered` once for each as soon as its
  /// answer is there, in any order; for some only if `keep_going` said no. An exception means that
  /// no network can be asked about.
  virtual void ask(std::span<const Choices> networks, const Answered& answered,
                   const KeepGoing& keep_going);
  /// Whether an answer takes so long that a network is asked about only where it is needed and its
  /// answer kept with the study.
  virtual bool slow() const { return false; }
  /// What that folder is called in the folder of a study: this one goes when the study is done, any
  /// other stays.
  static constexpr const char* kPassingFolder = "unfinished";
  virtual std::string work_folder() const { return kPassingFolder; }
  /// False: every accuracy is NaN, since nothing is about it.
  virtual bool speaks() const { return true; }
  /// Where a slow source may keep what goes on when it is asked again: a folder that nobody else
  /// uses. Without it what is under way ends with the process.
  virtual void work_in(const std::filesystem::path&) {}
  /// Throws InputError if the source cannot be asked here and now; called before a study begins.
  virtual void require_ready() const {}
  /// One line for logs and reports: kind, file, held-out error.
  virtual std::string description() const = 0;
};

}  // namespace dovetail

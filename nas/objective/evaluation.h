#pragma once

#include <string>

#include "cost/figures/costs.h"
#include "cost/figures/figures.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

/// What became of a candidate. Only kOk has all figures; the others have a reason instead.
enum class TrialStatus {
  kOk,
  kInfeasible,  // the network cannot run on the accelerator
  kFailed,      // evaluating it went wrong
  kRefused,     // the accuracy source or the file of costs cannot speak about it
  kSkipped,     // it breaks a limit on a cost, so a slow accuracy source was not asked
};
std::string to_string(TrialStatus status);
/// Throws InputError for a name that to_string() does not give.
TrialStatus trial_status(const std::string& name);
TrialStatus trial_status(AccuracyStatus status);

/// How long something took. Says nothing about what came out, so any two are equal.
struct WallTime {
  double seconds = 0;
  bool operator==(const WallTime&) const { return true; }
};

struct Evaluation {
  TrialStatus status = TrialStatus::kFailed;
  std::string reason;  // empty if ok; else reason_sentence() of the costs, or a sentence
  Costs costs;  // no figures unless ok or skipped; if infeasible the reason, as far as it is known
  AccuracyEstimate accuracy;  // nothing unless ok
  bool simulated = false;     // false: the costs were predicted
  WallTime took;              // of accuracy and costs of this candidate; 0 if known before
  bool claimed = false;       // the figures are what a file says; nothing was evaluated

  bool ok() const { return status == TrialStatus::kOk; }
  /// NaN where it is not known.
  double value(const Figure& figure) const { return figure.get(costs, accuracy); }
  /// Whether the figure is known.
  bool has(const Figure& figure) const;
  /// Costs without an accuracy: kOk with their figures, or kInfeasible with their reason.
  static Evaluation of_costs(const Costs& costs, bool simulated);
  static Evaluation without_figures(TrialStatus status, std::string reason, bool simulated);
  /// Where its costs come from: "predicted", "claimed", or what final ones are called.
  const char* source(const char* final_figures = "simulated") const {
    return claimed ? "claimed" : simulated ? final_figures : "predicted";
  }
  bool operator==(const Evaluation&) const = default;
};

}  // namespace dovetail

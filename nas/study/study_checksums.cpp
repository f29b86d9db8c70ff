#include "nas/study/study_checksums.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/files/checksum.h"

namespace dovetail {
namespace {

/// Of a list of fields, no two lists of which are written alike.
class FieldSum {
 public:
  FieldSum& text(std::string_view field) {
    number(field.size());
    sum_.add(field);
    return *this;
  }
  FieldSum& number(std::uint64_t field) {
    char bytes[8];
    for (char& byte : bytes) {
      byte = static_cast<char>(field & 0xff);
      field >>= 8;
    }
    sum_.add({bytes, sizeof bytes});
    return *this;
  }
  FieldSum& number(std::int64_t field) { return number(static_cast<std::uint64_t>(field)); }
  /// SQLite knows no -0.
  FieldSum& figure(double field) { return number(std::bit_cast<std::uint64_t>(field + 0.0)); }
  std::string text() const { return sum_.text(); }

 private:
  Checksum sum_;
};

}  // namespace

std::string checksum_of(const std::map<std::string, std::string>& facts,
                        const StudyDescription& description) {
  FieldSum sum;
  sum.number(facts.size());
  for (const auto& [key, value] : facts) sum.text(key).text(value);
  sum.number(description.runs.size());
  for (const StudyRun& run : description.runs) sum.text(run.label).number(run.seed);
  for (const auto& [label, space] : description.decisions) {
    sum.text(label).number(space.size());
    for (const Decision& decision : space.decisions()) {
      sum.text(decision.name).text(decision.unit).number(decision.choices.size());
      for (const std::string& choice : decision.choices) sum.text(choice);
      sum.number(decision.values.size());
      for (const double value : decision.values) sum.figure(value);
    }
  }
  return sum.text();
}

std::string checksum_of(const StoredTrial& trial, const TrialFigures& figures) {
  const TrialRecord& record = trial.record;
  const Evaluation& evaluation = record.evaluation;
  FieldSum sum;
  sum.number(record.id).number(trial.run).number(record.step).text(trial.stage);
  sum.number(record.number).number(record.choices.size());
  for (const auto choice : record.choices) sum.number(std::uint64_t{choice});
  sum.text(to_string(evaluation.status)).text(evaluation.reason);
  sum.number(std::uint64_t{evaluation.simulated});
  sum.number(std::uint64_t{evaluation.accuracy.extrapolated});
  const bool rewarded = record.reward && !std::isnan(*record.reward);  // SQLite knows no NaN
  sum.number(std::uint64_t{rewarded});
  if (rewarded) sum.figure(*record.reward);
  for (const auto& [key, value] : figures) sum.text(key).figure(value);
  return sum.text();
}

std::string checksum_of(const std::string& network, const AccuracyAnswer& answer) {
  FieldSum sum;
  sum.text(network).text(to_string(answer.status)).text(answer.reason);
  sum.number(std::uint64_t{answer.estimate.extrapolated});
  if (answer.ok()) sum.figure(answer.estimate.top1_percent);
  for (const CurvePoint& point : answer.curve) {
    sum.number(std::int64_t{point.trial}).number(std::int64_t{point.epoch});
    sum.figure(point.train_loss).figure(point.validation_loss).figure(point.validation_percent);
  }
  return sum.text();
}

std::string accuracy_item(const std::string& network) {
  return "accuracy " + network;
}

}  // namespace dovetail

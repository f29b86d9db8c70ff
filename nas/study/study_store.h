#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/accuracy/source/accuracy_source.h"
#include "nas/objective/evaluation.h"
#include "nas/study/study_facts.h"

namespace dovetail {

class SqliteDatabase;
class TrialTimings;

/// Whether a trial was asked for by the strategy, is a proposed front member, simulated again, or
/// was claimed by a file from elsewhere and not evaluated at all.
enum class Stage { kSearch, kResimulate, kClaimed };
std::string to_string(Stage stage);

/// One search of a study.
struct StudyRun {
  std::string label;  // "joint", "fixed_hardware", ...
  std::uint64_t seed = 0;
  bool operator==(const StudyRun&) const = default;
};

/// What a study file says about itself.
struct StudyDescription {
  StudyFacts facts;
  std::vector<StudyRun> runs;
  std::map<std::string, DecisionSpace> decisions;  // by label
  std::vector<const Figure*> of_sets = {};  // that trials have beside the figures of all studies
};

struct TrialRecord {
  std::int64_t id = 0;      // unique in the study
  std::int64_t step = 0;    // of its run, from 0: a search may go in phases and rounds
  std::int64_t number = 0;  // in its run, step and stage, from 0
  Choices choices;          // canonical
  Evaluation evaluation;
  std::optional<double> reward;  // if the study has one and the trial figures
};

/// Key and value of each figure that a trial has in the file, in the file's order.
using TrialFigures = std::vector<std::pair<std::string, double>>;

/// A trial with its place in the study.
struct StoredTrial {
  TrialRecord record;
  std::size_t run = 0;  // position in StudyDescription::runs
  std::string stage;    // to_string(Stage)
};

/// How much a study file holds.
struct StoreContents {
  std::int64_t trials = 0, figures = 0, accuracies = 0;
  bool checksums = false;  // files of older versions have none
};

/// The durable record of a study: an SQLite database with one row a trial, and one for each figure
/// that is known of it (nas/study/study_schema.cpp has the tables). Trials are added in whole
/// batches; what has been added survives the end of the process. What is read is checked against
/// its checksum (study_checksums.h) and against what figures can be. The same study has the same
/// content: when trials were stored and how long they took is in another file, see TrialTimings.
class StudyStore {
 public:
  enum class Access { kRead, kWrite };

  /// A new file, which must not exist. Throws InputError if it cannot be made.
  static StudyStore create(const std::filesystem::path& file, const StudyDescription& description);
  /// Throws InputError if the file is missing, damaged, changed since it was written, or no study
  /// of a known schema. To read, it may be open in another process that writes it; what is seen is
  /// the study at one moment. A study of an older schema is upgraded if it is opened to be written.
  static StudyStore open(const std::filesystem::path& file, Access access);
  ~StudyStore();
  StudyStore(StudyStore&&) noexcept;

  const StudyDescription& description() const { return description_; }
  /// In the order of their steps and numbers, which are 0, 1, 2, ... in each step; `run` is a
  /// position in runs.
  std::vector<TrialRecord> trials(std::size_t run, Stage stage) const;
  /// The trial called `id` and its run; throws InputError if there is none.
  std::pair<TrialRecord, std::size_t> trial(std::int64_t id) const;
  /// Every trial, in the order of the ids, those that are claimed too.
  std::vector<StoredTrial> all() const;
  std::int64_t count() const;
  /// Reads all that is stored, with every check. Throws InputError for what is not as it was
  /// written, or cannot be.
  StoreContents check() const;
  /// Throws RunError if the file was removed or replaced since it was opened: what is written then
  /// goes nowhere.
  void require_in_place() const;
  /// Adds trials (all or none) and sets their ids.
  void append(std::size_t run, Stage stage, std::span<TrialRecord> trials);
  /// `appended` is told of trials that are added from now on, once they are.
  void tell_appended(std::function<void(std::span<const StoredTrial>)> appended);

  /// Answers of a slow accuracy source, by the network's canonical key. They are kept one by one,
  /// apart from the trials, so that no network is asked about again whatever ends the process.
  std::map<std::string, AccuracyAnswer> accuracies() const;
  void append_accuracy(const std::string& network, const AccuracyAnswer& answer);

 private:
  StudyStore(std::unique_ptr<SqliteDatabase> database, std::filesystem::path file, Access access);
  void read_description();
  /// What a condition selects, with figures and checked.
  std::vector<StoredTrial> checked_trials(const std::string& condition) const;
  std::vector<StoredTrial> read_trials(const std::string& condition) const;
  /// Sets the figures of `trials`; those that this version does not know are in the result alone.
  std::vector<TrialFigures> read_figures(const std::string& condition,
                                         std::vector<StoredTrial>& trials) const;
  /// Gives a file of an older version its checksums.
  void add_all_checksums();

  std::unique_ptr<SqliteDatabase> database_;
  std::unique_ptr<TrialTimings> timings_;  // from the first append() on
  std::filesystem::path file_;
  Access access_;
  StudyDescription description_;
  std::map<std::int64_t, const Figure*> figures_;  // by their number in the file
  bool checksums_ = false;                         // the file has them
  std::pair<std::uint64_t, std::uint64_t> place_;  // of the file on the disk
  std::function<void(std::span<const StoredTrial>)> appended_;
};

}  // namespace dovetail

// Commands that take long, killed at random moments: what was reported as written is there, no file
// is half, and the same command again ends with the bytes of a run that nothing happened to, and
// leaves nothing else. DOVETAIL_KILLS=N makes N times as many (studies: study_survival_test.cpp).
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <regex>
#include <thread>

#include "base/files/atomic_file.h"
#include "base/files/hdf5_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "cost/surrogate/data/labelling.h"
#include "nas/study/study_store.h"
#include "tests/cli/command_runner.h"
#include "tests/cost/tiny_spaces.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

int kill_factor() {
  const char* factor = std::getenv("DOVETAIL_KILLS");
  return factor == nullptr ? 1 : std::max(1, std::atoi(factor));
}

/// Pairs that cost no simulation.
void write_pairs(const CommandRunner& dovetail, const std::string& file, std::uint64_t seed,
                 std::uint64_t rows) {
  const auto networks = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  const auto accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  LabellingOptions options;
  options.seed = seed;
  Dataset data = empty_dataset(networks, accelerators, options);
  for (std::uint64_t row = 0; row < rows; ++row) {
    Rng rng(seed, row);
    Costs label;
    label.latency_ms = label.energy_mj = label.area_mm2 = 1 + rng.uniform();
    label.cycles = 1000;
    const Choices network = networks.decisions().sample(rng);
    data.append(network, accelerators.decisions().sample(rng), label);
  }
  data.save(dovetail.path(file));
}

/// A command, and how it goes on after a kill. "OUT" stands for the folder of the results.
struct KilledCommand {
  std::string name;
  std::vector<std::string> args;
  std::vector<std::string> files;  // in OUT at the end; none: folders, whose files are all kept
  std::vector<std::string> restart_args = args;
  int kills = 20;
  std::vector<std::string> passing_files = {};      // in OUT while it runs
  std::vector<std::string> before = {};             // a command that runs first, if any
  void (*prepare)(const CommandRunner&) = nullptr;  // inputs, once
};

/// In the names of the tests.
void PrintTo(const KilledCommand& command, std::ostream* out) {
  *out << command.name;
}

std::vector<std::string> label_args(const std::string& rows) {
  // Saving after each few rows makes many moments critical.
  return {"label", "-s",       "nas_bench_macro",      "-c", rows, "--seed", "3", "-w", "2",
          "-o",    "OUT/l.h5", "--checkpoint-seconds", "0"};
}
std::vector<std::string> with(std::vector<std::string> args, const std::string& more) {
  args.push_back(more);
  return args;
}
void prepare_merge(const CommandRunner& dovetail) {
  write_pairs(dovetail, "a.h5", 1, 10000);
  write_pairs(dovetail, "b.h5", 2, 10000);
}
void prepare_training(const CommandRunner& dovetail) {
  write_pairs(dovetail, "a.h5", 1, 2000);
}

void prepare_spaces(const CommandRunner& dovetail) {
  write_tiny_spaces(dovetail.folder());
}
/// Accuracies of NAS-Bench-Macro's form for a space of 27 networks.
void prepare_regret(const CommandRunner& dovetail) {
  write_tiny_spaces(dovetail.folder());
  dovetail.folder().write("macro.yaml", R"(schema: dovetail.network_space/1
name: macro
input: {height: 16, width: 16, channels: 8}
decisions:
  - {name: k, choices: [3, 5, 7]}
  - {name: e, choices: [2, 4, 6]}
  - {name: f, choices: [2, 4, 6]}
blocks:
  - conv k=3 c=16 act=relu name=stem
  - mb k=$k e=$e c=16 act=relu
  - mb k=3 e=$f c=24 act=relu
  - pool
  - fc c=10
)");
  std::string data;
  for (int point = 0; point < 27; ++point) {
    data += fmt::format("{}\"{}{}{}\": {{\"mean_acc\": {}}}", point == 0 ? "{" : ",", point / 9,
                        point / 3 % 3, point % 3, 70 + point);
  }
  dovetail.folder().write("macro.json", data + "}");
}
void prepare_phases(const CommandRunner& dovetail) {
  const TinyStudy files(dovetail.folder());
  files.write_study(
      "scope: phase\n"
      "phase: {hardware_evaluations: 16}\n"
      "network: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n"
      "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
      "0.1}, reward: {kind: nahas_soft, targets: {latency_ms: 0.05, area_mm2: baseline}}}\n"
      "constraints: {energy_mj: 100}\n"
      "evaluations: 48\n");
}

std::vector<KilledCommand> commands() {
  KilledCommand label{"label", label_args("400"), {"l.h5"}, with(label_args("400"), "--resume")};
  KilledCommand append{"append", label.restart_args, {"l.h5"}};
  append.before = label_args("100");
  append.kills = 5;
  KilledCommand train{"train",
                      {"train", "-d", "a.h5", "-o", "OUT/m.h5", "--epochs", "20", "--hidden", "32",
                       "--checkpoint-seconds", "0"},
                      {"m.h5", "m.report.json"}};
  train.restart_args = with(train.args, "--resume");
  train.passing_files = {"m.checkpoint.h5"};
  train.prepare = prepare_training;
  KilledCommand merge{"merge", {"dataset", "merge", "a.h5", "b.h5", "-o", "OUT/m.h5"}, {"m.h5"}};
  merge.prepare = prepare_merge;
  KilledCommand over = merge;  // in place of an older result
  over.name = "merge_over";
  over.before = {"dataset", "merge", "a.h5", "-o", "OUT/m.h5"};
  over.kills = 5;
  KilledCommand split{"split",
                      {"dataset", "split", "a.h5", "-f", "0.5", "-o", "OUT/x.h5", "OUT/y.h5"},
                      {"x.h5", "y.h5"}};
  split.prepare = prepare_merge;
  split.kills = 5;
  KilledCommand explore{
      "explore",
      {"explore", "-n", "mobilenet_v2", "-s", "./hw.yaml", "-w", "2", "-o", "OUT/e"},
      {}};
  explore.restart_args = with(explore.args, "--resume");
  explore.prepare = prepare_spaces;
  explore.kills = 8;
  KilledCommand regret{"regret",
                       {"bench",        "regret",
                        "--data",       "macro.json",
                        "-n",           "./macro.yaml",
                        "-s",           "./hw.yaml",
                        "--table",      "OUT/table.h5",
                        "--limits",     "area_mm2=100",
                        "--strategies", "random,nsga2",
                        "-e",           "100",
                        "--seeds",      "3",
                        "-w",           "2",
                        "-o",           "OUT/r"},
                       {}};
  regret.prepare = prepare_regret;
  regret.kills = 8;
  KilledCommand claims{
      "claims",
      {"bench", "claims", "./study.yaml", "--targets", "0.05", "-w", "2", "-o", "OUT/c"},
      {}};
  claims.prepare = prepare_phases;
  claims.kills = 8;
  std::vector<KilledCommand> all{label, append, train, merge, over, split, explore, regret};
  if (kill_factor() > 1) all.push_back(claims);  // takes a minute on a busy machine
  return all;
}

/// Reads the whole file, whatever it is; what is not whole throws. Returns the rows of a data set.
std::size_t read_whole(const std::filesystem::path& file) {
  if (file.filename() == "study.db") {
    const StudyStore store = StudyStore::open(file, StudyStore::Access::kRead);
    return static_cast<std::size_t>(store.check().trials);
  }
  if (file.extension() != ".h5" && file.extension() != ".json") return 0;
  if (file.extension() == ".json") {
    EXPECT_TRUE(nlohmann::json::accept(read_file(file))) << file;
    return 0;
  }
  const std::string schema = sealed_schema(file);
  if (schema.starts_with("dovetail.dataset/")) return Dataset::load(file).rows();
  const Hdf5Reader whole(file, schema);
  return 0;
}

/// How long it took, and where a database keeps what, is not the same twice.
std::string lasting_content(const std::filesystem::path& file) {
  const std::string name = file.filename();
  if (name == "timings.csv" || name == "study.db") return "";
  const std::string content = read_file(file);
  return file.extension() != ".json"
             ? content
             : std::regex_replace(content, std::regex("\"training_seconds\": [0-9.e-]+"), "");
}

/// The last "N saved" of what the command printed.
std::size_t reported_rows(const std::string& err) {
  const std::size_t end = err.rfind(" saved");
  if (end == std::string::npos) return 0;
  return std::stoul(err.substr(err.find_last_not_of("0123456789", end - 1) + 1));
}

class KillTest : public testing::TestWithParam<KilledCommand> {
 protected:
  void SetUp() override {
    if (GetParam().prepare != nullptr) GetParam().prepare(dovetail_);
  }

  static std::vector<std::string> in_folder(std::vector<std::string> args,
                                            const std::string& folder) {
    for (std::string& word : args) {
      if (word.starts_with("OUT/")) word.replace(0, 3, folder);
    }
    return args;
  }
  void start_over(const std::string& folder) const {
    std::filesystem::remove_all(dovetail_.path(folder));
    std::filesystem::create_directory(dovetail_.path(folder));
    if (GetParam().before.empty()) return;
    ASSERT_EQ(dovetail_.run(in_folder(GetParam().before, folder)).status, 0);
  }
  std::vector<std::filesystem::path> files_in(const std::string& folder) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(dovetail_.path(folder))) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }
  std::map<std::string, std::string> contents(const std::string& folder) const {
    std::map<std::string, std::string> bytes;
    for (const auto& file : files_in(folder)) {
      const std::string name = file.lexically_relative(dovetail_.path(folder));
      bytes[name] = lasting_content(file);
    }
    return bytes;
  }
  /// Runs the command and kills it at a share of `seconds`; what it printed, or nothing if it had
  /// ended before (then `seconds` becomes the time that it took).
  std::optional<std::string> kill_at(double share, const std::vector<std::string>& args,
                                     double& seconds) const {
    const auto begin = Clock::now();
    const pid_t pid = dovetail_.start(args);
    while (Seconds(Clock::now() - begin).count() < share * seconds && dovetail_.running(pid)) {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    ::kill(pid, SIGKILL);  // finish() still has to come, so it is nobody else's number
    const CommandResult result = dovetail_.finish(pid);
    if (result.status == -SIGKILL) return result.err;
    EXPECT_EQ(result.status, 0) << result.err;
    seconds = std::min(seconds, Seconds(Clock::now() - begin).count());
    return std::nullopt;
  }
  /// Rows of the data sets that are there. Each file must be whole, and there must be no other.
  std::size_t rows_found(const std::string& folder) const {
    std::size_t rows = 0;
    for (const auto& file : files_in(folder)) {
      const std::string name = file.filename();
      if (name.front() == '.') continue;  // a temporary, which the next run removes
      if (!GetParam().files.empty()) {
        EXPECT_THAT(name, testing::AnyOf(testing::AnyOfArray(GetParam().files),
                                         testing::AnyOfArray(GetParam().passing_files)));
      }
      rows += read_whole(file);
    }
    return rows;
  }

  CommandRunner dovetail_;
};

TEST_P(KillTest, NothingIsLostAndNothingIsHalf) {
  const KilledCommand& command = GetParam();
  start_over("whole");
  const auto begin = Clock::now();
  ASSERT_EQ(dovetail_.run(in_folder(command.args, "whole")).status, 0);
  double seconds = Seconds(Clock::now() - begin).count();
  const auto whole = contents("whole");
  ASSERT_TRUE(command.files.empty() || whole.size() == command.files.size());
  ASSERT_FALSE(whole.empty());

  const auto restart_args = in_folder(command.restart_args, "out");
  Rng moments(20);
  int kills = 0;
  const int wanted = command.kills * kill_factor();
  for (int trial = 0; kills < wanted; ++trial) {
    ASSERT_LT(trial, 10 * wanted) << "only " << kills << " kills came before the end";
    start_over("out");
    const std::size_t rows_before = rows_found("out");
    const auto printed = kill_at(moments.uniform(), in_folder(command.args, "out"), seconds);
    if (!printed) continue;
    ++kills;
    const std::size_t rows = rows_found("out");
    EXPECT_GE(rows, std::max(rows_before, reported_rows(*printed)));
    if (kills % 3 == 0) {  // the restart is killed too
      if (const auto again = kill_at(moments.uniform(), restart_args, seconds)) ++kills;
      EXPECT_GE(rows_found("out"), rows);
    }
    const CommandResult restarted = dovetail_.run(restart_args);
    EXPECT_EQ(restarted.status, 0) << restarted.err;
    EXPECT_EQ(contents("out"), whole) << "after kill " << kills;
  }
}

INSTANTIATE_TEST_SUITE_P(Commands, KillTest, testing::ValuesIn(commands()),
                         [](const auto& command) { return command.param.name; });

}  // namespace
}  // namespace dovetail::test

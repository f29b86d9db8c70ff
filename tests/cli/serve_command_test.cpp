// Simulation as a service, seen by those who ask: the same bytes as without one, whatever happens
// to the server. DOVETAIL_KILLS=N kills servers and clients N times as often.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "tests/cli/running_service.h"
#include "tests/cost/tiny_spaces.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Words = std::vector<std::string>;

class ServeCommandTest : public testing::Test {
 protected:
  CommandResult run(Words words, const std::string& service = "") const {
    if (!service.empty()) words.insert(words.end(), {"--service", service});
    return dovetail_.run(words);
  }
  std::string labelled(const std::string& file, const std::string& service = "") const {
    const CommandResult result = run({"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c",
                                      "300", "-w", "3", "-o", file},
                                     service);
    EXPECT_EQ(result.status, 0) << result.err;
    return dovetail_.folder().read(file);
  }
  /// Every second one is of a server, the others of a client.
  static int kills() {
    const char* factor = std::getenv("DOVETAIL_KILLS");
    return 6 * (factor == nullptr ? 1 : std::max(1, std::atoi(factor)));
  }
  /// What a study leaves behind, but for times.
  std::string found(const std::string& folder) const {
    return dovetail_.folder().read(folder + "/pareto.csv") +
           dovetail_.folder().read(folder + "/hypervolume.csv");
  }

  CommandRunner dovetail_;
  const TinyStudy files_{dovetail_.folder()};
};

TEST_F(ServeCommandTest, EveryCommandGivesTheSameBytes) {
  RunningService service({"-w", "2"});
  EXPECT_EQ(labelled("there.h5", service.address()), labelled("here.h5"));

  const Words explore{"explore", "-n", "mobilenet_v2", "-s", "./hw.yaml", "-w", "2", "-o"};
  const auto into = [&](Words words, const char* folder) {
    words.emplace_back(folder);
    return words;
  };
  ASSERT_EQ(run(into(explore, "here")).status, 0);
  ASSERT_EQ(run(into(explore, "there"), service.address()).status, 0);
  EXPECT_EQ(dovetail_.folder().read("there/mobilenet_v2.csv"),
            dovetail_.folder().read("here/mobilenet_v2.csv"));

  ASSERT_EQ(run({"search", "./study.yaml", "-o", "local", "-w", "1"}).status, 0);
  files_.write_study(
      fmt::format("cost: {{model: simulation, service: '{}'}}\n", service.address()));
  const CommandResult refused = run({"search", "./study.yaml", "-o", "served"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("it asks the service at " + service.address()),
                                 HasSubstr("allowed with --trust")));
  const CommandResult served =
      run({"search", "./study.yaml", "-o", "served", "-w", "2", "--trust"});
  ASSERT_EQ(served.status, 0) << served.err;
  EXPECT_EQ(found("served"), found("local"));

  const CommandResult described = run({"serve", "--describe", service.address()});
  EXPECT_EQ(described.status, 0) << described.err;
  EXPECT_THAT(described.out,
              AllOf(HasSubstr("workers       2 (0 lost)"), HasSubstr("of them known")));
  EXPECT_EQ(service.stop(SIGTERM).status, 0);
}

TEST_F(ServeCommandTest, KilledServersAndClientsLoseNothing) {
  const std::string whole = labelled("whole.h5");
  RunningService service({"-w", "2"});
  Rng rng(4);
  const Words words{"label", "-s",   "./net.yaml", "--hardware",           "./hw.yaml", "-c",
                    "300",   "-w",   "2",          "--checkpoint-seconds", "0",         "--resume",
                    "-o",    "l.h5", "--service",  service.address()};
  for (int kill = 0; kill < kills(); ++kill) {
    std::filesystem::remove(dovetail_.path("l.h5"));
    const pid_t client = dovetail_.start(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(rng.index(300)));
    if (kill % 2 == 0) {
      service.stop(SIGKILL);
      service.start_again();
    } else {
      ::kill(client, SIGKILL);
    }
    const int status = dovetail_.finish(client).status;
    if (kill % 2 == 0) {
      EXPECT_EQ(status, 0) << "it waits for the server";
    } else {
      const CommandResult resumed = dovetail_.run(words);
      EXPECT_EQ(resumed.status, 0) << resumed.err;
    }
    EXPECT_EQ(dovetail_.folder().read("l.h5"), whole) << "kill " << kill;
  }
}

TEST_F(ServeCommandTest, StudiesOfKilledServersAndClientsAreThoseOfALocalRun) {
  files_.write_study("evaluations: 200\n");
  const auto search = [](const std::string& folder) {
    return Words{"search",  "./study.yaml",          "-w", "2", "--trust", "-o", folder,
                 "--jsonl", folder + "/trials.jsonl"};
  };
  ASSERT_EQ(dovetail_.run(search("local")).status, 0);
  RunningService service({"-w", "2"});
  files_.write_study(fmt::format("evaluations: 200\ncost: {{model: simulation, service: '{}'}}\n",
                                 service.address()));
  const auto begun = [&](const char* file) {
    return std::filesystem::exists(dovetail_.folder().path() / "killed" / file);
  };
  Rng rng(5);
  for (int kill = 0; kill < kills(); ++kill) {
    std::filesystem::remove_all(dovetail_.path("killed"));
    const pid_t client = dovetail_.start(search("killed"));
    std::this_thread::sleep_for(std::chrono::milliseconds(rng.index(300)));
    if (kill % 2 == 0) {
      service.stop(SIGKILL);
      service.start_again();
      const CommandResult result = dovetail_.finish(client);
      EXPECT_EQ(result.status, 0) << result.err;
    } else {
      ::kill(client, SIGKILL);
      dovetail_.finish(client);
      Words words = search("killed");
      if (begun("study.db") || begun("effective.yaml")) words.emplace_back("--resume");
      const CommandResult result = dovetail_.run(words);
      EXPECT_EQ(result.status, 0) << result.err;
    }
    EXPECT_EQ(found("killed"), found("local")) << "kill " << kill;
    EXPECT_EQ(dovetail_.folder().read("killed/trials.jsonl"),
              dovetail_.folder().read("local/trials.jsonl"));
  }
}

TEST_F(ServeCommandTest, AServerThatStaysAwayEndsAStudyAsCtrlCDoes) {
  ASSERT_EQ(dovetail_.run({"search", "./study.yaml", "-o", "local", "-w", "1"}).status, 0);
  RunningService service({"-w", "1"});
  files_.write_study(
      fmt::format("cost: {{model: simulation, service: '{}'}}\n", service.address()));
  ::setenv("DOVETAIL_SERVICE_TIMEOUT_S", "0.2", 1);
  Words search{"search", "./study.yaml", "-o", "served", "-w", "2", "--trust"};
  CommandResult stopped;
  while (stopped.status != 1) {  // a search may be over before its server is gone
    std::filesystem::remove_all(dovetail_.path("served"));
    const pid_t client = dovetail_.start(search);
    while (!std::filesystem::exists(dovetail_.path("served/timings.csv")) &&
           dovetail_.running(client)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    service.stop(SIGKILL);
    stopped = dovetail_.finish(client);
    if (stopped.status != 1) {
      ASSERT_EQ(stopped.status, 0) << stopped.err;
      service.start_again();
    }
  }
  EXPECT_THAT(
      stopped.err,
      AllOf(HasSubstr("stopped: service " + service.address() + ": no answer for 0.2 s: "),
            testing::ContainsRegex("; [0-9]+ trials are saved in served"),
            HasSubstr("To go on: dovetail search ./study.yaml --resume -o served --trust")));
  ::setenv("DOVETAIL_SERVICE_TIMEOUT_S", "soon", 1);
  search.emplace_back("--resume");
  EXPECT_THAT(dovetail_.run(search).err,
              HasSubstr("$DOVETAIL_SERVICE_TIMEOUT_S: found 'soon', allowed 0 to 1e+06 seconds"));
  ::unsetenv("DOVETAIL_SERVICE_TIMEOUT_S");
  service.start_again();
  const CommandResult resumed = dovetail_.run(search);
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(found("served"), found("local"));
}

TEST_F(ServeCommandTest, AServerThatStaysAwayEndsEveryCommandAndNothingIsLost) {
  const Words label{"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "300", "-o"};
  const Words explore{"explore", "-n", "mobilenet_v2", "-s", "./hw.yaml", "-o"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  ASSERT_EQ(run(with(label, {"here.h5"})).status, 0);
  ASSERT_EQ(run(with(explore, {"here"})).status, 0);
  ASSERT_EQ(run({"train", "-d", "here.h5", "-o", "model.h5", "--epochs", "1"}).status, 0);

  const std::string nobody = "127.0.0.1:9";
  ::setenv("DOVETAIL_SERVICE_TIMEOUT_S", "0", 1);
  for (const auto& [words, said] :
       {std::pair<Words, std::string>{with(label, {"there.h5"}), "To go on: dovetail label"},
        {with(explore, {"there"}), "To go on: dovetail explore"},
        {{"validate", "-m", "model.h5", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "20"},
         "nothing was written"}}) {
    const CommandResult stopped = run(words, nobody);
    EXPECT_EQ(stopped.status, 1) << words[0];
    EXPECT_THAT(stopped.err,
                AllOf(HasSubstr("stopped: service " + nobody + ": no answer"), HasSubstr(said)));
  }
  ::unsetenv("DOVETAIL_SERVICE_TIMEOUT_S");

  RunningService service({"-w", "1"});
  EXPECT_EQ(run(with(label, {"there.h5", "--resume"}), service.address()).status, 0);
  EXPECT_EQ(run(with(explore, {"there", "--resume"}), service.address()).status, 0);
  for (const char* tail : {".h5", "/mobilenet_v2.csv", "/pareto.csv"}) {
    EXPECT_EQ(dovetail_.folder().read(std::string("there") + tail),
              dovetail_.folder().read(std::string("here") + tail));
  }
}

TEST_F(ServeCommandTest, WhatAServerThatIsGoneHadToDoAnotherDoes) {
  RunningService service({"-w", "1"});
  EXPECT_EQ(labelled("there.h5", "127.0.0.1:9," + service.address()), labelled("here.h5"));
}

TEST_F(ServeCommandTest, WhoMayNotOrCannotAskIsTold) {
  dovetail_.folder().write("token", "0123456789abcdef\n");
  dovetail_.folder().write("other", "0123456789abcdeX\n");
  dovetail_.folder().write("short", "secret\n");
  const std::string token = dovetail_.path("token");
  RunningService service({"-w", "1", "--token-file", token});
  const Words label{"label", "-s", "./net.yaml", "--hardware", "./hw.yaml",
                    "-c",    "3",  "-o",         "l.h5"};
  const CommandResult none = run(label, service.address());
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("found no token that is this server's"));
  for (const auto& [file, status] : {std::pair{"other", 2}, std::pair{"short", 2}, {"token", 0}}) {
    ::setenv("DOVETAIL_SERVICE_TOKEN_FILE", dovetail_.path(file).c_str(), 1);
    EXPECT_EQ(run(label, service.address()).status, status) << file;
  }
  ::unsetenv("DOVETAIL_SERVICE_TOKEN_FILE");

  const struct {
    Words words;
    std::string message;
  } cases[] = {
      {{"serve", "--listen", "0.0.0.0:0"}, "allowed with --any-address and --token-file"},
      {{"serve", "--listen", "0.0.0.0:0", "--any-address"},
       "allowed with --any-address and --token-file"},
      {{"serve", "--listen", service.address()}, "cannot listen at"},
      {{"serve", "--listen", "127.0.0.1:0", "--token-file", dovetail_.path("short")},
       "found no token"},
      {{"serve", "--listen", "127.0.0.1:99999"}, "found '127.0.0.1:99999', allowed HOST:PORT"},
      {{"serve", "--listen", "127.0.0.1"}, "found '127.0.0.1', allowed HOST:PORT"},
      {{"serve", "--listen", "127.example.org:0"}, "allowed with --any-address and --token-file"},
      {{"serve", "-w", "0"}, "--workers"},
      {{"serve", "--describe", "nowhere"}, "allowed HOST:PORT"},
  };
  for (const auto& [words, message] : cases) {
    const CommandResult result = dovetail_.run(words);
    EXPECT_EQ(result.status, 2) << message << result.out;
    EXPECT_THAT(result.err, HasSubstr(message));
  }
  const CommandResult bad = run(label, "nowhere");
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("service: found 'nowhere', allowed HOST:PORT"));
}

TEST_F(ServeCommandTest, AServerThatWouldFindOtherFiguresIsRefusedByName) {
  RunningService service({"-w", "1"});
  const std::filesystem::path configs = dovetail_.path("configs");
  std::filesystem::copy(configs_folder(), configs, std::filesystem::copy_options::recursive);
  dovetail_.folder().write("configs/technology/28nm.yaml",
                           read_file(configs / "technology/28nm.yaml") + "# another one\n");
  ::setenv("DOVETAIL_CONFIGS", configs.c_str(), 1);
  const CommandResult result =
      run({"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "3", "-o", "l.h5"},
          service.address());
  ::unsetenv("DOVETAIL_CONFIGS");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("its technology '28nm' is another one"));
}

TEST_F(ServeCommandTest, AServerReadsNoFilesForOthers) {
  RunningService service({"-w", "1"});
  dovetail_.folder().write("tech.yaml", read_file(resolve_config("technology", "16nm")));
  const CommandResult result = run({"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c",
                                    "3", "-o", "l.h5", "--technology", "./tech.yaml"},
                                   service.address());
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("found the path './tech.yaml', allowed a name"));
}

}  // namespace
}  // namespace dovetail::test

// The service, asked by programs that are not dovetail: some of them mean harm.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <thread>

#include <nas/remote/service.grpc.pb.h>
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/version.h"
#include "cost/simulation/protocol.h"
#include "models/network/zoo.h"
#include "tests/base/process/worker_processes.h"
#include "tests/cli/running_service.h"

namespace dovetail::test {
namespace {

using grpc::Status;
using grpc::StatusCode;
using testing::HasSubstr;
using Json = nlohmann::json;

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() { connect(); }

  void connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    stub_ = v1::Dovetail::NewStub(grpc::CreateCustomChannel(
        service_.address(), grpc::InsecureChannelCredentials(), arguments));
  }
  v1::Description description() {
    v1::Description reply;
    grpc::ClientContext context;
    const Status status = stub_->Describe(&context, {}, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply;
  }
  /// The answers to some lines, and how the stream ended.
  std::vector<std::string> evaluate(const std::vector<std::string>& lines, Status* status) {
    grpc::ClientContext context;
    const auto stream = stub_->Evaluate(&context);
    v1::EvaluateLines in, out;
    for (const std::string& line : lines) in.add_lines(line);
    stream->Write(in);
    stream->WritesDone();
    stream->Read(&out);
    *status = stream->Finish();
    return {out.lines().begin(), out.lines().end()};
  }
  /// Sends the bytes as messages of Work, and reads an answer to each that begins as a task.
  /// Returns how many the server has taken: it ends the stream at what is no message.
  std::size_t work(std::span<const std::string> messages, std::vector<std::string>* answers,
                   Status* status) {
    grpc::ClientContext context;
    const auto stream = stub_->Work(&context);
    std::size_t taken = 0;
    for (const std::string& bytes : messages) {
      v1::WorkMessage in, out;
      in.set_message(bytes);
      if (!stream->Write(in)) break;
      ++taken;
      if (bytes.starts_with("job 0\n")) continue;
      if (!stream->Read(&out)) break;
      answers->push_back(out.message());
    }
    stream->WritesDone();
    *status = stream->Finish();
    return taken;
  }

  RunningService service_{
      {"-w", "1", "--max-message-mib", "1", "--max-streams", "4", "--task-seconds", "20"}};
  std::unique_ptr<v1::Dovetail::Stub> stub_;
};

TEST_F(ServiceTest, SaysWhatItIs) {
  const v1::Description server = description();
  EXPECT_EQ(server.build(), build_description());
  EXPECT_EQ(server.workers(), 1U);
  EXPECT_EQ(server.technologies().count("16nm"), 1U);
}

TEST_F(ServiceTest, LinesOfEvaluateHaveTheirAnswersInOrder) {
  Status status;
  const std::vector<std::string> answers = evaluate(
      {R"({"id": 1, "network": "mobilenet_v2", "accelerator": "nahas_baseline"})",
       R"({"id": 2, "network": "/etc/passwd.yaml", "accelerator": "nahas_baseline"})",
       R"({"id": 3, "network": "x.onnx", "accelerator": "nahas_baseline"})", "{", "null",
       R"({"id": 6, "network": "mobilenet_v2", "accelerator": "nahas_baseline", "accuracy": {"source": "command", "command": ["true"]}})",
       R"({"id": 7, "network": "mobilenet_v2", "accelerator": {"base": "nahas_baseline", "pes_x": 2}})",
       R"({"id": 8, "network": "mobilenet_v2", "accelerator": "nahas_baseline", "cost": {"model": "table", "file": "/etc/passwd"}})"},
      &status);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answers.size(), 8U);
  EXPECT_GT(Json::parse(answers[0]).at("figures").at("latency_ms").get<double>(), 0.1);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_THAT(answers[i], HasSubstr("a service reads no files for others"));
  }
  EXPECT_THAT(answers[3], HasSubstr("error"));
  EXPECT_THAT(answers[5], HasSubstr("a service has no sources for others"));
  EXPECT_GT(Json::parse(answers[6]).at("figures").at("latency_ms").get<double>(), 0.1);
  EXPECT_THAT(answers[7], HasSubstr("it reads no files for others"));
}

TEST_F(ServiceTest, TenThousandMalformedRequestsHurtNobody) {
  const Network network = find_network("mobilenet_v2");
  const auto accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  const std::string job = "job 0\n" + job_text({pair_domain(network, accelerators), "16nm"});
  const std::string task =
      "task 1\n" + request_text(std::vector<Pair>{{{}, {0, 0, 0, 0, 0, 0, 0}}});
  Rng rng(11);
  const auto spoilt = [&](std::string text) {
    for (std::size_t hits = 1 + rng.index(3); hits-- > 0 && !text.empty();) {
      const std::size_t at = rng.index(text.size());
      if (rng.index(4) == 0) {
        text.resize(at);
      } else {
        text[at] = static_cast<char>(rng.index(256));
      }
    }
    return text;
  };
  std::vector<std::string> messages;
  while (messages.size() < 10000) {
    const std::size_t kind = rng.index(100);  // jobs are long, so they are few
    if (kind == 0) messages.push_back(spoilt(job));
    if (kind == 1) messages.emplace_back("job 0\n{\"schema\": \"dovetail.costs_job/1\"}");
    messages.push_back(spoilt(kind < 50 ? task : "task 7\n{\"pairs\": [[[], [1, 1]]]}"));
  }
  std::vector<std::string> answers;
  Status status;
  for (std::size_t i = 0; i < messages.size();) {
    const std::size_t taken = work(std::span(messages).subspan(i), &answers, &status);
    ASSERT_GT(taken, 0U) << "message " << i << ": " << status.error_message();
    i += taken;
  }
  EXPECT_GT(answers.size(), 1000U);  // that they are wrong
  const std::string deep(100000, '[');
  work(std::vector{job, "task 1\n{\"pairs\": [" + deep + std::string(100000, ']') + "]}"}, &answers,
       &status);
  EXPECT_THAT(answers.back(), HasSubstr("found more than 64 objects in each other"));
  std::vector<std::string> right;
  work(std::vector{job, task}, &right, &status);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(right.size(), 1U);
  EXPECT_THAT(right[0], testing::StartsWith("answer 1\n{\"costs\":[{"));
}

TEST_F(ServiceTest, WhatIsUnderWayForOneClientIsNotSimulatedAgainForAnother) {
  const Network network = find_network("mobilenet_v2");
  const auto accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  const auto job = [&](const std::string& purpose) {
    return "job 0\n" + job_text({pair_domain(network, accelerators), "16nm", purpose});
  };
  const auto task = [](std::uint16_t choice) {
    return "task 1\n" + request_text(std::vector<Pair>{{{}, {choice, 0, 0, 0, 0, 0, 0}}});
  };
  std::vector<std::string> first, second;
  Status status, other_status;
  work(std::vector{job(""), task(0)}, &first, &status);  // from here on there is a worker
  const std::set<pid_t> workers = running_children(service_.pid());
  ASSERT_EQ(workers.size(), 1U);
  ::kill(*workers.begin(), SIGSTOP);
  std::thread one([&] { work(std::vector{job(""), task(1)}, &first, &status); });
  std::thread other([&] {
    work(std::vector{job(R"({"seed":3})"), task(1)}, &second, &other_status);
  });
  // Either is the first; and now the other one waits for it.
  while (description().sharing() == 0) std::this_thread::yield();
  ::kill(*workers.begin(), SIGCONT);
  one.join();
  other.join();
  EXPECT_TRUE(status.ok() && other_status.ok());
  ASSERT_EQ(first.size(), 2U);
  ASSERT_EQ(second.size(), 1U);
  const auto costs = [](const std::string& answer) {
    return answer_from_text(answer.substr(answer.find('\n') + 1)).at(0).costs;
  };
  EXPECT_EQ(costs(first[1]), costs(second[0]));
  const v1::Description server = description();
  EXPECT_EQ(server.tasks(), 2U);
  EXPECT_EQ(server.pairs(), 3U);
  EXPECT_EQ(server.pairs_known(), 1U);
  EXPECT_EQ(server.pairs_shared(), 1U);
}

TEST_F(ServiceTest, WhatLinesOfEvaluateHaveFoundIsKeptForAllStreams) {
  Status status;
  const std::vector<std::string> line{
      R"({"network": "mobilenet_v2", "accelerator": "nahas_baseline"})"};
  // Elsewhere in its list of networks, and under another name.
  const std::vector<std::string> again{
      R"({"network": "mobilenet_v3_large", "accelerator": "nahas_baseline"})",
      R"({"network": "mobilenet_v2", "accelerator": {"base": "nahas_baseline"}})"};
  const std::vector<std::string> first = evaluate(line, &status);
  const std::vector<std::string> second = evaluate(again, &status);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[1], first.at(0));
  EXPECT_EQ(description().pairs(), 3U);
  EXPECT_EQ(description().pairs_known(), 1U);
}

TEST_F(ServiceTest, WhatIsTooLargeIsRefused) {
  std::vector<std::string> answers;
  Status status;
  work(std::vector{"job 0\n" + std::string(2 << 20, 'x')}, &answers, &status);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  evaluate({std::string(2 << 20, 'x')}, &status);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  Status lines;
  evaluate(std::vector<std::string>(1025, "{}"), &lines);
  EXPECT_EQ(lines.error_code(), StatusCode::INVALID_ARGUMENT) << lines.error_message();
  EXPECT_EQ(description().workers_lost(), 0U);
}

TEST_F(ServiceTest, AStoppedWorkerDoesNotKeepTheServerFromEnding) {
  const std::string job = "job 0\n" + std::string(1000000, ' ') + "{}";  // more than a socket holds
  std::vector<std::string> answers;
  Status status;
  work(std::vector{job, std::string("task 1\n{}")}, &answers, &status);
  ASSERT_EQ(answers.size(), 1U);
  const std::set<pid_t> workers = running_children(service_.pid());
  ASSERT_EQ(workers.size(), 1U);
  ::kill(*workers.begin(), SIGSTOP);
  std::thread client([&] {
    work(std::vector{job + " ", std::string("task 1\n{}")}, &answers, &status);
  });
  while (description().taken() < 2) std::this_thread::yield();
  EXPECT_EQ(service_.stop(SIGTERM).status, 0);
  client.join();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << status.error_message();
}

TEST_F(ServiceTest, MoreStreamsThanAllowedAreTurnedAway) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<v1::WorkMessage, v1::WorkMessage>>> streams;
  for (int i = 0; i < 4; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub_->Work(contexts.back().get()));
  }
  while (description().streams() < 4) std::this_thread::yield();
  Status status;
  evaluate({"{}"}, &status);
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("the most allowed"));
  for (const auto& context : contexts) context->TryCancel();
  for (const auto& stream : streams) stream->Finish();
}

}  // namespace
}  // namespace dovetail::test

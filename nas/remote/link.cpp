#include "nas/remote/link.h"

#include <fmt/core.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <nas/remote/service.grpc.pb.h>
#include "base/process/message_stream.h"
#include "base/process/service_link.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "nas/remote/technologies.h"

namespace dovetail {
namespace {

using grpc::Status;
using grpc::StatusCode;
using Clock = std::chrono::steady_clock;
using Stream = grpc::ClientReaderWriter<v1::WorkMessage, v1::WorkMessage>;

constexpr auto kFirstPause = std::chrono::milliseconds(50);
constexpr auto kLongestPause = std::chrono::milliseconds(5000);
constexpr auto kDescribeDeadline = std::chrono::seconds(10);
constexpr int kKeepaliveMs = 20000;

/// Whether the server said no, and would again. Else it, or the way to it, is not there now.
bool is_refusal(const Status& status) {
  switch (status.error_code()) {
    case StatusCode::FAILED_PRECONDITION:
    case StatusCode::INVALID_ARGUMENT:
    case StatusCode::RESOURCE_EXHAUSTED:  // a message that is larger than it takes
    case StatusCode::UNAUTHENTICATED:
    case StatusCode::UNIMPLEMENTED:
      return true;
    default:
      return false;
  }
}

std::string words_of(const Status& status) {
  if (status.ok()) return "it ended";
  if (status.error_code() == StatusCode::DEADLINE_EXCEEDED) return "it does not answer";
  if (status.error_code() == StatusCode::RESOURCE_EXHAUSTED) {
    return status.error_message() + "; allowed with a larger --max-message-mib of the server";
  }
  return status.error_message();
}

class Link {
 public:
  explicit Link(LinkOptions options)
      : options_(std::move(options)),
        token_(options_.token_file.empty() ? "" : "Bearer " + read_token(options_.token_file)) {}

  std::string ask(const std::string& job, const std::string& request) {
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(options_.timeout_s));
    Clock::duration pause = kFirstPause;
    for (std::size_t failures = 1;; ++failures) {
      if (auto answer = try_to_ask(job, request)) return bytes_of(*answer);
      const Status status = end_stream();
      if (is_refusal(status)) {
        throw InputError(fmt::format("service {}: {}", address(), words_of(status)));
      }
      if (Clock::now() + pause > end) {
        throw GoneError(fmt::format("service {}: no answer for {:g} s: {}", address(),
                                    options_.timeout_s, words_of(status)));
      }
      now_ = (now_ + 1) % options_.addresses.size();
      if (failures % options_.addresses.size() != 0) continue;  // another one has not been asked
      std::this_thread::sleep_for(pause);
      pause = std::min<Clock::duration>(2 * pause, kLongestPause);
    }
  }

  v1::Description describe() {
    v1::Description description;
    const Status status = ask_about(description);
    if (status.ok()) return description;
    throw RunError(fmt::format("service {}: {}", address(), words_of(status)));
  }

 private:
  const std::string& address() const { return options_.addresses[now_]; }

  v1::Dovetail::Stub& stub() {
    if (!stub_) {
      grpc::ChannelArguments arguments;
      arguments.SetMaxReceiveMessageSize(-1);
      // How long to wait is decided in ask(): a new channel must not know of failures of the last.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                       kKeepaliveMs);  // a machine that is gone is noticed
      arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
      arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // however long a task takes
      stub_ = v1::Dovetail::NewStub(
          grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments));
    }
    return *stub_;
  }

  void introduce(grpc::ClientContext& context) const {
    if (!token_.empty()) context.AddMetadata("authorization", token_);
    context.AddMetadata("dovetail-client", options_.client);
  }

  Status ask_about(v1::Description& server) {
    grpc::ClientContext context;
    introduce(context);
    context.set_deadline(std::chrono::system_clock::now() + kDescribeDeadline);
    return stub().Describe(&context, {}, &server);
  }

  /// Nothing if the stream has ended; end_stream() says why.
  std::optional<Answer> try_to_ask(const std::string& job, const std::string& request) {
    if (!stream_) {
      context_ = std::make_unique<grpc::ClientContext>();
      introduce(*context_);
      if (const Status status = require_same_server(); !status.ok()) {
        refused_ = status;
        return std::nullopt;
      }
      stream_ = stub().Work(context_.get());
      told_.reset();
    }
    if (told_ != job) {
      if (!send(WorkMessage::Kind::kJob, 0, job)) return std::nullopt;
      told_ = job;
    }
    v1::WorkMessage reply;
    if (!send(WorkMessage::Kind::kTask, ++tasks_, request) || !stream_->Read(&reply)) {
      return std::nullopt;
    }
    WorkMessage message = work_message(reply.message());
    if (message.kind != WorkMessage::Kind::kAnswer || message.task != tasks_) {
      throw RunError(fmt::format("service {}: sent what is no answer", address()));
    }
    return std::move(message.content);
  }

  /// A server of another build, or that knows a technology by this name as another one, would give
  /// other figures.
  Status require_same_server() {
    v1::Description server;
    if (const Status status = ask_about(server); !status.ok()) return status;
    if (server.build() != build_description()) {
      return {StatusCode::FAILED_PRECONDITION, fmt::format("is of build {}, this program is {}",
                                                           server.build(), build_description())};
    }
    for (const auto& [name, checksum] : technology_checksums()) {
      const auto at = server.technologies().find(name);
      if (at == server.technologies().end() || at->second != checksum) {
        return {StatusCode::FAILED_PRECONDITION,
                fmt::format("its technology '{}' is another one", name)};
      }
    }
    return Status::OK;
  }

  bool send(WorkMessage::Kind kind, std::uint64_t task, const std::string& bytes) {
    v1::WorkMessage message;
    message.set_message(to_bytes({kind, task, {AnswerKind::kBytes, bytes}}));
    return stream_->Write(message);
  }

  Status end_stream() {
    Status status = std::exchange(refused_, Status());
    if (stream_) {
      status = stream_->Finish();
    }
    stream_.reset();
    stub_.reset();
    return status;
  }

  const LinkOptions options_;
  const std::string token_;
  std::size_t now_ = 0;  // which of the addresses is asked
  std::unique_ptr<v1::Dovetail::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
  std::optional<std::string> told_;  // the job that the server knows
  std::uint64_t tasks_ = 0;
  Status refused_;
};

}  // namespace

void serve_link(int descriptor, const LinkOptions& options) {
  Link link(options);
  serve_stream(descriptor, descriptor, [&](const std::string& job) {
    return [&, job](const std::string& request) { return link.ask(job, request); };
  });
}

std::string describe_server(const LinkOptions& options) {
  const v1::Description server = Link(options).describe();
  return fmt::format(
      "build         {}\nworkers       {} ({} lost)\nup            {:.0f} s\nstreams       {}\n"
      "tasks         {} answered, {} waiting\n"
      "pairs         {} asked, {} of them known ({} were under way for others)\n"
      "requests      {}\n",
      server.build(), server.workers(), server.workers_lost(), server.seconds(), server.streams(),
      server.tasks(), server.waiting(), server.pairs(), server.pairs_known(), server.pairs_shared(),
      server.requests());
}

}  // namespace dovetail

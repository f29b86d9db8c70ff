#include "nas/remote/server.h"

#include <fmt/core.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <nas/remote/service.grpc.pb.h>
#include "base/process/service_link.h"
#include "base/process/task_broker.h"
#include "base/process/work_message.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/simulation/answer_cache.h"
#include "nas/remote/technologies.h"
#include "nas/service/evaluation_service.h"

namespace dovetail {
namespace {

using grpc::Status;
using grpc::StatusCode;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr int kMostLines = 1024;     // of one message of Evaluate
constexpr int kKeepaliveMs = 20000;  // a client that is gone leaves its place
constexpr int kMinPingMs = 10000;    // clients ask less often whether this machine is there
constexpr auto kClosing = std::chrono::seconds(2);

/// Equal, in a time that does not depend on where they differ.
bool same_secret(const std::string& a, grpc::string_ref b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ (i < b.size() ? b.data()[i] : '\0'));
  }
  return difference == 0;
}

std::string metadata(const grpc::ServerContext& context, const std::string& key) {
  const auto at = context.client_metadata().find(key);
  return at == context.client_metadata().end() ? ""
                                               : std::string(at->second.data(), at->second.size());
}

class Service final : public v1::Dovetail::Service {
 public:
  explicit Service(const ServeOptions& options)
      : options_(options),
        token_(options.token_file.empty() ? "" : "Bearer " + read_token(options.token_file)),
        technologies_(technology_checksums()),
        broker_({options.workers, options.task_seconds, start_names_only_worker}),
        cache_(options.cache_mib * kMiB) {}

  Status Describe(grpc::ServerContext* context, const v1::DescribeRequest*,
                  v1::Description* reply) override {
    if (const Status status = admit(*context); !status.ok()) return status;
    const TaskBroker::Counts tasks = broker_.counts();
    const AnswerCache::Counts pairs = cache_.counts();
    reply->set_build(build_description());
    reply->mutable_technologies()->insert(technologies_.begin(), technologies_.end());
    reply->set_workers(static_cast<std::uint32_t>(options_.workers));
    reply->set_seconds(std::chrono::duration<double>(Clock::now() - start_).count());
    reply->set_streams(static_cast<std::uint32_t>(streams_.load()));
    reply->set_tasks(tasks.answered);
    reply->set_waiting(tasks.waiting);
    reply->set_workers_lost(tasks.workers_lost);
    reply->set_pairs(pairs.pairs);
    reply->set_pairs_known(pairs.found);
    reply->set_requests(requests_);
    reply->set_pairs_shared(pairs.shared);
    reply->set_sharing(pairs.waiting);
    reply->set_taken(tasks.taken);
    return Status::OK;
  }

  Status Work(grpc::ServerContext* context,
              grpc::ServerReaderWriter<v1::WorkMessage, v1::WorkMessage>* stream) override {
    const Place place(*this);
    if (const Status status = admit(*context, place); !status.ok()) return status;
    const std::string client = client_of(*context);
    WorkServer server("", [&](const std::string& job) {
      return
          [&, job](const std::string& request) { return bytes_of(answer(client, job, request)); };
    });
    for (v1::WorkMessage in; !server.ended() && stream->Read(&in);) {
      std::optional<WorkMessage> out;
      try {
        const WorkMessage message = work_message(in.message());
        if (message.kind == WorkMessage::Kind::kAnswer) throw RunError("found an answer");
        out = server.handle(message);
      } catch (const std::exception& e) {
        return {StatusCode::INVALID_ARGUMENT, e.what()};
      }
      if (closing_) return {StatusCode::UNAVAILABLE, "the service is closing"};
      if (!out) continue;
      v1::WorkMessage reply;
      reply.set_message(to_bytes(*out));
      if (!stream->Write(reply)) break;
    }
    return Status::OK;
  }

  Status Evaluate(grpc::ServerContext* context,
                  grpc::ServerReaderWriter<v1::EvaluateLines, v1::EvaluateLines>* stream) override {
    const Place place(*this);
    if (const Status status = admit(*context, place); !status.ok()) return status;
    const std::string client = client_of(*context);
    ServiceOptions options;
    options.workers = options_.workers;
    options.names_only = true;
    options.kept_mib = 0;  // all that is kept, for whichever client, is in the one cache
    options.run = [&](const Tasks& tasks) { return run(client, tasks); };
    EvaluationService service(std::move(options));
    std::uint64_t line = 1;
    for (v1::EvaluateLines in; stream->Read(&in);) {
      if (in.lines_size() > kMostLines) {
        return {StatusCode::INVALID_ARGUMENT, fmt::format("found {} lines in a message, allowed {}",
                                                          in.lines_size(), kMostLines)};
      }
      const std::vector<std::string> lines(in.lines().begin(), in.lines().end());
      v1::EvaluateLines reply;
      try {
        for (std::string& text :
             service.answer(lines, line, [&] { return !context->IsCancelled(); })) {
          reply.add_lines(std::move(text));
        }
      } catch (const std::exception& e) {
        return {StatusCode::INTERNAL, e.what()};
      }
      line += lines.size();
      requests_ += lines.size();
      if (closing_) return {StatusCode::UNAVAILABLE, "the service is closing"};
      if (!stream->Write(reply)) break;
    }
    return Status::OK;
  }

  /// Streams end; their clients may ask elsewhere, or here again.
  void close() {
    closing_ = true;
    broker_.close();
  }

 private:
  /// One of the streams that may be open at a time.
  class Place {
   public:
    explicit Place(Service& service) : service_(service), number_(++service.streams_) {}
    ~Place() { --service_.streams_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool free() const { return number_ <= service_.options_.most_streams; }

   private:
    Service& service_;
    int number_;
  };

  Status admit(const grpc::ServerContext& context) const {
    if (token_.empty()) return Status::OK;
    const auto given = context.client_metadata().find("authorization");
    if (given != context.client_metadata().end() && same_secret(token_, given->second)) {
      return Status::OK;
    }
    return {StatusCode::UNAUTHENTICATED, "found no token that is this server's"};
  }

  Status admit(const grpc::ServerContext& context, const Place& place) const {
    if (const Status status = admit(context); !status.ok()) return status;
    if (place.free()) return Status::OK;
    return {StatusCode::UNAVAILABLE,
            fmt::format("{} streams are open, which is the most allowed", options_.most_streams)};
  }

  /// Who is served in turn: a client that says its name, whatever the number of its streams.
  static std::string client_of(const grpc::ServerContext& context) {
    return context.peer().substr(0, context.peer().rfind(':')) + ' ' +
           metadata(context, "dovetail-client");
  }

  Answer answer(const std::string& client, const std::string& job, const std::string& request) {
    return cache_.answer(job, request, [&](const std::string& unknown) {
      return broker_.answer(client, job, unknown);
    });
  }

  /// A TaskRunner: several tasks of a client at a time, as many as there are workers.
  std::uint64_t run(const std::string& client, const Tasks& tasks) {
    std::uint64_t delivered = 0;
    while (delivered < tasks.count && (!tasks.keep_going || tasks.keep_going())) {
      const std::uint64_t together = std::min<std::uint64_t>(
          tasks.count - delivered, static_cast<std::uint64_t>(options_.workers));
      std::vector<Answer> answers(together);
      std::vector<std::string> requests;
      for (std::uint64_t i = 0; i < together; ++i) requests.push_back(tasks.request(delivered + i));
      std::vector<std::thread> threads;
      for (std::uint64_t i = 0; i < together; ++i) {
        threads.emplace_back([&, i] {
          answers[i] = answer_each(requests[i], [&](const std::string& request) {
            return answer(client, tasks.job, request);
          });
        });
      }
      for (std::thread& thread : threads) thread.join();
      for (const Answer& found : answers) tasks.deliver(delivered++, bytes_of(found));
    }
    return delivered;
  }

  const ServeOptions options_;
  const std::string token_;  // as clients send it
  const std::map<std::string, std::string> technologies_;
  const Clock::time_point start_ = Clock::now();
  TaskBroker broker_;
  AnswerCache cache_;
  std::atomic<bool> closing_ = false;
  std::atomic<int> streams_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace

void serve_clients(const ServeOptions& options,
                   const std::function<void(const std::string&)>& listening,
                   const std::function<bool()>& stopped) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  Service service(options);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  builder.SetMaxReceiveMessageSize(options.most_message_mib * static_cast<int>(kMiB));
  builder.SetMaxSendMessageSize(-1);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    throw InputError(fmt::format(
        "serve: cannot listen at '{}': it is in use, may not be used, or is no address of "
        "this machine",
        options.listen));
  }
  listening(options.listen.substr(0, options.listen.rfind(':')) + ':' + std::to_string(port));
  while (!stopped()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  service.close();
  server->Shutdown(std::chrono::system_clock::now() + kClosing);
}

}  // namespace dovetail

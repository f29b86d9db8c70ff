#include "base/process/service_link.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/process/progress.h"
#include "base/process/start_program.h"
#include "base/process/worker_pool.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

constexpr const char* kProgram = "dovetail_service";
constexpr const char* kTokenVariable = "DOVETAIL_SERVICE_TOKEN_FILE";
constexpr const char* kTimeoutVariable = "DOVETAIL_SERVICE_TIMEOUT_S";
constexpr double kLongestTimeoutS = 1e6;

/// HOST:PORT with a port from `least` on.
bool is_host_and_port(const std::string& text, int least) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + colon + 1, end, port);
  return error == std::errc() && read == end && port >= least && port <= 65535 &&
         text.find_first_of(" /\t\n") == std::string::npos;
}

bool is_address(const std::string& text) {
  return is_host_and_port(text, 1);
}

/// Servers that are gone end the work as Ctrl-C does: what was found is kept.
std::uint64_t run_while_there(WorkerPool& links, const Tasks& tasks) {
  if (!tasks.keep_going) return links.run(tasks);  // it must not end early
  std::uint64_t delivered = 0;
  Tasks counted = tasks;
  counted.deliver = [&](std::uint64_t task, const std::string& answer) {
    tasks.deliver(task, answer);
    ++delivered;
  };
  try {
    return links.run(counted);
  } catch (const GoneError& e) {
    request_stop(e.what());
    return delivered;
  }
}

/// How long servers that are gone are waited for.
double timeout_s() {
  const char* text = std::getenv(kTimeoutVariable);
  if (text == nullptr) return ServiceSettings().timeout_s;
  const std::optional<double> seconds = decimal_number(text);
  if (seconds && *seconds >= 0 && *seconds <= kLongestTimeoutS) return *seconds;
  throw InputError(fmt::format("${}: found '{}', allowed 0 to {:g} seconds", kTimeoutVariable, text,
                               kLongestTimeoutS));
}

}  // namespace

bool is_listen_address(const std::string& text) {
  return is_host_and_port(text, 0);
}

bool is_service(const std::string& text) {
  return std::ranges::all_of(split(text, ','), is_address);
}

std::string service_refusal(const std::string& text) {
  return fmt::format("found '{}', allowed HOST:PORT, or several separated by commas", text);
}

ServiceSettings read_service(const std::string& text) {
  if (!is_service(text)) throw InputError("service: " + service_refusal(text));
  ServiceSettings settings;
  settings.addresses = split(text, ',');
  settings.timeout_s = timeout_s();
  if (const char* file = std::getenv(kTokenVariable)) settings.token_file = file;
  return settings;
}

std::string read_token(const std::string& file) {
  std::string token = read_file(file);
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool printable = token.find_first_not_of(
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "-._~+/=") == std::string::npos;
  if (token.size() >= 16 && printable) return token;
  throw InputError(
      fmt::format("{}: found no token, allowed one line of at least 16 letters, "
                  "digits and -._~+/=",
                  file));
}

fs::path service_program() {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / kProgram;
  const fs::path program = ::access(beside.c_str(), X_OK) == 0 ? beside : DOVETAIL_SERVICE;
  if (::access(program.c_str(), X_OK) == 0) return program;
  throw InputError(fmt::format(
      "service: this build has none ({} is missing); install libgrpc++-dev and "
      "protobuf-compiler-grpc, then configure and build again (with DOVETAIL_SERVICE not OFF)",
      kProgram));
}

TaskRunner run_at_service(const ServiceSettings& settings, int streams) {
  const std::string program = service_program();
  if (!settings.token_file.empty()) read_token(settings.token_file);  // now, and not in each link
  // One client to the servers, whatever the number of its streams.
  const std::string client = fmt::format("{}-{}", ::getpid(), std::time(nullptr));
  auto next = std::make_shared<std::size_t>(0);
  const auto start = [settings, program, client, next](int socket) {
    // Each begins at another server, and goes on to the next if that one is gone.
    std::vector<std::string> addresses = settings.addresses;
    const auto first = static_cast<std::ptrdiff_t>((*next)++ % addresses.size());
    std::rotate(addresses.begin(), addresses.begin() + first, addresses.end());
    return start_program(program,
                         {kProgram, "link", join(addresses, ","), client,
                          fmt::format("{}", settings.timeout_s), settings.token_file.string()},
                         socket);
  };
  const auto pool = std::make_shared<WorkerPool>(streams, start);
  return [pool](const Tasks& tasks) { return run_while_there(*pool, tasks); };
}

}  // namespace dovetail

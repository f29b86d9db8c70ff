#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/process/service_link.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "nas/remote/service_options.h"

namespace dovetail {
namespace {

struct ServeArguments {
  ServeOptions options;
  bool any_address = false;
  std::string describe;
};

bool is_loopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  const bool is_number = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || (is_number && host.starts_with("127.")) || host == "[::1]";
}

void require_guarded(const ServeArguments& arguments) {
  const ServeOptions& options = arguments.options;
  if (!is_listen_address(options.listen)) {
    throw InputError(fmt::format("--listen: found '{}', allowed HOST:PORT", options.listen));
  }
  if (is_loopback(options.listen)) return;
  if (arguments.any_address && !options.token_file.empty()) return;
  throw InputError(fmt::format(
      "--listen: found '{}', which other machines can reach; allowed with --any-address and "
      "--token-file",
      options.listen));
}

/// This process becomes the program that serves: gRPC is loaded there and nowhere else.
[[noreturn]] void become(std::vector<std::string> words) {
  const std::filesystem::path program = service_program();
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  ::setenv("DOVETAIL_PROGRAM", self.c_str(), /*overwrite=*/1);  // whose workers it starts
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  throw RunError(fmt::format("cannot start {}: {}", program.string(), std::strerror(errno)));
}

void serve(const ServeArguments& arguments) {
  const std::string& token_file = arguments.options.token_file;
  if (!arguments.describe.empty()) {
    ServiceSettings settings = read_service(arguments.describe);
    if (settings.addresses.size() > 1) {
      throw InputError("--describe: found several servers, allowed one");
    }
    if (!token_file.empty()) settings.token_file = token_file;
    become({"dovetail_service", "describe", settings.addresses.front(), "describe", "10",
            settings.token_file.string()});
  }
  require_guarded(arguments);
  become({"dovetail_service", "serve", to_text(arguments.options)});
}

}  // namespace

void add_serve_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "serve", "Simulation as a service: answer commands with --service and gRPC clients");
  auto arguments = std::make_shared<ServeArguments>();
  ServeOptions& options = arguments->options;
  options.workers = available_processors();
  command->add_option("--listen", options.listen, "HOST:PORT; port 0: any that is free")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", options.workers,
                   "Processes that simulate (default: one a processor)")
      ->check(CLI::Range(1, 4096));
  command->add_option("--token-file", options.token_file,
                      "File with a token that clients must know (their "
                      "$DOVETAIL_SERVICE_TOKEN_FILE)");
  command->add_flag("--any-address", arguments->any_address,
                    "Listen where other machines can reach it; needs --token-file");
  command
      ->add_option("--max-streams", options.most_streams,
                   "Open at a time; a client has one for each of its --workers")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("--max-message-mib", options.most_message_mib, "Of a message from a client")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--task-seconds", options.task_seconds,
                   "A request that takes longer is ended and answered with an error")
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  command->add_option("--cache-mib", options.cache_mib, "Of answers that are kept for all clients")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  command->add_option("--describe", arguments->describe,
                      "Instead of serving: what the server at HOST:PORT is and has done");
  command->footer(
      "Prints 'listening at HOST:PORT' once clients can come; Ctrl-C ends it. Clients ask with\n"
      "--service or 'cost: {service: HOST:PORT}' of a study, or as docs/howto_service.md says.");
  command->callback([arguments] { serve(*arguments); });
}

}  // namespace dovetail

// dovetail_service: what loads gRPC. `dovetail serve` and run_at_service() start it; people do not.

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/text/error.h"
#include "base/text/message_text.h"
#include "base/text/text.h"
#include "nas/remote/link.h"
#include "nas/remote/server.h"

namespace dovetail {
namespace {

constexpr int kRunFailed = 1, kInputError = 2;  // exit codes, as of dovetail itself

void run(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "serve") {
    allow_names_only();
    const auto say = [](const std::string& address) {
      fmt::print("listening at {}\n", address);
      std::fflush(stdout);
    };
    return serve_clients(serve_options(words[1]), say, stop_requested);
  }
  if (words.size() == 5 && (words[0] == "link" || words[0] == "describe")) {
    const LinkOptions options{split(words[1], ','), words[2], std::atof(words[3].c_str()),
                              words[4]};
    if (words[0] == "link") return serve_link(STDIN_FILENO, options);
    fmt::print("{}", describe_server(options));
    return;
  }
  throw InputError(
      "dovetail_service is started by 'dovetail serve' and by commands with --service");
}

}  // namespace
}  // namespace dovetail

int main(int argc, char** argv) {
  using namespace dovetail;
  try {
    install_stop_handler();
    ::setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // what goes wrong is said by us
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "dovetail: {}\n", message_text(e.what()));
    return dynamic_cast<const InputError*>(&e) != nullptr ? kInputError : kRunFailed;
  }
}

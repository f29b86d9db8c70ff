#include "nas/remote/service_options.h"

#include <nlohmann/json.hpp>

#include "base/text/error.h"

namespace dovetail {

std::string to_text(const ServeOptions& options) {
  return nlohmann::json{{"listen", options.listen},
                        {"token_file", options.token_file},
                        {"workers", options.workers},
                        {"most_streams", options.most_streams},
                        {"most_message_mib", options.most_message_mib},
                        {"task_seconds", options.task_seconds},
                        {"cache_mib", options.cache_mib}}
      .dump();
}

ServeOptions serve_options(const std::string& text) {
  try {
    const auto node = nlohmann::json::parse(text);
    return {node.at("listen"),       node.at("token_file"),       node.at("workers"),
            node.at("most_streams"), node.at("most_message_mib"), node.at("task_seconds"),
            node.at("cache_mib")};
  } catch (const nlohmann::json::exception& e) {
    throw InputError(std::string("serve: ") + e.what());
  }
}

}  // namespace dovetail

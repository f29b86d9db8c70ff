#include "cost/simulation/job_content.h"

#include <nlohmann/json.hpp>

#include "base/text/nesting.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr int kMostNesting = 64;

std::string text_of(const json& node) {
  return node.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The file is where mistakes of a space are said to be, which no costs depend on.
void forget_file(json& network) {
  if (!network.is_object()) return;
  const auto space = network.find("space");
  if (space != network.end() && space->is_object()) space->erase("file");
}

}  // namespace

JobContent content_of_job(const std::string& job) {
  if (is_nested_deeper(job, kMostNesting)) return {job, {}};
  json node = json::parse(job, nullptr, /*allow_exceptions=*/false);
  if (!node.is_object()) return {job, {}};
  node.erase("purpose");
  JobContent content;
  const auto networks = node.find("networks");
  if (networks != node.end() && networks->is_array()) {
    for (json& network : *networks) {
      forget_file(network);
      content.networks.push_back(text_of(network));
    }
    node.erase(networks);
  } else if (networks != node.end()) {
    forget_file(*networks);
  }
  content.common = text_of(node);
  return content;
}

}  // namespace dovetail

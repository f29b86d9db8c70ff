#include "sim/exchange/torch_files.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/text/error.h"
#include "models/network/layers/network_json.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScript = "dovetail_torch.py";

}  // namespace

std::string network_layers_json(const Network& network) {
  nlohmann::ordered_json file = {{"schema", "dovetail.network_layers/1"}};
  const auto layers = nlohmann::ordered_json::parse(to_json_text(network));
  for (const char* key : {"name", "input"}) file[key] = layers.at(key);
  std::string text = file.dump(1);
  text.resize(text.size() -
              2);  // without the end of the line and the brace: a layer a line follows
  text += ",\n \"layers\": [";
  const char* separator = "\n  ";
  for (const auto& layer : layers.at("layers")) {
    text += separator + layer.dump();
    separator = ",\n  ";
  }
  return text + "\n ]\n}\n";
}

std::vector<fs::path> write_torch_files(const Network& network, const fs::path& folder) {
  const fs::path script = program_folder() / "python" / kScript;
  if (!fs::is_regular_file(script)) {
    throw RunError(fmt::format("{}: no such file; it comes with the program", script.string()));
  }
  require_writable_folder(folder);
  const std::vector<fs::path> files = {folder / "network.json", folder / kScript};
  for (const fs::path& file : files) require_no_input(file);
  write_file_atomically(files[0], network_layers_json(network));
  write_file_atomically(files[1], read_file(script));
  return files;
}

}  // namespace dovetail

#include "models/training/supernet/supernet_job.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kSchema = "dovetail.supernet_job/1";

}  // namespace

std::string SupernetJob::to_json_text() const {
  json document = {{"schema", kSchema},
                   {"data", data.string()},
                   {"device", device},
                   {"recalibration", recalibration}};
  json& recipe_json = document["recipe"] = json::object();
  for (const RecipeParameter& parameter : recipe_parameters()) {
    recipe_json[parameter.key] = parameter.text_of(recipe);
  }
  document["space_name"] = space_name;
  document["space"] = space;
  return document.dump(1) + "\n";
}

SupernetJob SupernetJob::load(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  try {
    const json document = json::parse(text);
    if (document.at("schema") != kSchema) throw InputError(fmt::format("allowed {}", kSchema));
    SupernetJob job;
    job.data = document.at("data").get<std::string>();
    document.at("device").get_to(job.device);
    document.at("recalibration").get_to(job.recalibration);
    for (const RecipeParameter& parameter : recipe_parameters()) {
      parameter.set_text(job.recipe, document.at("recipe").at(parameter.key));
    }
    document.at("space_name").get_to(job.space_name);
    document.at("space").get_to(job.space);
    return job;
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", file.string(), e.what()));
  } catch (const json::exception& e) {
    throw InputError(fmt::format("{}: {}", file.string(), json_fault(e)));
  }
}

SupernetFiles SupernetFiles::in(const std::filesystem::path& folder) {
  return {folder / "supernet.json", folder / "supernet.safetensors"};
}

}  // namespace dovetail

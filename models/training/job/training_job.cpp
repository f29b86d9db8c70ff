#include "models/training/job/training_job.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "models/network/layers/network_json.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

constexpr const char *kJobSchema = "dovetail.training_job/1",
                     *kResultSchema = "dovetail.training_result/1";

json record_json(const EpochRecord& record) {
  return {record.epoch, record.train_loss, record.validation_loss, record.validation_percent};
}

json stop_json(const CurveStop& stop) {
  json text = {{"best_percent", stop.best_percent}};
  json& forecasts = text["forecasts"] = json::array();
  for (const CurveForecast& forecast : stop.forecasts) {
    forecasts.push_back({{"intercept", forecast.intercept},
                         {"weights", forecast.weights},
                         {"sigma", forecast.sigma}});
  }
  for (const Rung& rung : stop.rungs) {
    text["rungs"].push_back({{"epoch", rung.epoch}, {"least_percent", rung.least_percent}});
  }
  return text;
}

CurveStop stop_of(const json& text) {
  CurveStop stop;
  text.at("best_percent").get_to(stop.best_percent);
  for (const json& row : text.at("forecasts")) {
    CurveForecast forecast;
    row.at("intercept").get_to(forecast.intercept);
    row.at("weights").get_to(forecast.weights);
    row.at("sigma").get_to(forecast.sigma);
    stop.forecasts.push_back(std::move(forecast));
    // That after the first epoch, which has one weight, comes first.
    if (stop.forecasts.back().weights.size() == stop.forecasts.size()) continue;
    throw InputError("curve_stop: allowed is one weight an epoch");
  }
  for (const json& row : text.value("rungs", json::array())) {
    stop.rungs.push_back({row.at("epoch").get<int>(), row.at("least_percent").get<double>()});
  }
  return stop;
}

/// Calls read(document); what is wrong becomes an InputError naming the file.
template <typename Read>
auto read_document(const std::filesystem::path& file, const char* schema, const Read& read) {
  const std::string text = read_file(file);
  try {
    const json document = json::parse(text);
    if (document.at("schema") != schema) throw InputError(fmt::format("allowed {}", schema));
    return read(document);
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", file.string(), e.what()));
  } catch (const json::exception& e) {
    throw InputError(fmt::format("{}: {}", file.string(), json_fault(e)));
  }
}

}  // namespace

std::string TrainingJob::to_json_text() const {
  json document = {{"schema", kJobSchema},
                   {"data", data.string()},
                   {"report_test", report_test},
                   {"device", device}};
  json& recipe_json = document["recipe"] = json::object();
  for (const RecipeParameter& parameter : recipe_parameters()) {
    recipe_json[parameter.key] = parameter.text_of(recipe);
  }
  if (curve_stop) document["curve_stop"] = stop_json(*curve_stop);
  document["network"] = json::parse(dovetail::to_json_text(network));
  return document.dump(1) + "\n";
}

TrainingJob TrainingJob::load(const std::filesystem::path& file) {
  return read_document(file, kJobSchema, [](const json& document) {
    TrainingJob job;
    job.data = document.at("data").get<std::string>();
    document.at("report_test").get_to(job.report_test);
    document.at("device").get_to(job.device);
    for (const RecipeParameter& parameter : recipe_parameters()) {
      parameter.set_text(job.recipe, document.at("recipe").at(parameter.key));
    }
    if (document.contains("curve_stop")) job.curve_stop = stop_of(document.at("curve_stop"));
    job.network = network_from_json_text(document.at("network").dump());
    return job;
  });
}

std::string TrainingResult::to_json_text() const {
  json document = {{"schema", kResultSchema},
                   {"validation_percent", validation_percent()},
                   {"test_loss", test_loss},
                   {"test_percent", test_percent},
                   {"engine", engine}};
  json& rows = document["curve"] = json::array();
  for (const EpochRecord& record : curve) rows.push_back(record_json(record));
  return document.dump(1) + "\n";
}

std::string curve_text(const std::vector<EpochRecord>& curve) {
  std::string text;
  for (const EpochRecord& r : curve) {
    text += fmt::format("{} {} {} {}\n", r.epoch, format_number(r.train_loss),
                        format_number(r.validation_loss), format_number(r.validation_percent));
  }
  return text;
}

std::vector<EpochRecord> curve_of(const std::string& text) {
  std::vector<EpochRecord> curve;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() != 4) throw InputError("the checkpoint has no curve");
    curve.push_back(
        {std::stoul(words[0]), std::stod(words[1]), std::stod(words[2]), std::stod(words[3])});
  }
  return curve;
}

TrainingResult TrainingResult::load(const std::filesystem::path& file) {
  return read_document(file, kResultSchema, [](const json& document) {
    TrainingResult result;
    document.at("test_loss").get_to(result.test_loss);
    document.at("test_percent").get_to(result.test_percent);
    document.at("engine").get_to(result.engine);
    for (const json& row : document.at("curve")) {
      result.curve.push_back({row.at(0), row.at(1), row.at(2), row.at(3)});
    }
    return result;
  });
}

JobFiles JobFiles::in(const std::filesystem::path& folder) {
  return {folder / "job.json",
          folder / "progress.txt",
          folder / "checkpoint.safetensors",
          folder / "weights.safetensors",
          folder / "result.json",
          folder / "seconds.txt"};
}

}  // namespace dovetail

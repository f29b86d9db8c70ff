#include "nas/experiments/cost_models/cost_model_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/numbers/samples.h"
#include "base/numbers/spread_text.h"
#include "base/text/csv.h"
#include "base/text/table.h"

namespace dovetail {
namespace {

using Samples = std::vector<double>;

/// Of one model.
struct ModelSamples {
  std::string model;
  Samples simulated, seconds, hypervolume, latency_error_percent;
};

std::vector<ModelSamples> by_model(const std::vector<CostModelSearch>& searches) {
  std::vector<ModelSamples> models;
  for (const CostModelSearch& search : searches) {
    if (models.empty() || models.back().model != search.model) {
      models.emplace_back().model = search.model;
    }
    ModelSamples& of = models.back();
    of.simulated.push_back(static_cast<double>(search.simulated));
    of.seconds.push_back(search.seconds);
    of.hypervolume.push_back(search.hypervolume);
    if (search.latency_error_percent) {
      of.latency_error_percent.push_back(*search.latency_error_percent);
    }
  }
  return models;
}

}  // namespace

std::string cost_models_csv(const std::vector<CostModelSearch>& searches) {
  CsvWriter csv("dovetail.cost_models/1");
  csv.header({{"model"},
              {"seed"},
              {"asked"},
              {"simulated"},
              {"seconds", "s"},
              {"hypervolume"},
              {"latency_error_percent", "%"}});
  for (const CostModelSearch& search : searches) {
    csv.row(search.model, search.seed, search.asked, search.simulated, search.seconds,
            search.hypervolume, search.latency_error_percent);
  }
  return csv.text();
}

std::string cost_models_text(const std::vector<CostModelSearch>& searches) {
  const std::vector<ModelSamples> models = by_model(searches);
  double simulation_seconds = 0, best = 0;
  for (const ModelSamples& model : models) {
    if (model.model == "simulation") simulation_seconds = Spread::of(model.seconds).mean;
    best = std::max(best, *std::max_element(model.hypervolume.begin(), model.hypervolume.end()));
  }
  Table table({{"cost model", Table::Align::kLeft},
               {"pairs simulated"},
               {"seconds"},
               {"speedup"},
               {"latency error [%]"},
               {"hypervolume, % of the best"}});
  for (const ModelSamples& model : models) {
    Samples share;
    for (const double volume : model.hypervolume) {
      share.push_back(best > 0 ? 100 * volume / best : 0);
    }
    const double seconds = Spread::of(model.seconds).mean;
    table.add_row(
        {model.model, fmt::format("{:.0f}", Spread::of(model.simulated).mean),
         mean_and_deviation(model.seconds, 1),
         simulation_seconds > 0 ? fmt::format("{:.1f}", simulation_seconds / seconds) : "-",
         mean_and_deviation(model.latency_error_percent, 2), mean_and_deviation(share, 2)});
  }
  return "Means +- deviations over the seeds. Latency error: of what a search on predictions "
         "proposed;\nhypervolume: of the simulated front, beside the best of all searches here\n" +
         table.str();
}

}  // namespace dovetail

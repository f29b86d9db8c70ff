#include "nas/experiments/claims/claims_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/numbers/spread_text.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using enum ClaimsVariant;
using Samples = std::vector<double>;  // one a search

std::vector<double> targets_of(const ClaimsResults& results) {
  std::vector<double> targets;
  for (const ClaimsSearch& search : results.searches) {
    if (targets.empty() || targets.back() != search.target_ms) targets.push_back(search.target_ms);
  }
  return targets;
}

/// Searches of one variant, by target and seed.
std::vector<const ClaimsSearch*> searches_of(const ClaimsResults& results, ClaimsVariant variant) {
  std::vector<const ClaimsSearch*> found;
  for (const ClaimsSearch& search : results.searches) {
    if (search.variant == variant) found.push_back(&search);
  }
  return found;
}

/// Best designs of one variant for one target.
std::vector<ClaimsDesign> designs_of(const ClaimsResults& results, ClaimsVariant variant,
                                     double target_ms) {
  std::vector<ClaimsDesign> designs;
  for (const ClaimsSearch* search : searches_of(results, variant)) {
    if (search->target_ms == target_ms && search->best) designs.push_back(*search->best);
  }
  return designs;
}

Samples each(const std::vector<ClaimsDesign>& designs,
             const std::function<double(const ClaimsDesign&)>& figure) {
  Samples samples;
  for (const ClaimsDesign& design : designs) samples.push_back(figure(design));
  return samples;
}

/// Target by target and seed by seed: how much higher the first of two variants is in accuracy.
Samples top1_gain(const ClaimsResults& results, ClaimsVariant one, ClaimsVariant other) {
  const auto a = searches_of(results, one), b = searches_of(results, other);
  Samples gain;
  for (std::size_t s = 0; s < a.size(); ++s) {
    if (a[s]->best && b[s]->best) {
      gain.push_back(a[s]->best->top1_percent - b[s]->best->top1_percent);
    }
  }
  return gain;
}

Samples latency_cut(const ClaimsResults& results) {
  const auto joint = searches_of(results, kJoint), fixed = searches_of(results, kFixedHardware);
  Samples cut;
  for (std::size_t s = 0; s < joint.size(); ++s) {
    const auto& latency_ms = joint[s]->latency_at_fixed_top1_ms;
    if (latency_ms && fixed[s]->best) {
      cut.push_back(100 * (1 - *latency_ms / fixed[s]->best->latency_ms));
    }
  }
  return cut;
}

std::string accuracies_text(const ClaimsResults& results) {
  const std::vector<double> targets = targets_of(results);
  std::vector<Table::Column> columns{{"top-1 [%]", Table::Align::kLeft}};
  for (const double target : targets) columns.push_back({format_number(target) + " ms"});
  columns.push_back({"miss latency"});
  columns.push_back({"miss area"});
  Table table(columns);
  for (const ClaimsVariantInfo& info : claims_variants()) {
    std::vector<std::string> cells{info.title};
    for (const double target : targets) {
      cells.push_back(mean_and_deviation(each(designs_of(results, info.variant, target),
                                              [](const ClaimsDesign& d) { return d.top1_percent; }),
                                         2));
    }
    const auto searches = searches_of(results, info.variant);
    const auto count = [&](bool ClaimsSearch::*misses) {
      return std::count_if(searches.begin(), searches.end(),
                           [&](const ClaimsSearch* search) { return search->*misses; });
    };
    cells.push_back(fmt::format("{} of {}", count(&ClaimsSearch::misses_latency), searches.size()));
    cells.push_back(fmt::format("{} of {}", count(&ClaimsSearch::misses_area), searches.size()));
    table.add_row(std::move(cells));
  }
  return "Best candidate within target and the baseline's area, mean +- deviation over the seeds "
         "(-: none has one);\nhow many answers, the highest reward of a search, miss target or "
         "area\n" +
         table.str();
}

std::string comparisons_text(const ClaimsResults& results) {
  using enum Table::Align;
  Table table({{"claim", kLeft}, {"here", kRight}, {"NAHAS", kLeft}});
  const auto gain = [&](const char* claim, ClaimsVariant a, ClaimsVariant b, const char* paper) {
    table.add_row({claim, mean_and_deviation(top1_gain(results, a, b), 2), paper});
  };
  gain("joint over fixed hardware [points of top-1]", kJoint, kFixedHardware, "0.5 to 1");
  table.add_row({"latency cut of joint at the top-1 of fixed hardware [%]",
                 mean_and_deviation(latency_cut(results), 1), "about 20"});
  gain("joint over phase", kJoint, kPhase, "above 0: \"much worse\"");
  gain("joint over phase with twice the samples", kJoint, kPhaseTwice, "smaller");
  gain("joint over phase with the area a limit", kJoint, kPhaseLimited, "");
  gain("joint over phase by the soft reward", kJoint, kPhaseSoft, "above 0");
  gain("joint over three cycles", kJoint, kPhaseCycles, "");
  gain("joint over two-stage", kJoint, kTwoStage, "");
  gain("joint over joint with the area a limit", kJoint, kJointLimited,
       "above 0: samples beyond the area help");
  return "Points of top-1, mean +- deviation over targets and seeds where both have a design\n" +
         table.str();
}

/// The most frequent value of a parameter, the first one of equals.
std::string most_frequent(const std::vector<ClaimsDesign>& designs, std::size_t parameter) {
  std::map<std::string, int> counts;
  for (const ClaimsDesign& design : designs) ++counts[design.hardware[parameter]];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->first;
}

/// Share of the parameters in which two designs differ, for all pairs of one group and another.
Samples differences(const std::vector<ClaimsDesign>& some, const std::vector<ClaimsDesign>& others,
                    bool same_group) {
  Samples shares;
  for (std::size_t i = 0; i < some.size(); ++i) {
    for (std::size_t j = same_group ? i + 1 : 0; j < others.size(); ++j) {
      double differing = 0;
      for (std::size_t p = 0; p < some[i].hardware.size(); ++p) {
        differing += some[i].hardware[p] != others[j].hardware[p] ? 1 : 0;
      }
      shares.push_back(100 * differing / static_cast<double>(some[i].hardware.size()));
    }
  }
  return shares;
}

std::string difference_text(const ClaimsResults& results) {
  const std::vector<double> targets = targets_of(results);
  Samples within, between;
  for (std::size_t a = 0; a < targets.size(); ++a) {
    for (std::size_t b = a; b < targets.size(); ++b) {
      Samples& all = a == b ? within : between;
      const Samples more = differences(designs_of(results, kJoint, targets[a]),
                                       designs_of(results, kJoint, targets[b]), a == b);
      all.insert(all.end(), more.begin(), more.end());
    }
  }
  return fmt::format(
      "Parameters in which two of them differ: {} % between seeds of a target, {} % between "
      "targets\n",
      mean_and_deviation(within, 0), mean_and_deviation(between, 0));
}

std::string hardware_text(const ClaimsResults& results) {
  std::vector<Table::Column> columns{
      {"target [ms]"}, {"area / baseline"}, {"peak [TOPS]"}, {"memory [MiB]"}, {"MiB per TOPS"}};
  for (const std::string& parameter : results.parameters) columns.push_back({parameter});
  Table table(columns);
  for (const double target : targets_of(results)) {
    const std::vector<ClaimsDesign> designs = designs_of(results, kJoint, target);
    if (designs.empty()) continue;
    const auto cell = [&](auto figure, int digits) {
      return mean_and_deviation(each(designs, figure), digits);
    };
    std::vector<std::string> cells{
        format_number(target),
        cell([&](const ClaimsDesign& d) { return d.area_mm2 / results.baseline_area_mm2; }, 2),
        cell([](const ClaimsDesign& d) { return d.peak_tops; }, 1),
        cell([](const ClaimsDesign& d) { return d.local_memory_mib; }, 1),
        cell([](const ClaimsDesign& d) { return d.memory_per_compute(); }, 2)};
    for (std::size_t p = 0; p < results.parameters.size(); ++p) {
      cells.push_back(most_frequent(designs, p));
    }
    table.add_row(std::move(cells));
  }
  return "Hardware of the best designs of joint search; of the parameters the most frequent "
         "value\n" +
         table.str() + difference_text(results);
}

std::string published_text(const ClaimsResults& results) {
  using enum Table::Align;
  Table table({{"published network on the baseline", kLeft}, {"top-1 [%]"}, {"latency [ms]"}});
  for (const ClaimsNetwork& network : results.published) {
    table.add_row({network.name,
                   network.top1_percent ? fmt::format("{:.1f}", *network.top1_percent) : "-",
                   network.latency_ms ? fmt::format("{:.3f}", *network.latency_ms) : "-"});
  }
  return table.str();
}

}  // namespace

std::string claims_csv(const ClaimsResults& results) {
  CsvWriter csv("dovetail.claims/2");
  std::vector<CsvColumn> columns{{"target_ms", "ms"},
                                 {"variant"},
                                 {"seed"},
                                 {"evaluations"},
                                 {"misses_latency"},
                                 {"misses_area"},
                                 {"latency_at_fixed_top1_ms", "ms"},
                                 {"top1_percent", "%"},
                                 {"latency_ms", "ms"},
                                 {"area_mm2", "mm2"},
                                 {"area_over_baseline"},
                                 {"peak_tops", "TOPS"},
                                 {"local_memory_mib", "MiB"},
                                 {"memory_per_compute", "MiB per TOPS"}};
  for (const std::string& parameter : results.parameters) columns.push_back({parameter});
  csv.header(columns);
  for (const ClaimsSearch& search : results.searches) {
    csv.cell(search.target_ms).cell(claims_variant(search.variant).name).cell(search.seed);
    csv.cell(search.evaluations).cell(search.misses_latency).cell(search.misses_area);
    csv.cell(search.latency_at_fixed_top1_ms);
    if (const auto& best = search.best) {
      csv.cell(best->top1_percent).cell(best->latency_ms).cell(best->area_mm2);
      csv.cell(best->area_mm2 / results.baseline_area_mm2).cell(best->peak_tops);
      csv.cell(best->local_memory_mib).cell(best->memory_per_compute()).cells(best->hardware);
    } else {
      csv.cells(std::vector<std::string>(7 + results.parameters.size()));
    }
    csv.end_row();
  }
  return csv.text();
}

std::string published_networks_csv(const ClaimsResults& results) {
  CsvWriter csv("dovetail.claims_networks/1");
  csv.header({{"network"}, {"top1_percent", "%"}, {"latency_ms", "ms"}});
  for (const ClaimsNetwork& network : results.published) {
    csv.row(network.name, network.top1_percent, network.latency_ms);
  }
  return csv.text();
}

std::string claims_text(const ClaimsResults& results) {
  return accuracies_text(results) + "\n" + comparisons_text(results) + "\n" +
         hardware_text(results) + "\n" + published_text(results);
}

}  // namespace dovetail

#include "nas/experiments/claims/claims_report.h"

#include <fmt/core.h>

#include "base/numbers/samples.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

/// One figure a seed.
using Samples = std::vector<double>;

/// Mean and sample standard deviation.
std::string spread_text(const Samples& values, int digits) {
  if (values.empty()) return "-";
  const Spread spread = Spread::of(values);
  return fmt::format("{:.{}f} +- {:.{}f}", spread.mean, digits, spread.deviation, digits);
}

/// Searches of one target, [variant][seed].
using Target = std::vector<std::vector<ClaimsSearch>>;

std::vector<Target> by_target(const std::vector<ClaimsSearch>& searches) {
  std::vector<Target> targets;
  for (const ClaimsSearch& search : searches) {
    if (targets.empty() || targets.back().front().front().target_ms != search.target_ms) {
      targets.emplace_back();
    }
    Target& target = targets.back();
    if (target.size() <= search.variant) target.emplace_back();
    target.back().push_back(search);
  }
  return targets;
}

Samples top1_of(const std::vector<ClaimsSearch>& searches) {
  Samples spread;
  for (const ClaimsSearch& search : searches) {
    if (search.top1_percent) spread.push_back(*search.top1_percent);
  }
  return spread;
}

/// Seed by seed: how much higher the first of two variants is in accuracy.
Samples top1_gain(const std::vector<ClaimsSearch>& a, const std::vector<ClaimsSearch>& b) {
  Samples gain;
  for (std::size_t s = 0; s < a.size(); ++s) {
    if (a[s].top1_percent && b[s].top1_percent) {
      gain.push_back(*a[s].top1_percent - *b[s].top1_percent);
    }
  }
  return gain;
}

Samples latency_cut(const Target& target) {
  Samples cut;
  for (std::size_t s = 0; s < target[0].size(); ++s) {
    const auto& joint = target[0][s].latency_at_fixed_top1_ms;
    const auto& fixed = target[1][s].latency_ms;
    if (joint && fixed) cut.push_back(100 * (1 - *joint / *fixed));
  }
  return cut;
}

int violations(const std::vector<ClaimsSearch>& searches) {
  int count = 0;
  for (const ClaimsSearch& search : searches) count += search.violates;
  return count;
}

void append(Samples& all, const Samples& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::string claims_csv(const std::vector<ClaimsSearch>& searches) {
  CsvWriter csv("dovetail.claims/1");
  csv.header({{"target_ms", "ms"},
              {"variant"},
              {"seed"},
              {"evaluations"},
              {"top1_percent", "%"},
              {"latency_ms", "ms"},
              {"violates"},
              {"latency_at_fixed_top1_ms", "ms"}});
  for (const ClaimsSearch& search : searches) {
    csv.row(search.target_ms, claims_variants()[search.variant].name, search.seed,
            search.evaluations, search.top1_percent, search.latency_ms, search.violates,
            search.latency_at_fixed_top1_ms);
  }
  return csv.text();
}

std::string claims_text(const std::vector<ClaimsSearch>& searches) {
  std::vector<Table::Column> columns{{"target [ms]"}};
  for (const ClaimsVariant& variant : claims_variants()) columns.push_back({variant.name});
  for (const char* title :
       {"joint - fixed", "latency cut [%]", "joint - phase", "joint - phase 2x", "violating"}) {
    columns.push_back({title});
  }
  Table table(columns);
  Samples gain, cut, phase, phase_2x;
  std::vector<int> violating(claims_variants().size(), 0);
  std::size_t runs = 0;
  for (const Target& target : by_target(searches)) {
    std::vector<std::string> cells{format_number(target[0][0].target_ms)};
    std::vector<std::string> counts;
    for (std::size_t v = 0; v < target.size(); ++v) {
      cells.push_back(spread_text(top1_of(target[v]), 2));
      counts.push_back(std::to_string(violations(target[v])));
      violating[v] += violations(target[v]);
    }
    runs += target[0].size();
    cells.push_back(spread_text(top1_gain(target[0], target[1]), 2));
    cells.push_back(spread_text(latency_cut(target), 1));
    cells.push_back(spread_text(top1_gain(target[0], target[2]), 2));
    cells.push_back(spread_text(top1_gain(target[0], target[3]), 2));
    cells.push_back(join(counts, "/"));
    table.add_row(std::move(cells));
    append(gain, top1_gain(target[0], target[1]));
    append(cut, latency_cut(target));
    append(phase, top1_gain(target[0], target[2]));
    append(phase_2x, top1_gain(target[0], target[3]));
  }
  std::string text =
      "Top-1 [%] of the best candidate within target and area, mean +- deviation over the seeds;\n"
      "violating: answers that miss target or area, of " +
      std::to_string(searches.empty() ? 0 : by_target(searches)[0][0].size()) + " seeds each\n" +
      table.str();
  std::vector<std::string> shares;
  for (std::size_t v = 0; v < violating.size(); ++v) {
    shares.push_back(fmt::format("{} {} of {}", claims_variants()[v].name, violating[v], runs));
  }
  using enum Table::Align;
  Table claims({{"claim", kLeft}, {"here", kLeft}, {"NAHAS", kLeft}});
  claims.add_row({"joint over fixed hardware [points of top-1]", spread_text(gain, 2), "0.5 to 1"});
  claims.add_row({"latency cut at the same top-1 [%]", spread_text(cut, 1), "about 20"});
  claims.add_row({"joint over phase, as many samples [points]", spread_text(phase, 2), "above 0"});
  claims.add_row(
      {"joint over phase, twice its samples [points]", spread_text(phase_2x, 2), "about 0"});
  claims.add_row({"answers that violate", join(shares), "from 3 to 1 in 4 searches"});
  return text + "\n" + claims.str();
}

}  // namespace dovetail

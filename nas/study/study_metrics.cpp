#include "nas/study/study_metrics.h"

#include <algorithm>

namespace dovetail {
namespace {

std::vector<const Figure*> with_those_of_the_set(std::span<const Figure> rows,
                                                 const StudyConfig& config) {
  std::vector<const Figure*> all;
  for (const Figure& figure : rows) all.push_back(&figure);
  for (const Figure* metric : set_metrics(config)) all.push_back(metric);
  return all;
}

}  // namespace

std::vector<const Figure*> used_metrics(const StudyConfig& config) {
  std::vector<const Figure*> used = config.pareto;
  for (const MetricValue& constraint : config.constraints) used.push_back(constraint.metric);
  if (config.reward) {
    for (const RewardTermSettings& term : config.reward->terms) used.push_back(term.target.metric);
  }
  return used;
}

std::vector<const Figure*> set_metrics(const StudyConfig& config) {
  std::vector<const Figure*> of_set;
  if (config.set.empty()) return of_set;
  for (const std::string& key : SetFigure::keys_of(members_of(config.set))) {
    of_set.push_back(&set_metric(key));
  }
  for (const Figure* metric : used_metrics(config)) {
    const bool listed = std::find(of_set.begin(), of_set.end(), metric) != of_set.end();
    if (is_set_key(metric->key) && !listed) of_set.push_back(metric);
  }
  return of_set;
}

std::vector<const Figure*> study_metrics(const StudyConfig& config) {
  return with_those_of_the_set(metrics(), config);
}

std::vector<const Figure*> study_figures(const StudyConfig& config) {
  return with_those_of_the_set(figures(), config);
}

}  // namespace dovetail

#include "nas/experiments/explore/choice_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/digits.h"
#include "base/text/grouped.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/space_bounds.h"
#include "nas/analysis/study_tables.h"
#include "nas/experiments/explore/exploration_file.h"

namespace dovetail {
namespace {

constexpr std::size_t kShown = 15;  // rows of a front in a table
constexpr auto kLeft = Table::Align::kLeft;

std::string value_text(const SetFigure& figure, double value) {
  // Neighbours of a space differ by little.
  return digits_text(value, std::max(figure.decimals(), 3));
}

std::string limit_text(const SetLimit& limit) {
  return fmt::format("{} <= {}", limit.figure.key(), format_number(limit.most));
}

AcceleratorConfig accelerator_at(const DesignSpace& space, std::uint64_t index) {
  return space.decode(space.decisions().from_index(index));
}

std::string keys_text(const std::vector<SetFigure>& figures) {
  std::vector<std::string> keys;
  for (const SetFigure& figure : figures) keys.push_back(figure.key());
  return join(keys);
}

/// What there is to report on.
class Report {
 public:
  Report(std::span<const Exploration> explorations, const ChoiceQuery& query,
         const SetChoice& choice, const DesignSpace& space)
      : explorations_(explorations),
        set_(explorations),
        query_(query),
        choice_(choice),
        space_(space) {}

  std::string counts() const;
  std::string limits() const;
  std::string front() const;
  std::string answer() const;
  std::string alone() const;

 private:
  std::string name(std::uint64_t index) const { return accelerator_at(space_, index).name; }
  std::string summary(std::uint64_t index) const {
    return accelerator_summary(accelerator_at(space_, index), &space_);
  }
  std::string value(const SetFigure& figure, std::uint64_t index) const {
    return value_text(figure, set_.value(figure, index));
  }
  /// The limit that a configuration is nearest to or breaks the most.
  const SetLimit& tightest(std::uint64_t index) const;
  std::string share(std::uint64_t index) const;
  std::string beside(const std::vector<std::pair<std::string, std::uint64_t>>& shown) const;
  std::string why_second() const;
  std::string why_not_better() const;
  /// What a network would be given if it were alone; nothing if what is chosen by is of several.
  std::optional<ChoiceQuery> query_of(std::size_t network) const;

  std::span<const Exploration> explorations_;
  ExploredSet set_;
  const ChoiceQuery& query_;
  const SetChoice& choice_;
  const DesignSpace& space_;
};

std::string Report::counts() const {
  std::uint64_t left_out = 0;
  for (std::uint64_t i = 0; i < set_.size(); ++i) left_out += set_.left_out(i) ? 1 : 0;
  const std::uint64_t cannot = choice_.configurations - left_out - choice_.runs;
  std::string text = fmt::format("{} on one accelerator: {} configurations",
                                 query_.members.size() == 1
                                     ? query_.members.front().name
                                     : fmt::format("All {} networks", query_.members.size()),
                                 grouped(static_cast<std::int64_t>(choice_.configurations)));
  const auto add = [&](std::uint64_t count, const char* what) {
    text += fmt::format(", {} {}", grouped(static_cast<std::int64_t>(count)), what);
  };
  if (left_out > 0) add(left_out, "left out for their area");
  if (cannot > 0) add(cannot, "on which a network cannot run");
  if (!query_.limits.empty()) add(choice_.within.size(), "within all limits");
  return text + "\n";
}

std::string Report::limits() const {
  if (query_.limits.empty()) return "";
  Table table({{"limit", kLeft}, {"broken by"}, {"by no other"}});
  for (std::size_t l = 0; l < query_.limits.size(); ++l) {
    const LimitCount& count = choice_.limits[l];
    table.add_row({limit_text(query_.limits[l]), grouped(static_cast<std::int64_t>(count.breaks)),
                   grouped(static_cast<std::int64_t>(count.breaks_alone))});
  }
  return "\n" + table.str();
}

std::string Report::front() const {
  const std::vector<std::uint64_t>& front = choice_.front;
  std::string text =
      fmt::format("\n{} configurations on the front of {}{}", front.size(), keys_text(query_.front),
                  query_.limits.empty() ? "" : " within the limits");
  if (front.empty()) return text + "\n";
  if (front.size() > kShown) text += fmt::format(", {} of them here", kShown);
  std::vector<Table::Column> columns = {{"index"}};
  for (const SetFigure& figure : query_.front) columns.push_back({figure.key()});
  columns.push_back({"accelerator", kLeft});
  Table table(columns);
  for (const std::size_t k : evenly_spread(front.size(), kShown)) {
    std::vector<std::string> cells = {std::to_string(front[k])};
    for (const SetFigure& figure : query_.front) cells.push_back(value(figure, front[k]));
    cells.push_back(summary(front[k]));
    table.add_row(std::move(cells));
  }
  const bool compared = std::ranges::any_of(query_.front, [](const SetFigure& figure) {
    return figure.key().starts_with("latency_ratio");
  });
  const std::string ratios =
      compared ? fmt::format("Ratios are to the limit on a network's latency; without one, to {}\n",
                             space_.base().name)
               : "";
  std::vector<Choices> best;
  for (const std::uint64_t i : front) best.push_back(space_.decisions().from_index(i));
  return text + "\n\n" + table.str() + ratios + bounds_text(space_, best, "the front");
}

const SetLimit& Report::tightest(std::uint64_t index) const {
  return *std::ranges::max_element(query_.limits, {}, [&](const SetLimit& limit) {
    return set_.value(limit.figure, index) / limit.most;
  });
}

std::string Report::share(std::uint64_t index) const {
  const SetLimit& limit = tightest(index);
  return fmt::format("{} at {:.2f} % of its limit", limit.figure.key(),
                     100 * set_.value(limit.figure, index) / limit.most);
}

std::string Report::beside(const std::vector<std::pair<std::string, std::uint64_t>>& shown) const {
  std::vector<Table::Column> columns = {{"", kLeft}};
  for (const auto& [what, index] : shown) columns.push_back({what});
  Table table(columns);
  const auto add = [&](const std::string& title, const auto& cell_of) {
    std::vector<std::string> cells = {title};
    for (const auto& [what, index] : shown) cells.push_back(cell_of(index));
    table.add_row(std::move(cells));
  };
  add("accelerator", [&](std::uint64_t index) { return name(index); });
  const auto add_figure = [&](const std::string& title, const SetFigure& figure) {
    add(title, [&](std::uint64_t index) { return value(figure, index); });
  };
  const auto limited = [&](const SetFigure& figure) {
    return std::ranges::any_of(
        query_.limits, [&](const SetLimit& limit) { return limit.figure.key() == figure.key(); });
  };
  if (!limited(*query_.choose)) add_figure(query_.choose->key(), *query_.choose);
  for (const SetLimit& limit : query_.limits) add_figure(limit_text(limit), limit.figure);
  for (const SetFigure& figure : query_.front) {
    if (!limited(figure) && figure.key() != query_.choose->key()) {
      add_figure(figure.key(), figure);
    }
  }
  return table.str();
}

std::string Report::why_second() const {
  if (choice_.within.size() < 2) return "No other configuration is within the limits.\n";
  const std::uint64_t first = choice_.within[0], second = choice_.within[1];
  const double best = set_.value(*query_.choose, first), next = set_.value(*query_.choose, second);
  const std::string text = fmt::format("The runner-up is {}, {}: ", name(second), summary(second));
  if (next > best) {
    return text + fmt::format("its {} is {}, {:.2g} % more.\n", query_.choose->key(),
                              value_text(*query_.choose, next), 100 * (next / best - 1));
  }
  if (set_.excess(query_.limits, second) > set_.excess(query_.limits, first)) {
    return text + fmt::format("as good in {}, but nearer to a limit: {}; the chosen has {}.\n",
                              query_.choose->key(), share(second), share(first));
  }
  return text + "as good in everything that was asked, but it comes later in the space.\n";
}

std::string Report::why_not_better() const {
  if (!choice_.nearest) return "";
  const std::uint64_t nearest = *choice_.nearest;
  const SetLimit& limit = tightest(nearest);
  const double excess = 100 * (set_.value(limit.figure, nearest) / limit.most - 1);
  return fmt::format(
      "{} configurations {} but break a limit; the nearest to holding all is {}, {}: {} is {}, "
      "{:.2g} % too much.\n",
      grouped(static_cast<std::int64_t>(choice_.better_but)),
      choice_.within.empty() ? "run" : fmt::format("have less {}", query_.choose->key()),
      name(nearest), summary(nearest), limit.figure.key(), value(limit.figure, nearest), excess);
}

std::string Report::answer() const {
  if (!query_.choose) return "";
  if (choice_.within.empty()) return "\n" + why_not_better();
  const std::uint64_t chosen = choice_.within.front();
  std::vector<std::pair<std::string, std::uint64_t>> shown = {{"chosen", chosen}};
  if (choice_.within.size() > 1) shown.emplace_back("runner-up", choice_.within[1]);
  if (choice_.nearest) shown.emplace_back("breaks a limit", *choice_.nearest);
  return fmt::format("\nThe least {} within the limits: {}, {}\n\n{}\n{}{}", query_.choose->key(),
                     name(chosen), summary(chosen), beside(shown), why_second(), why_not_better());
}

std::optional<ChoiceQuery> Report::query_of(std::size_t network) const {
  const SetMember& member = query_.members[network];
  const std::span<const SetMember> one(&member, 1);
  // What is of this network by its name could be chosen by; what is of another could not.
  if (!query_.choose || !query_.choose->is_of(member.name)) return std::nullopt;
  ChoiceQuery alone;
  alone.members = {member};
  for (const SetLimit& limit : query_.limits) {
    if (!limit.figure.is_of(member.name)) continue;
    alone.limits.push_back({SetFigure::parse(limit.figure.key(), one), limit.most});
  }
  alone.choose = SetFigure::parse(query_.choose->key(), one);
  alone.front = {*alone.choose};
  return alone;
}

std::string Report::alone() const {
  if (!query_.choose || query_.members.size() == 1 || choice_.within.empty()) return "";
  const double all = set_.value(*query_.choose, choice_.within.front());
  Table table({{"for one network alone", kLeft},
               {query_.choose->key()},
               {"one for all [%]"},
               {"index"},
               {"accelerator", kLeft}});
  for (std::size_t n = 0; n < query_.members.size(); ++n) {
    const std::optional<ChoiceQuery> query = query_of(n);
    if (!query) return "";
    const ExploredSet set(explorations_.subspan(n, 1));
    const SetChoice one = choose(set, *query);
    if (one.within.empty()) continue;  // it could not be with all in it
    const std::uint64_t best = one.within.front();
    const double least = set.value(*query->choose, best);
    table.add_row({query_.members[n].name, value_text(*query->choose, least),
                   fmt::format("{:+.1f}", 100 * (all / least - 1)), std::to_string(best),
                   summary(best)});
  }
  return "\nWithin the limits that are of it, each network would need\n\n" + table.str();
}

/// Writes rows of these configurations.
std::string configurations_csv(CsvWriter csv, std::span<const Exploration> explorations,
                               const ChoiceQuery& query, const DesignSpace& space,
                               const std::vector<std::uint64_t>& indices) {
  const ExploredSet set(explorations);
  std::vector<SetFigure> figures = {SetFigure::parse("area_mm2", query.members)};
  for (const std::string& key : SetFigure::keys_of(query.members)) {
    figures.push_back(SetFigure::parse(key, query.members));
  }
  csv.note("limits", limits_text(query.limits));
  std::vector<CsvColumn> columns{{"index"}};
  for (const Decision& decision : space.decisions().decisions()) {
    columns.push_back({decision.name, decision.unit});
  }
  for (const SetFigure& figure : figures) columns.push_back({figure.key(), figure.unit()});
  csv.header(columns);
  for (const std::uint64_t i : indices) {
    csv.cell(i);
    const Choices choices = space.decisions().from_index(i);
    for (std::size_t d = 0; d < choices.size(); ++d) {
      csv.cell(space.decisions()[d].choices[choices[d]]);
    }
    for (const SetFigure& figure : figures) csv.cell(set.value(figure, i));
    csv.end_row();
  }
  return csv.text();
}

}  // namespace

std::string limits_text(const std::vector<SetLimit>& limits) {
  std::vector<std::string> texts;
  for (const SetLimit& limit : limits) texts.push_back(limit_text(limit));
  return texts.empty() ? "none" : join(texts);
}

std::string choice_text(std::span<const Exploration> explorations, const ChoiceQuery& query,
                        const SetChoice& choice, const DesignSpace& space) {
  const Report report(explorations, query, choice, space);
  return report.counts() + report.limits() + report.front() + report.answer() + report.alone();
}

std::string set_front_csv(std::span<const Exploration> explorations, const ChoiceQuery& query,
                          const SetChoice& choice, const DesignSpace& space,
                          const ExploreOptions& options) {
  CsvWriter csv = exploration_writer("dovetail.set_front/1", space, options);
  csv.note("minimised", keys_text(query.front));
  return configurations_csv(std::move(csv), explorations, query, space, choice.front);
}

std::string choice_csv(std::span<const Exploration> explorations, const ChoiceQuery& query,
                       const SetChoice& choice, const DesignSpace& space,
                       const ExploreOptions& options) {
  CsvWriter csv = exploration_writer("dovetail.choice/1", space, options);
  csv.note("least", query.choose->key());
  return configurations_csv(std::move(csv), explorations, query, space, choice.within);
}

}  // namespace dovetail

#include "nas/service/evaluation_service.h"

#include <fmt/core.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "cost/simulation/loose_simulation.h"
#include "cost/surrogate/surrogate_costs.h"
#include "cost/table/table_costs.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/accuracy/command/command_kind.h"
#include "models/accuracy/source/accuracy_cache.h"
#include "nas/service/open_request.h"

namespace dovetail {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kMostNetworksTold = 64;  // to workers, beyond those of the batch
constexpr std::size_t kMostModels = 64;

template <typename T>
void append_bytes(std::string& key, const T& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Equal for what costs the same.
std::string pair_key(const OpenRequest& open) {
  const AcceleratorConfig& accelerator = open.accelerator.config;
  std::string key = open.request.technology;
  key += '\0';
  append_bytes(key, open.request.report);
  if (open.request.report) key += accelerator.name + '\0';
  append_bytes(key, open.network.number);
  for (const auto choice : open.network.choices) append_bytes(key, choice);
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    append_bytes(key, parameter.get(accelerator));
  }
  return key;
}

Evaluation evaluation_of(const PairCosts& found, bool simulated) {
  if (!found.failure) {
    Evaluation evaluation = Evaluation::of_costs(found.costs, simulated);
    evaluation.costs = found.costs;  // with the area, which is known of what cannot run, too
    return evaluation;
  }
  return Evaluation::without_figures(TrialStatus::kFailed, found.failure->bytes, simulated);
}

/// Takes it, with the time that it took for the first that asks.
Evaluation taken(LooseCosts& costs) {
  Evaluation evaluation = evaluation_of(costs.found, true);
  evaluation.took.seconds = std::exchange(costs.found.seconds, 0);
  return evaluation;
}

/// Runs it; what it throws becomes the answer of all of `some`.
template <typename Find>
void find_for(std::span<OpenRequest* const> some, const Find& find) {
  const Answer found = answer_of([&] {
    find();
    return std::string();
  });
  if (found.kind == AnswerKind::kBytes) return;
  for (OpenRequest* open : some) open->invalid = found.bytes;
}

using OpenRequests = std::vector<OpenRequest*>;

}  // namespace

struct EvaluationService::Impl {
  explicit Impl(ServiceOptions given)
      : options(std::move(given)), simulation(options.workers, options.run) {}

  OpenRequest opened(const std::string& line);
  void require_names(const EvaluationRequest& request) const;
  void describe(OpenRequest& open);
  AccuracyCache& accuracy_of(const OpenRequest& open);
  /// Of sources that are slow, or of those that are not.
  void find_accuracies(std::span<OpenRequest> all, bool slow, const KeepGoing& keep_going);
  void find_areas(std::span<OpenRequest> all);
  void simulate(std::span<OpenRequest> all, const KeepGoing& keep_going);
  std::size_t told(const NamedNetwork& network);
  void ask_models(std::span<OpenRequest> all, const KeepGoing& keep_going);
  CostModel& model_of(const OpenRequest& open);
  std::unique_ptr<CostModel> make_model(const OpenRequest& open) const;

  ServiceOptions options;
  NamedSources sources;
  LooseSimulation simulation;
  std::vector<NetworkSide> networks;              // that workers are told
  std::map<std::uint64_t, std::size_t> position;  // there, of each by its number
  std::unordered_map<std::string, LooseCosts> known;
  std::size_t known_bytes = 0;
  std::map<std::string, std::unique_ptr<AccuracyCache>> accuracies;
  std::map<std::string, std::unique_ptr<CostModel>> models;
};

OpenRequest EvaluationService::Impl::opened(const std::string& line) {
  OpenRequest open;
  try {
    open.request = read_request(line, options.defaults);
    open.id = open.request.id;
    if (options.names_only) require_names(open.request);
    if (open.request.network) open.network = sources.network(*open.request.network);
    if (open.request.accelerator) {
      open.accelerator = sources.accelerator(*open.request.accelerator);
    }
    if (!open.is_pair()) describe(open);
  } catch (const std::exception& e) {
    open.id = request_id(line);
    open.invalid = e.what();
  }
  return open;
}

/// Paths to networks and the like are refused where they are resolved; these name files as such.
void EvaluationService::Impl::require_names(const EvaluationRequest& request) const {
  const RequestDefaults& defaults = options.defaults;
  if (request.cost.model != defaults.cost.model || request.cost.file != defaults.cost.file) {
    throw InputError("cost: found another than this service has; it reads no files for others");
  }
  if (request.accuracy != defaults.accuracy) {
    throw InputError("accuracy: a service has no sources for others; ask 'dovetail evaluate'");
  }
}

void EvaluationService::Impl::describe(OpenRequest& open) {
  if (open.request.about) {
    const SideReference& point = *open.request.about;
    const auto [of_networks, of_accelerators] = sources.space(point.space);
    open.about = of_networks.thing ? space_json(*of_networks.thing, point)
                                   : space_json(*of_accelerators.thing, point);
  } else if (!open.request.figures) {
    open.about = open.request.network ? network_json(open.network)
                                      : accelerator_json(open.accelerator.config);
  }
}

AccuracyCache& EvaluationService::Impl::accuracy_of(const OpenRequest& open) {
  std::string key = open.request.accuracy + '\0';
  append_bytes(key, open.network.number);
  const auto kept = accuracies.find(key);
  if (kept != accuracies.end()) return *kept->second;
  const AccuracyChoice choice =
      read_accuracy(YamlNode::parse(open.request.accuracy, "accuracy"), ".");
  if (choice.source == command_kind().name && !options.trust) {
    throw InputError("accuracy: source 'command' runs a program; allowed with --trust");
  }
  auto source = choice.settings->make(open.network.side);
  source->require_ready();
  if (accuracies.size() >= kMostModels) accuracies.clear();
  auto made = std::make_unique<AccuracyCache>(std::move(source), open.network.side.space);
  return *accuracies.insert_or_assign(std::move(key), std::move(made)).first->second;
}

void EvaluationService::Impl::find_accuracies(std::span<OpenRequest> all, bool slow,
                                              const KeepGoing& keep_going) {
  std::map<std::string, OpenRequests> groups;
  for (OpenRequest& open : all) {
    if (!open.open() || open.accuracy || !open.wants_accuracy()) continue;
    groups[open.request.accuracy + '\0' + std::to_string(open.network.number)].push_back(&open);
  }
  for (const auto& [key, group] : groups) {
    find_for(group, [&group = group, &keep_going, slow, this] {
      AccuracyCache& cache = accuracy_of(*group.front());
      if (cache.source().slow() != slow) return;
      std::vector<Choices> asked;
      for (const OpenRequest* open : group) asked.push_back(open->network.choices);
      const std::vector<AccuracyAnswer> answers = cache.of(asked, keep_going);
      for (std::size_t i = 0; i < answers.size(); ++i) group[i]->accuracy = answers[i];
    });
  }
}

void EvaluationService::Impl::find_areas(std::span<OpenRequest> all) {
  for (OpenRequest& open : all) {
    if (!open.open() || !open.request.accelerator || open.wants_costs()) continue;
    if (!open.wants("area_mm2")) continue;
    OpenRequest* const one = &open;
    find_for({&one, 1}, [&] {
      open.area_mm2 = simulation.area_mm2(open.accelerator.config, open.request.technology);
    });
  }
}

std::size_t EvaluationService::Impl::told(const NamedNetwork& network) {
  const auto [at, fresh] = position.try_emplace(network.number, networks.size());
  if (fresh) networks.push_back(network.side);
  return at->second;
}

void EvaluationService::Impl::simulate(std::span<OpenRequest> all, const KeepGoing& keep_going) {
  if (networks.size() > kMostNetworksTold) {
    networks.clear();
    position.clear();
  }
  std::vector<std::pair<OpenRequest*, std::string>> asked;
  std::unordered_map<std::string, std::size_t> asked_before;
  std::vector<std::string> keys;
  std::vector<LoosePair> pairs;
  for (OpenRequest& open : all) {
    if (!open.open() || !open.wants_costs() || open.request.cost.model != "simulation") continue;
    std::string key = pair_key(open);
    if (!known.contains(key) && asked_before.try_emplace(key, pairs.size()).second) {
      pairs.push_back({told(open.network), open.network.choices, open.accelerator.config,
                       open.request.technology, open.request.report});
      keys.push_back(key);
    }
    asked.emplace_back(&open, std::move(key));
  }
  std::vector<LooseCosts> found = simulation.costs(networks, pairs, keep_going);
  for (std::size_t i = 0; i < found.size(); ++i) {
    known_bytes += sizeof(LooseCosts) + keys[i].size() + found[i].report.size();
    known.emplace(std::move(keys[i]), std::move(found[i]));
  }
  for (auto& [open, key] : asked) {
    const auto at = known.find(key);
    if (at == known.end()) continue;  // stopped before it
    open->costs = taken(at->second);
    open->report = at->second.report;
  }
  if (known_bytes > options.kept_mib * kMiB) {
    known.clear();
    known_bytes = 0;
  }
}

std::unique_ptr<CostModel> EvaluationService::Impl::make_model(const OpenRequest& open) const {
  const CostReference& cost = open.request.cost;
  if (!open.network.side.space || !open.accelerator.space) {
    throw InputError(
        fmt::format("cost: a {} speaks about points of two spaces: give network and "
                    "accelerator as {{space, choices}}",
                    cost.model));
  }
  const PairDomain domain{{open.network.side.space, std::nullopt, nullptr},
                          {open.accelerator.space, open.accelerator.space->base(), std::nullopt}};
  if (cost.model == "surrogate") {
    const auto surrogate = std::make_shared<const Surrogate>(Surrogate::load(cost.file));
    surrogate->require_spaces(open.network.side.space->decisions(),
                              open.accelerator.space->decisions());
    return std::make_unique<SurrogateCosts>(domain, predictions_of(surrogate),
                                            open.request.technology);
  }
  return std::make_unique<TableCosts>(
      domain,
      std::make_shared<const CostTable>(CostTable::load(
          cost.file, *open.network.side.space, *open.accelerator.space, open.request.technology)));
}

CostModel& EvaluationService::Impl::model_of(const OpenRequest& open) {
  const std::string key =
      fmt::format("{}\n{}\n{}\n{} {}", open.request.cost.model, open.request.cost.file,
                  open.request.technology, open.network.number, open.accelerator.number);
  const auto kept = models.find(key);
  if (kept != models.end()) return *kept->second;
  auto made = make_model(open);
  if (models.size() >= kMostModels) models.clear();
  return *models.insert_or_assign(key, std::move(made)).first->second;
}

void EvaluationService::Impl::ask_models(std::span<OpenRequest> all, const KeepGoing& keep_going) {
  std::map<std::string, OpenRequests> groups;
  for (OpenRequest& open : all) {
    if (!open.open() || !open.wants_costs() || open.request.cost.model == "simulation") continue;
    groups[fmt::format("{} {}\n{}\n{} {}", open.request.cost.model, open.request.cost.file,
                       open.request.technology, open.network.number, open.accelerator.number)]
        .push_back(&open);
  }
  for (const auto& [key, group] : groups) {
    find_for(group, [&group = group, &keep_going, this] {
      CostModel& model = model_of(*group.front());
      std::vector<Pair> pairs;
      for (const OpenRequest* open : group) {
        pairs.push_back({open->network.choices, open->accelerator.choices});
      }
      const std::vector<PairCosts> found = model.costs(pairs, keep_going);
      for (std::size_t i = 0; i < found.size(); ++i) {
        group[i]->costs = evaluation_of(found[i], model.simulates());
        group[i]->costs->took.seconds = found[i].seconds;
      }
    });
  }
}

EvaluationService::EvaluationService(ServiceOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

EvaluationService::~EvaluationService() = default;

std::vector<std::string> EvaluationService::answer(std::span<const std::string> lines,
                                                   std::uint64_t first_line,
                                                   const KeepGoing& keep_going) {
  std::vector<OpenRequest> all;
  for (const std::string& line : lines) all.push_back(impl_->opened(line));
  // A network that a quick source refuses is not simulated; a slow one is asked only about
  // networks that run on their accelerators.
  impl_->find_accuracies(all, false, keep_going);
  impl_->find_areas(all);
  impl_->simulate(all, keep_going);
  impl_->ask_models(all, keep_going);
  impl_->find_accuracies(all, true, keep_going);

  std::vector<std::string> answers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    OpenRequest& open = all[i];
    const bool unfinished = open.open() && ((open.wants_costs() && !open.costs) ||
                                            (open.wants_accuracy() && !open.accuracy));
    if (unfinished) break;  // stopped
    if (!open.invalid.empty()) {
      open.invalid = fmt::format("line {}: {}", first_line + i, open.invalid);
    }
    answers.push_back(answer_text(open));
  }
  return answers;
}

}  // namespace dovetail

#include "cost/simulation/simulation_costs.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "cost/simulation/protocol.h"

namespace dovetail {

SimulationCosts::SimulationCosts(PairDomain domain, SimulationOptions options)
    : options_(std::move(options)), simulator_(std::move(domain), options_.technology) {
  if (!options_.run && options_.workers != 1) pool_.emplace(options_.workers);
}

SimulationCosts::~SimulationCosts() = default;

double SimulationCosts::area_mm2(const AcceleratorConfig& accelerator) const {
  return simulator_.area_mm2(accelerator);
}

std::uint64_t SimulationCosts::stream(const PairStream& pairs) {
  return options_.run || pool_ ? stream_elsewhere(pairs) : stream_here(pairs);
}

std::uint64_t SimulationCosts::stream_here(const PairStream& pairs) {
  const std::uint64_t together = std::max<std::uint64_t>(1, pairs.together);
  std::uint64_t done = 0;
  while (done < pairs.count && (!pairs.keep_going || pairs.keep_going())) {
    const std::uint64_t end = std::min(pairs.count, done + together);
    for (; done < end; ++done) {
      const Pair pair = pairs.pair(done);
      pairs.deliver(done, pair, simulator_.costs(pair));
    }
  }
  return done;
}

std::uint64_t SimulationCosts::stream_elsewhere(const PairStream& pairs) {
  const std::uint64_t together = std::max<std::uint64_t>(1, pairs.together);
  const auto begin_of = [&](std::uint64_t task) { return std::min(pairs.count, task * together); };
  if (job_.empty()) {
    job_ = job_text({simulator_.domain(), options_.technology, options_.purpose});
  }
  std::map<std::uint64_t, std::vector<Pair>> asked;  // by task, until they are delivered
  Tasks tasks;
  tasks.count = (pairs.count + together - 1) / together;
  tasks.job = job_;
  tasks.request = [&](std::uint64_t task) {
    std::vector<Pair>& some = asked[task];
    some.clear();
    for (std::uint64_t i = begin_of(task); i < begin_of(task + 1); ++i) {
      some.push_back(pairs.pair(i));
    }
    return request_text(some);
  };
  tasks.work = [&](const std::string& request) { return answer_request(simulator_, request); };
  tasks.deliver = [&](std::uint64_t task, const std::string& answer) {
    const auto some = asked.extract(task);
    const std::vector<PairCosts> found = answer_from_text(answer);
    if (found.size() != some.mapped().size()) throw RunError("a worker sent half an answer");
    for (std::size_t i = 0; i < found.size(); ++i) {
      pairs.deliver(begin_of(task) + i, some.mapped()[i], found[i]);
    }
  };
  tasks.keep_going = pairs.keep_going;
  if (pairs.name_of) {
    tasks.name_of = [&](std::uint64_t task) {
      return pairs.name_of(begin_of(task), begin_of(task + 1));
    };
  }
  const std::uint64_t done = options_.run ? options_.run(tasks) : pool_->run(tasks);
  return begin_of(done);
}

}  // namespace dovetail

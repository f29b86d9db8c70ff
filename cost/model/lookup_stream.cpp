#include "cost/model/lookup_stream.h"

#include <utility>

namespace dovetail {

std::uint64_t stream_lookups(const PairStream& pairs,
                             const std::function<Costs(const Pair&)>& look_up,
                             const std::string& refused_as) {
  std::uint64_t done = 0;
  while (done < pairs.count && (!pairs.keep_going || pairs.keep_going())) {
    const Pair pair = pairs.pair(done);
    PairCosts found;
    Answer answer = answer_of([&] {
      found.costs = look_up(pair);
      return std::string();
    });
    if (answer.kind != AnswerKind::kBytes) {
      found.refused = !refused_as.empty();
      if (found.refused) answer.bytes.insert(0, refused_as + ": ");
      found.failure = std::move(answer);
    }
    pairs.deliver(done++, pair, found);
  }
  return done;
}

}  // namespace dovetail

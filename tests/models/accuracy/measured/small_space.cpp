#include "tests/models/accuracy/measured/small_space.h"

#include <set>

#include "tests/base/files/test_files.h"

namespace dovetail {

NetworkSpace small_space() {
  const TemporaryFolder folder;
  return NetworkSpace::load(folder.write("small.yaml", R"(schema: dovetail.network_space/1
name: small
input: {height: 32, width: 32, channels: 3}
defaults: act=relu
decisions:
  - {name: d, choices: [1, 2, 3]}
  - {name: k0, choices: [3, 5, 7]}
  - {name: e0, choices: [3, 4, 6]}
  - {name: k1, choices: [3, 5, 7]}
  - {name: e1, choices: [3, 4, 6]}
  - {name: k2, choices: [3, 5, 7]}
blocks:
  - conv k=3 s=2 c=16
  - mb k=$k0 e=$e0 c=16
  - mb k=$k1 e=$e1 c=16 when $d >= 2
  - mb k=$k2 e=4 c=16 when $d >= 3
  - pool
  - fc c=10
)"));
}

double small_accuracy(const NetworkSpace& space, const Choices& choices) {
  const std::vector<bool> active = space.active(choices);
  double top1 = 70;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (active[i]) top1 += (0.3 + 0.1 * static_cast<double>(i)) * choices[i];
  }
  return top1 + (choices[1] == 2 && choices[2] == 1 ? 0.7 : 0);
}

MeasuredAccuracies small_data(const NetworkSpace& space, std::size_t count) {
  MeasuredAccuracies data;
  std::set<Choices> known;
  Rng rng(3);
  while (data.networks.size() < count) {
    const Choices choices = space.canonical(space.decisions().sample(rng));
    if (!known.insert(choices).second) continue;
    data.networks.push_back({choices, small_accuracy(space, choices), 1});
    ++data.rows;
  }
  return data;
}

}  // namespace dovetail

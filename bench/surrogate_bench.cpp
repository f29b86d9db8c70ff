// Predictions of the surrogate beside the matrix products that they cannot do without: the same
// shapes by the packaged OpenBLAS on one thread, in turns in the same run. Figures to read; nothing
// passes or fails. usage: surrogate_bench [MODEL.h5]     without one: 3 x 256 units, random weights

#include <cblas.h>
#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/version.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr int kRounds = 31;

/// Processor time of this thread, which other work on the machine disturbs less than the clock.
double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

template <typename Work>
double time_us(const Work& work) {
  const double begin = cpu_us();
  work();
  return cpu_us() - begin;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Surrogate random_model() {
  const auto networks = describe(NetworkSpace::load(resolve_config("spaces", "ofa_mbv3")));
  const auto accelerators = describe(DesignSpace::load(resolve_config("spaces", "nahas_edge")));
  auto impl = std::make_unique<Surrogate::Impl>(networks, accelerators,
                                                std::vector<std::size_t>{256, 256, 256}, 1);
  impl->knows_feasibility = true;
  Rng rng(1);
  impl->members[0].initialize(rng, 0.1);
  return Surrogate(std::move(impl));
}

struct Pairs {
  std::vector<Choices> network, hardware;

  Pairs(const Surrogate& model, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Rng rng(2, i);
      network.push_back(model.network_space().decisions.sample(rng));
      hardware.push_back(model.hardware_space().decisions.sample(rng));
    }
  }
};

/// The products of one pass through the layers, on operands that are there.
class Products {
 public:
  Products(const MlpShape& shape, std::size_t rows) : rows_(rows), widths_{shape.inputs} {
    widths_.insert(widths_.end(), shape.hidden.begin(), shape.hidden.end());
    widths_.push_back(shape.outputs);
    Rng rng(3);
    const auto random = [&](std::size_t size) {
      AlignedVector<float> values(size);
      for (float& v : values) v = static_cast<float>(rng.normal());
      return values;
    };
    for (std::size_t l = 0; l < widths_.size(); ++l) {
      values_.push_back(random(rows * widths_[l]));
      if (l > 0) weights_.push_back(random(widths_[l - 1] * widths_[l]));
    }
  }

  void run() {
    for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
      const int m = static_cast<int>(rows_), k = static_cast<int>(widths_[l]),
                n = static_cast<int>(widths_[l + 1]);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, values_[l].data(), k,
                  weights_[l].data(), n, 0, values_[l + 1].data(), n);
    }
  }

  double flops() const {
    double sum = 0;
    for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
      sum += 2.0 * static_cast<double>(rows_ * widths_[l] * widths_[l + 1]);
    }
    return sum;
  }

 private:
  std::size_t rows_;
  std::vector<std::size_t> widths_;
  std::vector<AlignedVector<float>> values_, weights_;
};

void batches(const Surrogate& model) {
  fmt::print("{:>8} {:>16} {:>16} {:>18} {:>8}\n", "batch", "sgemm, us a row", "(GFLOP/s)",
             "predict, us a row", "ratio");
  for (const std::size_t batch : {1024, 4096, 16384}) {
    const Pairs pairs(model, batch);
    Products products(model.impl().members[0].shape(), batch);
    std::vector<double> sgemm, predict, ratio;
    for (int round = 0; round < kRounds; ++round) {
      sgemm.push_back(time_us([&] { products.run(); }));
      predict.push_back(time_us([&] { model.predict(pairs.network, pairs.hardware); }));
      ratio.push_back(sgemm.back() * static_cast<double>(model.members()) / predict.back());
    }
    const auto rows = static_cast<double>(batch);
    fmt::print("{:8} {:16.3f} {:16.1f} {:18.3f} {:8.2f}\n", batch, median(sgemm) / rows,
               products.flops() / median(sgemm) * 1e-3, median(predict) / rows, median(ratio));
  }
  fmt::print(
      "ratio: time of the products over time of the whole prediction, encoding and decoding "
      "included;\n"
      "above 1 because inputs that are 0 are left out. Medians of {} rounds.\n\n",
      kRounds);
}

/// One pair at a time, another one each time, as a search asks.
void single(const Surrogate& model) {
  constexpr std::size_t kCalls = 2000;
  const Pairs pairs(model, kCalls);
  std::vector<double> us;
  for (int round = 0; round < kRounds; ++round) {
    us.push_back(time_us([&] {
                   for (std::size_t i = 0; i < kCalls; ++i) {
                     model.predict(std::span(pairs.network).subspan(i, 1),
                                   std::span(pairs.hardware).subspan(i, 1));
                   }
                 }) /
                 kCalls);
  }
  fmt::print("single prediction: {:.2f} us\n", median(us));
}

}  // namespace
}  // namespace dovetail

int main(int argc, char** argv) {
  using namespace dovetail;
  openblas_set_num_threads(1);
  const Surrogate model = argc > 1 ? Surrogate::load(argv[1]) : random_model();
  fmt::print("{}\n{}, kernels of {}; one thread\n{} member(s), {} inputs\n\n", build_description(),
             openblas_get_config(), openblas_get_corename(), model.members(),
             model.impl().encoder.width());
  batches(model);
  single(model);
}

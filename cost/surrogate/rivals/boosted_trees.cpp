#include "cost/surrogate/rivals/boosted_trees.h"

#include <fmt/core.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

void check(int status) {
  if (status != 0) throw RunError(fmt::format("XGBoost: {}", XGBGetLastError()));
}

/// A handle of the library, freed on every way out.
template <int (*kFree)(void*)>
class XgboostHandle {
 public:
  XgboostHandle() = default;
  ~XgboostHandle() {
    if (handle_ != nullptr) kFree(handle_);
  }
  XgboostHandle(XgboostHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  XgboostHandle& operator=(XgboostHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  void* get() const { return handle_; }
  void** out() { return &handle_; }

 private:
  void* handle_ = nullptr;
};
using BoosterRows = XgboostHandle<XGDMatrixFree>;
using Booster = XgboostHandle<XGBoosterFree>;

class BoostedTrees : public Rival {
 public:
  BoostedTrees(SpaceDescription network, SpaceDescription hardware,
               const BoostedTreesOptions& options, std::function<bool()> keep_going)
      : network_(std::move(network)),
        hardware_(std::move(hardware)),
        options_(options),
        keep_going_(std::move(keep_going)) {}

  void fit(const Dataset& labels) override {
    std::vector<float> inputs;
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < labels.rows(); ++r) {
      if (!labels.label(r).feasible()) continue;
      rows.push_back(r);
      add_inputs(labels.network(r), labels.hardware(r), inputs);
    }
    if (rows.empty()) throw InputError("no feasible row to grow trees from");
    const BoosterRows matrix = make_matrix(inputs, rows.size());
    boosters_.clear();
    for (const PredictedCost& cost : predicted_costs()) {
      std::vector<float> targets;
      targets.reserve(rows.size());
      for (const std::size_t r : rows) {
        targets.push_back(static_cast<float>(std::log(cost.of(labels.label(r)))));
      }
      check(XGDMatrixSetFloatInfo(matrix.get(), "label", targets.data(), targets.size()));
      boosters_.push_back(grow(matrix));
    }
  }

  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override {
    std::vector<float> inputs;
    for (std::size_t i = 0; i < network.size(); ++i) add_inputs(network[i], hardware[i], inputs);
    const BoosterRows matrix = make_matrix(inputs, network.size());
    std::vector<CostPrediction> predictions(network.size());
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      bst_ulong count = 0;
      const float* logs = nullptr;
      check(XGBoosterPredict(boosters_.at(c).get(), matrix.get(), 0, 0, 0, &count, &logs));
      for (std::size_t i = 0; i < count; ++i) {
        predicted_costs()[c].set(std::exp(static_cast<double>(logs[i])), predictions[i].costs);
      }
    }
    return predictions;
  }

 private:
  std::size_t width() const { return network_.decisions.size() + hardware_.decisions.size(); }

  void add_inputs(const Choices& network, const Choices& hardware,
                  std::vector<float>& inputs) const {
    const auto value = [](const Decision& decision, std::uint16_t choice) {
      return static_cast<float>(decision.ordered() ? decision.values[choice] : choice);
    };
    const std::size_t first = inputs.size();
    for (std::size_t d = 0; d < network.size(); ++d) {
      inputs.push_back(value(network_.decisions[d], network[d]));
    }
    for (const Guard& g : network_.guards) {
      if (!g.allowed[network[g.parent]]) inputs[first + g.decision] = kMissing;
    }
    for (std::size_t d = 0; d < hardware.size(); ++d) {
      inputs.push_back(value(hardware_.decisions[d], hardware[d]));
    }
  }

  BoosterRows make_matrix(const std::vector<float>& inputs, std::size_t rows) const {
    BoosterRows matrix;
    check(XGDMatrixCreateFromMat_omp(inputs.data(), rows, width(), kMissing, matrix.out(), 1));
    return matrix;
  }

  Booster grow(const BoosterRows& matrix) const {
    const std::pair<const char*, std::string> parameters[] = {
        {"verbosity", "0"},
        {"nthread", "1"},
        {"tree_method", "hist"},
        {"objective", "reg:squarederror"},
        {"seed", std::to_string(options_.seed % (std::uint64_t{1} << 31))},
        {"max_depth", std::to_string(options_.depth)},
        {"eta", fmt::format("{}", options_.learning_rate)},
        {"subsample", fmt::format("{}", options_.row_share)},
        {"colsample_bytree", fmt::format("{}", options_.column_share)},
        {"min_child_weight", fmt::format("{}", options_.smallest_child)},
    };
    Booster booster;
    void* const matrices[] = {matrix.get()};
    check(XGBoosterCreate(matrices, 1, booster.out()));
    for (const auto& [name, value] : parameters) {
      check(XGBoosterSetParam(booster.get(), name, value.c_str()));
    }
    for (int round = 0; round < options_.rounds; ++round) {
      check(XGBoosterUpdateOneIter(booster.get(), round, matrix.get()));
      if (keep_going_ && !keep_going_()) throw RunError("stopped while growing trees");
    }
    return booster;
  }

  SpaceDescription network_, hardware_;
  BoostedTreesOptions options_;
  std::function<bool()> keep_going_;
  std::vector<Booster> boosters_;  // in the order of predicted_costs()
};

}  // namespace

std::unique_ptr<Rival> make_boosted_trees(const SpaceDescription& network,
                                          const SpaceDescription& hardware,
                                          const BoostedTreesOptions& options,
                                          std::function<bool()> keep_going) {
  return std::make_unique<BoostedTrees>(network, hardware, options, std::move(keep_going));
}

}  // namespace dovetail

#pragma once

#include <map>
#include <memory>

#include "cost/model/cost_model.h"

namespace dovetail {

/// Remembers what another model said of single pairs: each is asked for once.
class RememberedCosts : public CostModel {
 public:
  explicit RememberedCosts(std::shared_ptr<CostModel> model) : model_(std::move(model)) {}

  std::uint64_t stream(const PairStream& pairs) override;
  bool simulates() const override { return model_->simulates(); }

 private:
  std::shared_ptr<CostModel> model_;
  std::map<Pair, PairCosts> known_;
};

}  // namespace dovetail

#pragma once

#include <memory>

#include "cost/model/cost_model.h"
#include "cost/table/cost_table.h"

namespace dovetail {

/// Looks every pair up in a table of all: latency, energy, memory if the table has it, and area; of
/// an infeasible one not why.
class TableCosts : public CostModel {
 public:
  /// `table` is of the two spaces of the domain. Throws InputError if the domain lacks one.
  TableCosts(PairDomain domain, std::shared_ptr<const CostTable> table);

  std::uint64_t stream(const PairStream& pairs) override;

 private:
  Costs look_up(const Pair& pair) const;

  PairDomain domain_;
  std::shared_ptr<const CostTable> table_;
};

}  // namespace dovetail

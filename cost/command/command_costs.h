#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/process/user_command.h"
#include "cost/figures/figures.h"
#include "cost/model/cost_model.h"

namespace dovetail {

/// Asks the user's program what pairs cost. docs/search.md says what it is given and what it must
/// answer. A pair that it says it cannot speak about is refused; one for which no attempt gave an
/// answer has failed.
class CommandCosts : public CostModel {
 public:
  /// `needed` are figures that each answer must have. Without `accelerators` the program is given
  /// none. Throws InputError for placeholders that stand for nothing and for needed figures that no
  /// answer can have; the networks are points of a space.
  CommandCosts(PairDomain domain, CommandSettings settings, std::vector<const Figure*> needed,
               bool accelerators);

  std::uint64_t stream(const PairStream& pairs) override;
  bool knows_all_figures() const override { return false; }

 private:
  std::map<std::string, std::string> write(const Pair& pair,
                                           const std::filesystem::path& folder) const;

  PairDomain domain_;
  UserCommand command_;
  std::vector<const Figure*> needed_;
  bool accelerators_;
};

/// The costs, or the reason why there are none, in the last line that a program printed: a JSON
/// object with figures by their keys, or {"reason": "..."}. Throws InputError saying what is wrong
/// with it.
PairCosts parse_cost_answer(const std::string& line, const std::vector<const Figure*>& needed);

}  // namespace dovetail

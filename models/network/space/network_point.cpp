#include "models/network/space/network_point.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "base/text/error.h"
#include "models/network/blocks/block_lines.h"

namespace dovetail {
namespace {

/// Instead of a line: the input mentions a decision first.
constexpr std::size_t kInput = std::numeric_limits<std::size_t>::max();

/// Choices of the decisions that lines so far mention, which give the network's first blocks.
struct PartialPoint {
  Choices choices;
  std::size_t blocks = 0;
};

std::string text_of(Block block) {
  block.name.clear();
  std::string text;
  append_text(text, block);
  return text.substr(0, text.find(" name="));
}

std::vector<std::size_t> decisions_of(const BlockLine& line) {
  std::vector<std::size_t> decisions;
  if (line.condition) decisions.push_back(line.condition->decision);
  for (const BlockLine::Substitution& used : line.substitutions) decisions.push_back(used.decision);
  return decisions;
}

/// Line by line: all combinations of the decisions that a line is the first to mention, of which
/// those that give the network's next blocks are kept. Of those that leave the same to the lines
/// behind only one is, so they stay few.
class PointSearch {
 public:
  PointSearch(const NetworkSpace& space, const BlockNetwork& network)
      : space_(space), network_(network), first_(space.decisions().size()), last_(first_.size()) {
    for (const Block& block : network.blocks) wanted_.push_back(text_of(block));
    for (std::size_t line = space.lines().size(); line-- > 0;) {
      for (const std::size_t decision : decisions_of(space.lines()[line])) {
        first_[decision] = line;
        last_[decision] = std::max(last_[decision], line);
      }
    }
    for (const std::size_t decision : space.input_decisions()) first_[decision] = kInput;
  }

  Choices run() const {
    std::vector<PartialPoint> partial;
    const std::vector<std::size_t> of_input = space_.input_decisions();
    for_each_choice(Choices(space_.decisions().size(), 0), of_input, [&](const Choices& choices) {
      if (space_.input(choices) == network_.input) partial.push_back({choices, 0});
    });
    if (partial.empty()) throw other_input();
    for (std::size_t line = 0; line < space_.lines().size(); ++line) {
      std::vector<PartialPoint> next = extended(partial, line);
      if (next.empty()) throw no_point(partial, line);
      partial = std::move(next);
    }
    const auto whole = std::ranges::find(partial, wanted_.size(), &PartialPoint::blocks);
    if (whole == partial.end()) throw no_point(partial, space_.lines().size());
    return space_.canonical(whole->choices);
  }

 private:
  std::vector<PartialPoint> extended(const std::vector<PartialPoint>& partial,
                                     std::size_t line) const {
    std::vector<std::size_t> open;  // decisions that are first mentioned here
    for (std::size_t d = 0; d < first_.size(); ++d) {
      if (first_[d] == line) open.push_back(d);
    }
    std::map<std::pair<Choices, std::size_t>, PartialPoint>
        found;  // by what is left to later lines
    for (const PartialPoint& start : partial) {
      for_each_choice(start.choices, open, [&](const Choices& choices) {
        const std::optional<std::size_t> blocks = blocks_after(choices, line, start.blocks);
        if (!blocks) return;
        Choices later = choices;
        for (std::size_t d = 0; d < later.size(); ++d) {
          if (last_[d] <= line) later[d] = 0;
        }
        found.try_emplace({std::move(later), *blocks}, PartialPoint{choices, *blocks});
      });
    }
    std::vector<PartialPoint> next;
    for (auto& [left, point] : found) next.push_back(std::move(point));
    return next;
  }

  template <typename Use>
  void for_each_choice(Choices choices, std::span<const std::size_t> open, const Use& use) const {
    if (open.empty()) {
      use(choices);
      return;
    }
    for (std::size_t c = 0; c < space_.decisions()[open.front()].choices.size(); ++c) {
      choices[open.front()] = static_cast<std::uint16_t>(c);
      for_each_choice(choices, open.subspan(1), use);
    }
  }

  /// How many of the network's blocks are there after the line; nothing if it gives others.
  std::optional<std::size_t> blocks_after(const Choices& choices, std::size_t line,
                                          std::size_t before) const {
    const int channels =
        before == 0 ? network_.input.channels : network_.blocks[before - 1].channels;
    std::vector<Block> blocks;
    try {
      BlockTemplate::append_blocks(space_.lines()[line], choices, channels, blocks);
    } catch (const InputError&) {
      return std::nullopt;  // groups that do not divide the channels
    }
    for (const Block& block : blocks) {
      if (before == wanted_.size() || text_of(block) != wanted_[before]) return std::nullopt;
      ++before;
    }
    return before;
  }

  InputError other_input() const {
    const auto text = [](const TensorShape& shape) {
      return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
    };
    const std::string why = space_.input_decisions().empty()
                                ? "not " + text(space_.input(Choices(space_.decisions().size(), 0)))
                                : std::string("which no choice gives");
    return InputError(fmt::format("network '{}' is no point of space '{}': its input is {}, {}",
                                  network_.name, space_.name(), text(network_.input), why));
  }

  /// Why none of `partial` goes on with the line; behind the last one something is left.
  InputError no_point(const std::vector<PartialPoint>& partial, std::size_t line) const {
    const std::size_t blocks = std::ranges::max_element(partial, {}, &PartialPoint::blocks)->blocks;
    const std::string what = blocks < wanted_.size()
                                 ? fmt::format("its block {} is '{}'", blocks + 1, wanted_[blocks])
                                 : fmt::format("it ends after block {}", blocks);
    const std::string why =
        line < space_.lines().size()
            ? "which no choice gives at " + space_.lines()[line].node.where().str()
            : std::string("where the space has ended");
    return InputError(fmt::format("network '{}' is no point of space '{}': {}, {}", network_.name,
                                  space_.name(), what, why));
  }

  const NetworkSpace& space_;
  const BlockNetwork& network_;
  std::vector<std::size_t> first_, last_;  // line that mentions a decision
  std::vector<std::string> wanted_;        // blocks as text
};

}  // namespace

Choices point_of(const NetworkSpace& space, const BlockNetwork& network) {
  return PointSearch(space, network).run();
}

}  // namespace dovetail

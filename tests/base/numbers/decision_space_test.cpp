#include "base/numbers/decision_space.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "base/files/yaml.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

DecisionSpace from_text(const std::string& text) {
  return DecisionSpace::from_yaml(YamlNode::parse(text, "space.yaml"));
}

// Two ordered decisions, one that is not, and one without alternatives.
DecisionSpace example() {
  return from_text(
      "- {name: kernel, choices: [3, 5, 7], unit: pixels}\n"
      "- {name: op, choices: [skip, conv, depthwise, pool]}\n"
      "- {name: fixed, choices: [only]}\n"
      "- {name: memory, choices: [0.5, 1, 2, 3, 4], unit: MiB}\n");
}

TEST(DecisionSpaceTest, ReadsNamesUnitsAndOrder) {
  const DecisionSpace space = example();
  ASSERT_EQ(space.size(), 4U);
  EXPECT_EQ(space[0].name, "kernel");
  EXPECT_EQ(space[0].unit, "pixels");
  EXPECT_TRUE(space[0].ordered());
  EXPECT_THAT(space[3].values, testing::ElementsAre(0.5, 1, 2, 3, 4));
  EXPECT_FALSE(space[1].ordered());
  EXPECT_EQ(space[1].unit, "");
  EXPECT_EQ(space.find("memory"), 3U);
  EXPECT_THAT(message_of<InputError>([&] { space.find("memry"); }), HasSubstr("'memory'?"));
}

TEST(DecisionSpaceTest, QuotedNumbersAreNotOrdered) {
  EXPECT_FALSE(from_text("- {name: a, choices: ['1', '2']}")[0].ordered());
}

TEST(DecisionSpaceTest, RefusesBadDecisionsWithTheirPlace) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"- {name: a, choices: []}", "space.yaml:1:22: [0].choices: decision 'a' has no choices"},
      {"- {name: '', choices: [1]}", "a decision needs a name"},
      {"- {choices: [1]}", "space.yaml:1:3: [0]: the key 'name' is missing"},
      {"- {name: a, choices: [x, y, x]}", "has the choice x twice"},
      {"- {name: a, choices: [1, 1.0]}", "allowed numbers that ascend"},
      {"- {name: a, choices: [3, 2]}", "found 3 before 2"},
      {"- {name: a, choices: [1]}\n- {name: a, choices: [2]}",
       "space.yaml:2:10: [1].name: 'a' twice"},
      {"- {name: a, choices: [1], units: m}", "did you mean 'unit'?"},
      {"- {name: a, choices: 3}", "found '3', allowed a list"},
      {"- {name: a, choices: [[1]]}", "space.yaml:1:23: [0].choices[0]: found a list of 1"},
      {"- {name: a, choices: [1], repeat: 0}", "found 0, allowed 1 to 10000"},
      {"- {name: a, choices: [1], first: 2}", "[0].first: has no meaning without 'repeat'"},
      {"- {name: a, choices: [1], repeat: 2}\n- {name: a1, choices: [1]}", "[1].name: 'a1' twice"},
      {"- {name: '', choices: [1], repeat: 2}", "a decision needs a name"},
      {"[]", "allowed at least one"},
      {"a: 1", "allowed a list"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(message_of<InputError>([&] { from_text(c.text); }), HasSubstr(c.message)) << c.text;
  }
}

TEST(DecisionSpaceTest, RepeatsADecisionUnderNumberedNames) {
  const DecisionSpace space = from_text(
      "- {name: k, choices: [3, 5], repeat: 3, unit: pixels}\n"
      "- {name: e, choices: [x], repeat: 2, first: 9}\n"
      "- {name: last, choices: [1]}\n");
  const DecisionSpace longhand = from_text(
      "- {name: k0, choices: [3, 5], unit: pixels}\n- {name: k1, choices: [3, 5], unit: pixels}\n"
      "- {name: k2, choices: [3, 5], unit: pixels}\n- {name: e9, choices: [x]}\n"
      "- {name: e10, choices: [x]}\n- {name: last, choices: [1]}\n");
  ASSERT_EQ(space.size(), longhand.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    EXPECT_EQ(space[i].name, longhand[i].name);
    EXPECT_EQ(space[i].unit, longhand[i].unit);
    EXPECT_EQ(space[i].choices, longhand[i].choices);
    EXPECT_EQ(space[i].values, longhand[i].values);
  }
}

TEST(DecisionSpaceTest, ConstructorChecksTheSame) {
  EXPECT_THROW(DecisionSpace({{"a", "", {"x"}, {}}, {"a", "", {"x"}, {}}}), InputError);
  EXPECT_THROW(DecisionSpace({{"a", "", {"1", "2"}, {1}}}), InputError);
  EXPECT_THROW(DecisionSpace({{"a", "", {}, {}}}), InputError);
  EXPECT_EQ(DecisionSpace().count(), 1U);
}

TEST(DecisionSpaceTest, CountsPoints) {
  EXPECT_EQ(example().count(), 60U);
  EXPECT_EQ(example().cardinality(), 60);
  std::vector<Decision> many;
  for (int i = 0; i < 64; ++i) many.push_back({fmt::format("d{}", i), "", {"a", "b"}, {}});
  const DecisionSpace too_many(many);
  EXPECT_FALSE(too_many.count());
  EXPECT_DOUBLE_EQ(too_many.cardinality(), 18446744073709551616.0);
  EXPECT_THROW(too_many.index_of(Choices(64, 0)), std::logic_error);
  many.pop_back();
  EXPECT_EQ(DecisionSpace(many).count(), std::uint64_t{1} << 63);
}

TEST(DecisionSpaceTest, IndexIsABijectionInOrder) {
  const DecisionSpace space = example();
  Choices before;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Choices choices = space.from_index(i);
    EXPECT_EQ(space.index_of(choices), i);
    EXPECT_LT(before, choices);  // the first decision is the most significant
    before = choices;
  }
  EXPECT_EQ(space.from_index(0), (Choices{0, 0, 0, 0}));
  EXPECT_EQ(space.from_index(1), (Choices{0, 0, 0, 1}));
  EXPECT_EQ(space.from_index(59), (Choices{2, 3, 0, 4}));
  EXPECT_THROW(space.from_index(60), InputError);
}

TEST(DecisionSpaceTest, ValidatesChoices) {
  const DecisionSpace space = example();
  EXPECT_NO_THROW(space.validate({2, 3, 0, 4}));
  EXPECT_THROW(space.validate({2, 3, 0}), InputError);
  EXPECT_THAT(message_of<InputError>([&] {
                space.validate({0, 4, 0, 0});
              }),
              HasSubstr("'op': found choice number 4, allowed 0 to 3"));
}

TEST(DecisionSpaceTest, EncodeReadsWhatDecodeNames) {
  const DecisionSpace space = example();
  EXPECT_EQ(space.decode({1, 3, 0, 0}),
            (std::map<std::string, std::string>{
                {"kernel", "5"}, {"op", "pool"}, {"fixed", "only"}, {"memory", "0.5"}}));
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Choices point = space.from_index(i);
    EXPECT_EQ(space.encode(space.decode(point)), point);
  }
  const auto refusal = [&](const std::string& decision, const std::string& choice) {
    auto named = space.decode({0, 0, 0, 0});
    if (choice.empty()) {
      named.erase(decision);
    } else {
      named[decision] = choice;
    }
    return message_of<InputError>([&] { space.encode(named); });
  };
  EXPECT_THAT(refusal("op", ""), HasSubstr("decision 'op' is missing"));
  EXPECT_THAT(refusal("op", "cnov"), HasSubstr("op: found 'cnov', allowed skip, conv"));
  EXPECT_THAT(refusal("kernel", "3.0"), HasSubstr("kernel: found '3.0', allowed 3, 5, 7"));
  EXPECT_THAT(refusal("opp", "conv"), HasSubstr("'op'?"));
}

TEST(DecisionSpaceTest, NeighboursDifferInOneDecisionAndAreSymmetric) {
  const DecisionSpace space = example();
  EXPECT_THAT(space.neighbours({1, 0, 0, 0}),
              testing::UnorderedElementsAre(Choices{0, 0, 0, 0}, Choices{2, 0, 0, 0},  // one step
                                            Choices{1, 1, 0, 0}, Choices{1, 2, 0, 0},
                                            Choices{1, 3, 0, 0},  // any
                                            Choices{1, 0, 0, 1}));
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Choices here = space.from_index(i);
    for (const Choices& there : space.neighbours(here)) {
      EXPECT_THAT(space.neighbours(there), testing::Contains(here));
    }
  }
}

TEST(DecisionSpaceTest, SamplesAreUniformOverPoints) {
  const DecisionSpace space = example();
  std::vector<int> counts(60);
  Rng rng(11);
  const int draws = 60000;
  for (int i = 0; i < draws; ++i) ++counts[space.index_of(space.sample(rng))];
  double chi_squared = 0;
  for (const int count : counts) chi_squared += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_squared, 98.4);  // 59 degrees of freedom, p = 0.001
}

TEST(DecisionSpaceTest, DescribesAndJoins) {
  const DecisionSpace space = example();
  EXPECT_EQ(space.describe({2, 1, 0, 0}), "kernel=7 op=conv fixed=only memory=0.5");
  const DecisionSpace other = from_text("- {name: pes, choices: [1, 2]}");
  const DecisionSpace both = space.joined(other);
  EXPECT_EQ(both.size(), 5U);
  EXPECT_EQ(both[4].name, "pes");
  EXPECT_EQ(both.count(), 120U);
  EXPECT_THROW(space.joined(space), InputError);
}

}  // namespace
}  // namespace dovetail

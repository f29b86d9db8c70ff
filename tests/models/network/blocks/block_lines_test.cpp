#include "models/network/blocks/block_lines.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kDecisions =
    "[{name: k, choices: [3, 5]}, {name: d, choices: [1, 2, 3]}, {name: op, choices: [id, mb]}]";

/// A file of block lines on line 3 and after, with the three decisions above.
BlockTemplate parse(const std::string& lines, const std::string& defaults = "act=relu") {
  const YamlNode root =
      YamlNode::parse("defaults: " + defaults + "\nblocks:\n" + lines, "net.yaml");
  YamlMap map = root.map();
  const DecisionSpace decisions = DecisionSpace::from_yaml(YamlNode::parse(kDecisions, "d.yaml"));
  const std::optional<YamlNode> default_node =
      defaults.empty() ? std::nullopt : std::optional(map.required("defaults"));
  return BlockTemplate(map.required("blocks"), default_node, decisions);
}

std::string error_of(const std::string& line, const std::string& defaults = "act=relu") {
  return input_error([&] { parse("  - conv c=8 act=relu\n  - " + line + "\n", defaults); });
}

std::vector<Block> resolve(const std::string& line, const std::string& defaults = "act=relu",
                           int channels = 16, const Choices& choices = {0, 0, 0}) {
  return parse("  - " + line + "\n", defaults).resolve(choices, channels);
}

std::string text(const std::vector<Block>& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) out += "; ";
    append_text(out, block);
  }
  return out;
}

TEST(BlockLines, Repetition) {
  EXPECT_EQ(text(resolve("mb k=5 s=2 e=6 c=24 n=3")),
            "mb k=5 s=2 h=96 c=24 act=relu; mb k=5 h=144 c=24 act=relu; "
            "mb k=5 h=144 c=24 act=relu");
}

TEST(BlockLines, HiddenWidths) {
  const auto hidden = [](const std::string& line, int channels) {
    return resolve(line, "act=relu", channels)[0].hidden;
  };
  EXPECT_EQ(hidden("mb k=3 e=2.3 c=80", 80), 184);
  EXPECT_EQ(hidden("mb k=3 h=184 c=80", 80), 184);
  EXPECT_EQ(hidden("mb k=3 e=3 c=80", 12), 40);  // 36, to a multiple of 8
  EXPECT_EQ(hidden("mb k=3 e=3 e_round=1 c=80", 12), 36);
  EXPECT_EQ(hidden("ds k=3 c=80", 12), 12);
}

TEST(BlockLines, SqueezeWidths) {
  const auto squeeze = [](const std::string& options) {
    return resolve("mb k=5 e=3 c=40 " + options, "act=relu", 24)[0].se.squeeze_channels;
  };
  EXPECT_EQ(squeeze(""), 0);
  EXPECT_EQ(squeeze("se=0.25"), 6);
  EXPECT_EQ(squeeze("se=0.25 se_of=hidden"), 18);
  EXPECT_EQ(squeeze("se=0.25 se_of=hidden se_round=8"), 24);  // 16 is below 0.9 of 18
  EXPECT_EQ(squeeze("se_c=20"), 20);
  EXPECT_EQ(squeeze("se=0"), 0);
}

TEST(BlockLines, DefaultsHoldWhereALineIsSilent) {
  const std::string defaults = "act=hswish se=0.5 se_inner=swish se_gate=hsigmoid";
  EXPECT_EQ(text(resolve("mb k=3 e=6 c=24", defaults)),
            "mb k=3 h=96 c=24 act=hswish se_c=8 se_inner=swish se_gate=hsigmoid");
  EXPECT_EQ(text(parse("  - mb k=3 e=6 c=24 act=relu se=0.25 se_gate=sigmoid\n  - ds k=3 c=24\n",
                       defaults)
                     .resolve({0, 0, 0}, 16)),
            "mb k=3 h=96 c=24 act=relu se_c=4 se_inner=swish; "
            "ds k=3 c=24 act=hswish se_c=12 se_inner=swish se_gate=hsigmoid");
  // a fully connected layer has no activation unless its own line says so
  EXPECT_EQ(
      text(parse("  - mb k=3 e=6 c=24\n  - pool\n  - fc c=10\n", defaults).resolve({0, 0, 0}, 16)),
      "mb k=3 h=96 c=24 act=hswish se_c=8 se_inner=swish se_gate=hsigmoid; pool name=pool; "
      "fc c=10 name=fc");
}

TEST(BlockLines, SameNetworkSameText) {
  EXPECT_EQ(text(resolve("mb k=3 e=1 c=24")), text(resolve("ds k=3 c=24")));
  EXPECT_EQ(text(resolve("mb k=3 e=6 c=24 expand=always")), text(resolve("mb k=3 e=6 c=24")));
  EXPECT_EQ(text(resolve("mb k=3 e=6 c=24 skip=no")), text(resolve("mb k=3 e=6 c=24")));
  EXPECT_NE(text(resolve("mb k=3 e=1 c=24 expand=always")), text(resolve("ds k=3 c=24")));
  EXPECT_NE(text(resolve("mb k=3 e=6 c=16 skip=no")), text(resolve("mb k=3 e=6 c=16")));
  EXPECT_EQ(text(resolve("mb k=3 e=6 c=24 se=0")), text(resolve("mb k=3 e=6 c=24")));
}

TEST(BlockLines, TextReadsBackAsTheSameNetwork) {
  const std::string lines =
      "  - conv k=5 s=2 c=24 act=hswish name=stem\n"
      "  - dw k=3 s=2\n"
      "  - maxpool k=2 s=2\n"
      "  - avgpool k=3\n"
      "  - ds k=3 c=24 act=relu6 se=0.5\n"
      "  - mb k=7 s=2 e=4.5 c=40 n=2 se=0.25 se_of=hidden se_round=8 se_gate=hsigmoid\n"
      "  - mb k=3 e=1 c=40 expand=always skip=no\n"
      "  - fused k=3 h=96 c=40 g=4 n=2\n"
      "  - dw k=5 d=2\n"
      "  - mb k=3 d=2 e=6 c=40\n"
      "  - basic k=5 s=2 c=48 n=2 d=3\n"
      "  - bottleneck h=16 c=64 g=4 n=2 act=relu6\n"
      "  - conv k=3 c=64 d=2\n"
      "  - conv c=64 g=8 bias=yes bn=no\n"
      "  - fc c=32 act=relu bias=no flatten=yes name=hidden\n"
      "  - fc c=10\n";
  const TensorShape input{65, 33, 3};
  const BlockTemplate original = parse(lines);
  const std::vector<Block> blocks = original.resolve({0, 0, 0}, 3);
  std::string again;
  for (const Block& block : blocks) {
    again += "  - ";
    append_text(again, block);
    again += '\n';
  }
  const BlockTemplate copy = parse(again, "");
  const std::vector<Block> same = copy.resolve({0, 0, 0}, 3);
  EXPECT_EQ(text(same), text(blocks));
  EXPECT_EQ(copy.build("net", input, same).layers(), original.build("net", input, blocks).layers());
}

TEST(BlockLines, ResNetBlocks) {
  EXPECT_EQ(text(resolve("basic s=2 c=64 n=2")),
            "basic k=3 s=2 c=64 act=relu; basic k=3 c=64 act=relu");
  EXPECT_EQ(text(resolve("bottleneck h=8 c=64 g=4 d=2")),
            "bottleneck k=3 d=2 h=8 c=64 g=4 act=relu");
  EXPECT_THAT(error_of("bottleneck c=64"), HasSubstr("bottleneck needs h"));
  EXPECT_THAT(input_error([] { resolve("bottleneck h=6 c=64 g=4"); }),
              AllOf(HasSubstr("net.yaml:3:5"), HasSubstr("must divide 6 input and 6 output")));
  EXPECT_THAT(error_of("basic h=8 c=64"), HasSubstr("unknown option of basic 'h'"));
  EXPECT_THAT(error_of("basic c=64 se=0.25"), HasSubstr("unknown option of basic 'se'"));
  EXPECT_THAT(error_of("basic c=64 name=x"), HasSubstr("unknown option of basic 'name'"));
}

TEST(BlockLines, Dilation) {
  EXPECT_EQ(text(resolve("conv k=3 d=4 c=8")), "conv k=3 d=4 c=8 act=relu name=conv");
  EXPECT_EQ(text(resolve("fused k=3 d=2 h=8 c=8")), "fused k=3 d=2 h=8 c=8 act=relu");
  EXPECT_THAT(error_of("conv d=2 c=8"), HasSubstr("'d' has no effect on this line"));
  EXPECT_THAT(error_of("mb k=1 d=2 e=6 c=8"), HasSubstr("'d' has no effect on this line"));
  EXPECT_THAT(error_of("maxpool k=3 d=2"), HasSubstr("unknown option of maxpool 'd'"));
  EXPECT_THAT(error_of("conv k=3 d=0 c=8"), HasSubstr("d '0': must be integer 1 to 64"));
}

TEST(BlockLines, BiasAndBatchNormalisationFromDefaults) {
  EXPECT_EQ(text(parse("  - conv c=8\n  - conv c=8 bias=no\n", "act=relu bias=yes bn=no")
                     .resolve({0, 0, 0}, 16)),
            "conv c=8 act=relu bias=yes bn=no name=conv; conv c=8 act=relu bn=no name=conv1");
}

TEST(BlockLines, LayerNames) {
  const BlockTemplate lines = parse(
      "  - conv c=8 name=stem\n  - conv c=8\n  - conv c=8\n  - mb k=3 e=2 c=8 n=2\n  - pool\n"
      "  - fc c=10\n  - fc c=10\n");
  const Network network = lines.build("net", {8, 8, 3}, lines.resolve({0, 0, 0}, 3));
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) names.push_back(layer.name);
  EXPECT_THAT(names, testing::ElementsAre("stem", "conv1", "conv2", "blocks.0.expand",
                                          "blocks.0.dw", "blocks.0.project", "blocks.0.add",
                                          "blocks.1.expand", "blocks.1.dw", "blocks.1.project",
                                          "blocks.1.add", "pool", "fc", "fc1"));
}

TEST(BlockLines, ErrorsNameThePlaceAndTheNearestName) {
  // the first line, a good one, is line 3 of the file
  EXPECT_THAT(error_of("mb kk=3 e=6 c=24"),
              AllOf(HasSubstr("net.yaml:4:5: blocks[1]"), HasSubstr("'kk'"),
                    HasSubstr("did you mean 'k'")));
  EXPECT_THAT(error_of("mbb k=3 e=6 c=24"),
              AllOf(HasSubstr("net.yaml:4:5"), HasSubstr("unknown block kind 'mbb'"),
                    HasSubstr("did you mean 'mb'")));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 se_ofs=hidden se=0.25"), HasSubstr("'se_of'"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 act=reluu"),
              AllOf(HasSubstr("act 'reluu'"), HasSubstr("relu6, swish")));
  EXPECT_THAT(error_of("mb k=$kk e=6 c=24"),
              AllOf(HasSubstr("net.yaml:4:5"), HasSubstr("unknown decision 'kk'"),
                    HasSubstr("did you mean 'k'")));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 name=x"), HasSubstr("unknown option of mb 'name'"));
  EXPECT_THAT(error_of("pool k=3"), HasSubstr("unknown option of pool 'k'"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24", "act=relu acd=3"),
              AllOf(HasSubstr("net.yaml:1:11: defaults"), HasSubstr("'acd'")));
}

TEST(BlockLines, BadValues) {
  for (const std::string bad :
       {"k=4",    "k=0",     "k=-3",     "k=33",       "k=3.0", "k=x",   "k=3x",  "s=0",    "c=0",
        "c=-8",   "c=1.5",   "c=99999",  "n=0",        "e=0",   "e=nan", "e=inf", "e=-1",   "e=100",
        "se=1.5", "se=-0.1", "skip=yes", "se_round=0", "c=04",  "c=+8",  "k=03",  "se=00.5"}) {
    const std::string key = bad.substr(0, bad.find('='));
    std::string line = "mb";
    for (const std::string good : {"k=3", "e=6", "c=24", "se=0.25"}) {
      if (!good.starts_with(key + "=")) line += " " + good;
    }
    line += " " + bad;
    EXPECT_THAT(error_of(line),
                AllOf(HasSubstr("net.yaml:4:5"), HasSubstr(key + " '"), HasSubstr("must be")))
        << bad;
  }
}

TEST(BlockLines, ANetworkHasAtMostSoManyLayers) {
  std::string lines = "  - conv k=3 c=8 act=relu\n";
  for (int i = 0; i < 300; ++i) lines += "  - mb k=3 e=1 c=8 n=64 act=relu\n";
  EXPECT_THAT(input_error([&] {
                const BlockTemplate blocks = parse(lines, "");
                blocks.build("net", {8, 8, 8}, blocks.resolve({0, 0, 0}, 8));
              }),
              HasSubstr("found more than 50000 layers, allowed are at most 50000"));
}

TEST(BlockLines, IncompleteOrContradictoryLines) {
  EXPECT_THAT(error_of("mb k e=6 c=24"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(error_of("mb k= e=6 c=24"), HasSubstr("'k='"));
  EXPECT_THAT(error_of("mb =3 e=6 c=24"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(error_of("mb k=3 k=3 e=6 c=24"), HasSubstr("'k' is given twice"));
  EXPECT_THAT(error_of("mb e=6 c=24"), HasSubstr("mb needs k"));
  EXPECT_THAT(error_of("mb k=3 e=6"), HasSubstr("mb needs c"));
  EXPECT_THAT(error_of("mb k=3 c=24"), HasSubstr("mb needs e or h"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24", ""), HasSubstr("mb needs act"));
  EXPECT_THAT(error_of("mb k=3 e=6 h=24 c=24"), HasSubstr("'e' and 'h' exclude each other"));
  EXPECT_THAT(error_of("mb k=3 h=24 e_round=8 c=24"), HasSubstr("'e_round' has no effect"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 se=0.25 se_c=6"), HasSubstr("exclude"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 se_gate=sigmoid"), HasSubstr("'se_gate' has no effect"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24 se_c=8 se_of=hidden"), HasSubstr("has no effect"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24", "act=relu se_gate=sigmoid"),
              AllOf(HasSubstr("net.yaml:1:11"), HasSubstr("no block line takes 'se_gate'")));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24", "act=relu act=relu"), HasSubstr("twice"));
  EXPECT_THAT(error_of("mb k=3 e=6 c=24", "act=relux"), HasSubstr("act 'relux'"));
  EXPECT_THAT(error_of("''"), HasSubstr("empty block line"));
  EXPECT_THAT(error_of("{mb: 3}"), HasSubstr("net.yaml:4:5"));
  EXPECT_THAT(error_of("conv c=8 name=A.b"), HasSubstr("name 'A.b'"));
}

TEST(BlockLines, ErrorsThatDependOnTheChannels) {
  EXPECT_THAT(input_error([] { resolve("conv k=3 c=24 g=3"); }),
              AllOf(HasSubstr("net.yaml:3:5"), HasSubstr("must divide 16 input")));
  EXPECT_THAT(input_error([] { resolve("fused k=3 h=40 c=24 g=16"); }),
              HasSubstr("must divide 16 input and 40"));
  const BlockTemplate lines = parse("  - fc c=10\n", "");
  EXPECT_THAT(input_error([&] {
                lines.build("net", {7, 7, 3}, lines.resolve({0, 0, 0}, 3));
              }),
              AllOf(HasSubstr("net.yaml:3:5"), HasSubstr("put 'pool' before it")));
  const BlockTemplate flat = parse("  - pool\n  - fc c=10 flatten=yes\n", "");
  EXPECT_THAT(input_error([&] {
                flat.build("net", {7, 7, 3}, flat.resolve({0, 0, 0}, 3));
              }),
              AllOf(HasSubstr("net.yaml:4:5"), HasSubstr("'flatten' has no effect")));
  const BlockTemplate twice = parse("  - conv c=10 name=a\n  - conv c=10 name=a\n");
  EXPECT_THAT(input_error([&] {
                twice.build("net", {7, 7, 3}, twice.resolve({0, 0, 0}, 3));
              }),
              HasSubstr("another layer has this name"));
}

TEST(BlockLines, Conditions) {
  const auto blocks = [](const std::string& condition, const Choices& choices) {
    return parse("  - conv c=8\n  - mb k=$k e=6 c=24 when " + condition + "\n")
               .resolve(choices, 16)
               .size() == 2;
  };
  // d: 1, 2, 3
  EXPECT_FALSE(blocks("$d >= 2", {0, 0, 0}));
  EXPECT_TRUE(blocks("$d >= 2", {0, 1, 0}));
  EXPECT_TRUE(blocks("$d>=2", {0, 2, 0}));
  EXPECT_FALSE(blocks("$d > 2", {0, 1, 0}));
  EXPECT_TRUE(blocks("$d < 2", {0, 0, 0}));
  EXPECT_TRUE(blocks("$d <= 2", {0, 1, 0}));
  EXPECT_TRUE(blocks("$d == 3", {0, 2, 0}));
  EXPECT_FALSE(blocks("$d != 3", {0, 2, 0}));
  EXPECT_TRUE(blocks("$op == mb", {0, 0, 1}));
  EXPECT_FALSE(blocks("$op != mb", {0, 0, 1}));

  EXPECT_THAT(error_of("conv c=8 when"), HasSubstr("when $DECISION"));
  EXPECT_THAT(error_of("conv c=8 when d >= 2"), HasSubstr("when $DECISION"));
  EXPECT_THAT(error_of("conv c=8 when $d"), HasSubstr("when $DECISION"));
  EXPECT_THAT(error_of("conv c=8 when $d = 2"), HasSubstr("must be =="));
  EXPECT_THAT(error_of("conv c=8 when $d >="), HasSubstr("must be =="));
  EXPECT_THAT(error_of("conv c=8 when $d >= x"), HasSubstr("'x' is not a number"));
  EXPECT_THAT(error_of("conv c=8 when $d >= nan"), HasSubstr("'nan' is not a number"));
  EXPECT_THAT(error_of("conv c=8 when $d >= 33"), HasSubstr("never holds; d is one of 1, 2, 3"));
  EXPECT_THAT(error_of("conv c=8 when $op >= 2"), HasSubstr("are not numbers"));
  EXPECT_THAT(error_of("conv c=8 when $op == mbb"), HasSubstr("did you mean 'mb'"));
  EXPECT_THAT(error_of("conv c=8 when $d == 4"), HasSubstr("unknown choice of d '4'"));
  EXPECT_THAT(error_of("conv c=8 when $dd == 4"), HasSubstr("unknown decision 'dd'"));
}

TEST(BlockLines, AWindowMayBeOfAnyHeightAndWidth) {
  EXPECT_EQ(text(resolve("conv k=10x4 s=2 c=8", "act=relu", 1, {0, 0, 0})),
            "conv k=10x4 s=2 c=8 act=relu name=conv");
  EXPECT_EQ(text(resolve("mb k=1x9 e=2 c=8", "act=relu", 4, {0, 0, 0})),
            "mb k=1x9 h=8 c=8 act=relu");
  EXPECT_EQ(text(resolve("maxpool k=4x1", "", 4, {0, 0, 0})), "maxpool k=4x1 name=maxpool");
  for (const char* wrong : {"3x3", "0x3", "3x", "x3", "32x1", "3x5x7", "3 x5", "03x5", "3X5"}) {
    EXPECT_NE(error_of(fmt::format("conv c=8 k={}", wrong)), "") << wrong;
  }
}

TEST(BlockLines, EveryChoiceOfADecisionIsChecked) {
  EXPECT_THAT(error_of("mb k=$d e=6 c=24"),
              AllOf(HasSubstr("k '2' (a choice of $d)"), HasSubstr("odd integer 1 to 31")));
  EXPECT_THAT(error_of("conv c=8 act=$op"), HasSubstr("act 'id' (a choice of $op)"));
  EXPECT_EQ(text(resolve("mb k=$k e=6 c=24 n=$d", "act=relu", 16, {1, 1, 0})),
            "mb k=5 h=96 c=24 act=relu; mb k=5 h=144 c=24 act=relu");
}

TEST(BlockLines, ReadDecisionsAreThoseThatMatter) {
  const BlockTemplate lines =
      parse("  - conv c=8\n  - mb k=$k e=6 c=24 when $d >= 2\n  - conv c=8 when $op == id\n");
  const auto read = [&](const Choices& choices) {
    std::vector<bool> result(3, false);
    lines.mark_read(choices, result);
    return result;
  };
  EXPECT_EQ(read({0, 0, 0}), (std::vector<bool>{false, true, true}));
  EXPECT_EQ(read({0, 1, 0}), (std::vector<bool>{true, true, true}));
  EXPECT_TRUE(lines.mentions(0) && lines.mentions(1) && lines.mentions(2));
  EXPECT_FALSE(parse("  - conv c=8\n").mentions(0));
}

}  // namespace
}  // namespace dovetail

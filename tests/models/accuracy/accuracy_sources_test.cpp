#include "models/accuracy/accuracy_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/accuracy/command/command_kind.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

AccuracyChoice read(const std::string& yaml) {
  return read_accuracy(YamlNode::parse(yaml, "a.yaml"), "/studies");
}

CommandSettings command(const std::string& yaml) {
  YamlMap map = YamlNode::parse(yaml, "a.yaml").map();
  return read_command_settings(map, "/studies");
}

std::string refusal(const std::string& yaml) {
  return message_of<InputError>([&] { read(yaml); });
}

TEST(AccuracySettings, ReadBackWhatTheyWrite) {
  for (const std::string yaml :
       {"{source: predictor, file: ofa_mbv3}",
        "{source: predictor, file: ./p.json, out_of_range: flag}", "{source: published}",
        "{source: transfer, file: mbconv_transfer}", "{source: table, file: t.csv}",
        "{source: table, file: ../t.csv, duplicates: mean, accuracy_column: 'val: top1', columns: "
        "{k0: kernel, 'e 0': '17'}}",
        "{source: table, file: t.csv, digits_column: arch}",
        "{source: command, command: [sh, ./a b.sh, '{json}', -x, 'yes'], timeout_s: 0.5, retries: "
        "0, "
        "folder: ..}"}) {
    const std::string text = accuracy_yaml(read(yaml));
    EXPECT_EQ(accuracy_yaml(read(text)), text) << text;
  }
}

TEST(AccuracySettings, PathsAreRelativeToTheStudy) {
  EXPECT_THAT(accuracy_yaml(read("{source: predictor, file: ofa_mbv3}")),
              HasSubstr("file: ofa_mbv3\n"));
  EXPECT_THAT(accuracy_yaml(read("{source: predictor, file: ./p.json}")),
              HasSubstr("file: /studies/p.json\n"));
  EXPECT_EQ(read("{source: table, file: t.csv}").settings->files().at("accuracy"),
            "/studies/t.csv");
  EXPECT_EQ(read("{source: table, file: /data/t.csv}").settings->files().at("accuracy"),
            "/data/t.csv");
  EXPECT_EQ(command("{command: [a], timeout_s: 1}").folder, "/studies");
  EXPECT_EQ(command("{command: [a], timeout_s: 1, folder: b}").folder, "/studies/b");
}

TEST(AccuracySettings, AKeyOfAnotherSourceIsAnError) {
  EXPECT_THAT(refusal("{source: predictor, file: a, duplicates: mean}"),
              AllOf(HasSubstr("a.yaml:1"), HasSubstr("duplicates"),
                    HasSubstr("source 'predictor' does not use it")));
  EXPECT_THAT(refusal("{source: table, file: a, out_of_range: flag}"),
              HasSubstr("source 'table' does not use it"));
  EXPECT_THAT(refusal("{source: published, file: a}"), HasSubstr("does not use it"));
  EXPECT_THAT(refusal("{source: table}"), HasSubstr("'file' is missing"));
  EXPECT_THAT(refusal("{source: table, file: a, duplicate: mean}"), HasSubstr("'duplicates'"));
  EXPECT_THAT(refusal("{source: table, file: a, duplicates: first}"), HasSubstr("refuse | mean"));
  EXPECT_THAT(refusal("{source: tabel, file: a}"), HasSubstr("'table'"));
}

TEST(AccuracySettings, OfACommand) {
  const CommandSettings defaults = command("{command: [a], timeout_s: 9}");
  EXPECT_EQ(defaults.retries, 1);
  EXPECT_EQ(defaults.parallel, 1);
  const std::string keys = "command: [a, b c, 7], timeout_s: 9, retries: 3, parallel: 8}";
  const CommandSettings settings = command("{" + keys);
  EXPECT_EQ(settings.words, (std::vector<std::string>{"a", "b c", "7"}));
  EXPECT_EQ(settings.retries, 3);
  EXPECT_EQ(settings.parallel, 8);
  EXPECT_THAT(accuracy_yaml(read("{source: command, " + keys)),
              testing::Not(HasSubstr("parallel")));
  EXPECT_THAT(refusal("{source: command, command: [a]}"), HasSubstr("'timeout_s' is missing"));
  EXPECT_THAT(refusal("{source: command, command: [], timeout_s: 1}"), HasSubstr("no program"));
  EXPECT_THAT(refusal("{source: command, command: a b, timeout_s: 1}"), HasSubstr("command"));
  EXPECT_THAT(refusal("{source: command, command: [a], timeout_s: 0}"), HasSubstr("above 0"));
  EXPECT_THAT(refusal("{source: command, command: [a], timeout_s: 1, retries: -1}"),
              HasSubstr("retries"));
  EXPECT_THAT(refusal("{source: command, command: [a], timeout_s: 1, parallel: 0}"),
              HasSubstr("parallel"));
}

TEST(AccuracySources, EveryKindSaysWhatItIs) {
  for (const AccuracySourceKind& kind : accuracy_source_kinds()) {
    EXPECT_FALSE(kind.description.empty()) << kind.name;
    EXPECT_EQ(&find_accuracy_source(kind.name), &kind);
  }
}

}  // namespace
}  // namespace dovetail

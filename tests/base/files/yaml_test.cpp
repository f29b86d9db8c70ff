#include "base/files/yaml.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

YamlNode parse(const std::string& text) {
  return YamlNode::parse(text, "f.yaml");
}

std::string parse_error(const std::string& text) {
  return message_of<InputError>([&] { parse(text); });
}

// The value of the key `a` in a document.
YamlNode value(const std::string& text) {
  return parse(fmt::format("a: {}", text)).map().required("a");
}

TEST(YamlTest, KeepsTheTextOfScalars) {
  for (const char* text : {"010", "no", "yes", "0x10", "1e3", "1_000", "2001-01-01", "12", "~x"}) {
    EXPECT_EQ(value(text).as_string(), text);
  }
  EXPECT_EQ(value("'a # b'").as_string(), "a # b");
  EXPECT_EQ(value("\"tab\\tend\"").as_string(), "tab\tend");
  EXPECT_EQ(value("''").as_string(), "");
}

TEST(YamlTest, NothingIsNull) {
  for (const char* text : {"", "~", "null"}) EXPECT_TRUE(value(text).is_null()) << text;
  EXPECT_TRUE(value("'null'").is_scalar());
  EXPECT_THAT(message_of<InputError>([] { value("").as_string(); }),
              HasSubstr("f.yaml:1:1: a: found nothing, allowed text"));
}

TEST(YamlTest, ReadsIntegersStrictly) {
  EXPECT_EQ(value("42").as_int(), 42);
  EXPECT_EQ(value("-7").as_int(), -7);
  EXPECT_EQ(value("0").as_int(), 0);
  EXPECT_EQ(value("9223372036854775807").as_int(), INT64_MAX);
  for (const char* text :
       {"010", "-010", "0x10", "0b1", "1.0", "1e3", "1_000", "12a", "12 13", "+3",
        "9223372036854775808", "'42'", "true", "[1]", "{b: 1}", "", "ten"}) {
    EXPECT_THROW(value(text).as_int(), InputError) << text;
  }
}

TEST(YamlTest, ReadsNumbersStrictly) {
  EXPECT_EQ(value("0.5").as_double(), 0.5);
  EXPECT_EQ(value("-1e-3").as_double(), -0.001);
  EXPECT_EQ(value("7").as_double(), 7);
  for (const char* text : {".nan", "nan", ".inf", "inf", "-inf", "infinity", "1e999", "0x1p3",
                           "1,5", "00.5", "'0.5'", "0.5 MiB", "half", "[0.5]"}) {
    EXPECT_THROW(value(text).as_double(), InputError) << text;
    EXPECT_FALSE(value(text).is_number()) << text;
  }
  EXPECT_TRUE(value("0.5").is_number());
}

TEST(YamlTest, ReadsBooleansStrictly) {
  EXPECT_TRUE(value("true").as_bool());
  EXPECT_FALSE(value("false").as_bool());
  for (const char* text : {"yes", "no", "on", "True", "TRUE", "1", "'true'", ""}) {
    EXPECT_THROW(value(text).as_bool(), InputError) << text;
  }
}

TEST(YamlTest, RangesAreInclusiveAndNamed) {
  EXPECT_EQ(value("64").as_int(1, 64), 64);
  EXPECT_EQ(value("1").as_int(1, 64), 1);
  EXPECT_EQ(message_of<InputError>([] { value("65").as_int(1, 64); }),
            "f.yaml:1:4: a: found '65', allowed an integer from 1 to 64");
  EXPECT_EQ(message_of<InputError>([] { value("0").as_int(1); }),
            "f.yaml:1:4: a: found '0', allowed an integer of at least 1");
  EXPECT_EQ(message_of<InputError>([] { value("2.5").as_double(0, 1.5); }),
            "f.yaml:1:4: a: found '2.5', allowed a number from 0 to 1.5");
  EXPECT_EQ(message_of<InputError>([] { value("x").as_double(); }),
            "f.yaml:1:4: a: found 'x', allowed a number");
}

TEST(YamlTest, ChoicesNameTheNearest) {
  const std::vector<std::string> allowed = {"auto", "cached", "streamed"};
  EXPECT_EQ(value("streamed").as_choice(allowed), 2U);
  EXPECT_EQ(
      message_of<InputError>([&] { value("cachd").as_choice(allowed); }),
      "f.yaml:1:4: a: found 'cachd', allowed auto | cached | streamed; did you mean 'cached'?");
}

TEST(YamlTest, KnowsLineColumnAndPathOfNestedValues) {
  const YamlNode root = parse(
      "# comment\n"
      "hardware:\n"
      "  pes:\n"
      "    - {x: 1}\n"
      "    - x: two\n");
  const YamlNode x =
      root.map().required("hardware").map().required("pes").items()[1].map().required("x");
  EXPECT_EQ(x.path(), "hardware.pes[1].x");
  EXPECT_EQ(x.where().line, 5);
  EXPECT_EQ(x.where().column, 10);
  EXPECT_EQ(message_of<InputError>([&] { x.as_int(); }),
            "f.yaml:5:10: hardware.pes[1].x: found 'two', allowed an integer");
}

TEST(YamlTest, RefusesWhatItDoesNotUse) {
  EXPECT_EQ(parse_error("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3:1: found the key 'a' again (first on line 1), allowed each key once");
  EXPECT_THAT(parse_error("a:\n  {b: 1, b: 2}\n"),
              HasSubstr("f.yaml:2:10: found the key 'b' again"));
  EXPECT_THAT(parse_error("a: 1\n<<: {b: 2}\n"), HasSubstr("f.yaml:2:1: found the merge key"));
  EXPECT_THAT(parse_error("a: 1\n---\nb: 2\n"), HasSubstr("found a second document"));
  EXPECT_THAT(parse_error("a: &x 1\n"), HasSubstr("f.yaml:1:4: found the anchor '&x'"));
  EXPECT_THAT(parse_error("a: 1\nb: !!int 3\n"), HasSubstr("f.yaml:2:4: found the tag"));
  EXPECT_THAT(parse_error("a: !mine [3]\n"), HasSubstr("found the tag '!mine'"));
  EXPECT_THAT(parse_error("a: ! b\n"), HasSubstr("found the tag '!'"));
  EXPECT_THAT(parse_error("a: 1\n%x\n"), HasSubstr("f.yaml:2:1: found a directive"));
  EXPECT_THAT(parse_error("? [1, 2]\n: 3\n"), HasSubstr("found a list of 0 as a key"));
  EXPECT_THAT(parse_error("~: 3\n"), HasSubstr("found nothing as a key"));
}

TEST(YamlTest, RefusesWhatIsNotYaml) {
  EXPECT_THAT(parse_error("a: 1\nb: [1, 2\n"), HasSubstr("not YAML"));
  EXPECT_THAT(parse_error("a: 1\n b: 2\n"), HasSubstr("f.yaml:2:"));
  EXPECT_THAT(parse_error("a: 1\n- 2\n"), HasSubstr("f.yaml:2:1: "));
  EXPECT_THAT(parse_error("a: {b: 1]\n"), HasSubstr("f.yaml:1:9: "));
  EXPECT_THAT(parse_error("a:\n\tb: 1\n"), HasSubstr("f.yaml:2:"));
  for (const char* open : {"'open", "\"open", "'it''s", "\"a\\\"", "'", "\""}) {
    EXPECT_THAT(parse_error(fmt::format("b: 1\na: {}\n", open)),
                HasSubstr("f.yaml:2:4: found a quote that is never closed"));
  }
  EXPECT_THAT(parse_error("\"a: 1\n"), HasSubstr("f.yaml:1:1: found a quote"));
  EXPECT_THAT(parse_error("a: *b\n"), HasSubstr("f.yaml:1:4: "));
  EXPECT_THAT(parse_error(""), HasSubstr("f.yaml:1:1: found an empty file"));
  EXPECT_THAT(parse_error("# only a comment\n"), HasSubstr("found an empty file"));
  EXPECT_THAT(parse_error("a: 1\nb: \x04 2\n"), HasSubstr("f.yaml:2: found the control character"));
  EXPECT_THAT(parse_error(std::string("a: 1\n\0b", 7)), HasSubstr("control character 0x00"));
  EXPECT_THAT(parse_error("a: b\xff\n"), HasSubstr("f.yaml:1: found a byte that is not UTF-8"));
  EXPECT_THAT(parse_error(std::string(5000, '[')), HasSubstr("f.yaml:1:"));
}

TEST(YamlTest, UnicodeAndWindowsLinesAreText) {
  EXPECT_EQ(value("µm² \xF0\x9F\x8C\x8D").as_string(), "µm² \xF0\x9F\x8C\x8D");
  YamlMap map = parse("a: 1\r\nb: 2\r\n").map();
  EXPECT_EQ(map.required("a").as_int(), 1);
  EXPECT_EQ(map.required("b").as_int(), 2);
}

TEST(YamlTest, AByteOrderMarkIsNoText) {
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "a: 'x'\n")
                .map()
                .required("a")
                .as_string(),
            "x");
}

TEST(YamlTest, LoadsFiles) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.yaml", "a: 3\n");
  EXPECT_EQ(YamlNode::load(file).map().required("a").as_int(), 3);
  EXPECT_THAT(message_of<InputError>([&] { YamlNode::load(folder.path() / "y.yaml"); }),
              HasSubstr("y.yaml: cannot open"));
  EXPECT_THROW(YamlNode::load(folder.path()), InputError);
}

TEST(YamlMapTest, NamesTheFirstUnreadKey) {
  YamlMap map = parse("pes_x: 4\nsimd_unit: 3\nother: 1\n").map();
  map.required("pes_x");
  map.optional("simd_units");
  map.optional("clock_ghz");
  EXPECT_EQ(message_of<InputError>([&] { map.finish(); }),
            "f.yaml:2:1: simd_unit: unknown key 'simd_unit'; did you mean 'simd_units'? "
            "Known: pes_x, simd_units, clock_ghz");
  map.optional("simd_unit");
  map.optional("other");
  EXPECT_NO_THROW(map.finish());
}

TEST(YamlMapTest, NamesAMissingKeyAndWhatItMayBeCalled) {
  YamlMap map = parse("top:\n  nmae: x\n").map().required("top").map();
  EXPECT_EQ(message_of<InputError>([&] { map.required("name"); }),
            "f.yaml:2:3: top: the key 'name' is missing; is 'nmae' meant to be it?");
}

TEST(YamlMapTest, AnEmptyValueIsThereAsNull) {
  YamlMap map = parse("a:\nb: 1\n").map();
  EXPECT_TRUE(map.has("a"));
  EXPECT_FALSE(map.has("c"));
  ASSERT_TRUE(map.optional("a"));
  EXPECT_TRUE(map.optional("a")->is_null());
  EXPECT_FALSE(map.optional("c"));
}

TEST(YamlMapTest, EntriesComeInOrderAndCountAsRead) {
  YamlMap map = parse("z: 1\na: 2\n").map();
  const auto entries = map.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].first, "z");
  EXPECT_EQ(entries[1].second.as_int(), 2);
  EXPECT_NO_THROW(map.finish());
}

TEST(YamlMapTest, SchemaMustBeTheOne) {
  YamlMap good = parse("schema: dovetail.x/1\n").map();
  EXPECT_NO_THROW(good.require_schema("dovetail.x/1"));
  EXPECT_NO_THROW(good.finish());
  EXPECT_THAT(message_of<InputError>([&] { good.require_schema("dovetail.x/2"); }),
              HasSubstr("f.yaml:1:9: schema: found 'dovetail.x/1', allowed 'dovetail.x/2'"));
  YamlMap none = parse("shema: dovetail.x/1\n").map();
  EXPECT_THAT(message_of<InputError>([&] { none.require_schema("dovetail.x/1"); }),
              HasSubstr("is 'shema' meant"));
}

TEST(YamlMapTest, OnlyAMapIsAMap) {
  EXPECT_THAT(message_of<InputError>([] { parse("[1, 2]").map(); }),
              HasSubstr("f.yaml:1:1: found a list of 2, allowed a map of keys"));
  EXPECT_THAT(message_of<InputError>([] { value("x").map(); }), HasSubstr("a: found 'x'"));
  EXPECT_THAT(message_of<InputError>([] { value("x").items(); }), HasSubstr("allowed a list"));
}

TEST(YamlMapTest, KeysWithoutEndAreRefusedAtOnce) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += fmt::format("key{}: 1\n", i);
  EXPECT_THAT(message_of<InputError>([&] { parse(text); }),
              HasSubstr("f.yaml:10001:1: found more than 10000 keys in a map"));
}

TEST(YamlScalarTest, ReadsBackAsTheSameText) {
  for (const std::string text :
       {"plain", "two words", "",    " lead",       "trail ",    "null",  "~",      "true", "No",
        "a: b",  "a #b",      "#x",  "- x",         "-",         "--- x", "---",    "...",  "[x]",
        "{x}",   "\"q\"",     "'q'", "back\\slash", "new\nline", "tab\t", "bell\a", "%d",   "@a",
        "`b",    "!t",        "&a",  "*a",          "? x",       "12",    "0.5",    "µm²",  "a,b",
        "key:",  "\x7f",      "<<",  "nahas_s2:1f", "../x.yaml"}) {
    EXPECT_EQ(value(yaml_scalar(text)).as_string(), text) << yaml_scalar(text);
    EXPECT_EQ(parse(fmt::format("[{}, 1]", yaml_scalar(text))).items()[0].as_string(), text);
  }
  EXPECT_EQ(yaml_scalar("nahas_edge-12"), "nahas_edge-12");
  EXPECT_EQ(yaml_scalar("12"), "12");
  EXPECT_EQ(yaml_scalar("a b"), "\"a b\"");
}

}  // namespace
}  // namespace dovetail

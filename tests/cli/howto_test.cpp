// The commands of docs/howto_*.md, and of networks_out.md, are run as they stand, in an empty
// folder that has the files that the page shows: YAML blocks that begin with "# NAME.yaml".

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

struct CodeBlock {
  std::string language, text;
};

std::vector<CodeBlock> code_blocks(const std::string& page) {
  const std::string fence = "```";
  std::vector<CodeBlock> blocks;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    const std::size_t line = page.find('\n', at);
    const std::size_t end = page.find(fence, line);
    EXPECT_NE(end, std::string::npos) << "a block that does not end";
    if (end == std::string::npos) break;
    blocks.push_back({page.substr(at + 3, line - at - 3), page.substr(line + 1, end - line - 1)});
    at = end + fence.size();
  }
  return blocks;
}

/// Runs the page in `folder`; leaves what it prints in out.txt.
void run_page(const fs::path& page, const TemporaryFolder& folder) {
  std::string script = "set -eu\n";
  for (const CodeBlock& block : code_blocks(read_file(page))) {
    if (block.language == "yaml") {
      const std::size_t end = block.text.find('\n');
      ASSERT_TRUE(block.text.starts_with("# ")) << "which file is this?\n" << block.text;
      folder.write(block.text.substr(2, end - 2), block.text);
    } else if (block.language == "sh") {
      script += block.text;
    }
  }
  folder.write("page.sh", script);
  const std::string command =
      fmt::format("cd '{}' && PATH='{}':\"$PATH\" sh ./page.sh > out.txt 2> err.txt",
                  folder.path().string(), fs::path(DOVETAIL_BINARY).parent_path().string());
  EXPECT_EQ(std::system(command.c_str()), 0) << folder.read("out.txt") << folder.read("err.txt");
}

/// The chip that the page names is the one that its first command chose, with the figures that it
/// shows; and the files are there.
void expect_the_answer_of_the_page(const std::string& page, const TemporaryFolder& folder) {
  const std::string printed = folder.read("out.txt");
  const std::regex answer("the answer is `([^`]+)`");
  std::smatch match;
  ASSERT_TRUE(std::regex_search(page, match, answer));
  EXPECT_THAT(printed,
              testing::HasSubstr("The least area_mm2 within the limits: " + match[1].str() + ","));
  const std::regex row("\\n\\| (latency_ms@[^|]+) \\| ([0-9.]+) \\|");
  int rows = 0;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), row); at != std::sregex_iterator();
       ++at, ++rows) {
    const std::regex there(std::regex_replace((*at)[1].str(), std::regex("[.]"), "\\.") + " +" +
                           (*at)[2].str());
    EXPECT_TRUE(std::regex_search(printed, there)) << (*at)[0];
  }
  EXPECT_EQ(rows, 5);
  for (const char* file : {"chip/chosen.yaml", "chip/choice.csv", "against_the_baseline.csv"}) {
    EXPECT_TRUE(fs::exists(folder.path() / file)) << file;
  }
}

TEST(HowTo, EveryPageRuns) {
  int pages = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(DOVETAIL_SOURCE_DIR) / "docs")) {
    if (!entry.path().filename().string().starts_with("howto_")) continue;
    SCOPED_TRACE(entry.path());
    const TemporaryFolder folder;
    run_page(entry.path(), folder);
    ++pages;
    if (entry.path().filename() == "howto_architect.md") {
      expect_the_answer_of_the_page(read_file(entry.path()), folder);
    }
    if (entry.path().filename() != "howto_space.md") continue;
    EXPECT_THAT(folder.read("out.txt"), testing::HasSubstr("Joint against fixed hardware"));
    for (const char* file : {"samples/network_149.yaml", "first.onnx", "tiny_accuracy.json",
                             "pareto.png", "pair/network.onnx", "labels.h5", "tiny.model"}) {
      EXPECT_TRUE(fs::exists(folder.path() / file)) << file;
    }
  }
  EXPECT_GE(pages, 1);
}

TEST(HowTo, ThePageOfWhatLeavesTheProgramRuns) {
  const TemporaryFolder folder;
  run_page(fs::path(DOVETAIL_SOURCE_DIR) / "docs/networks_out.md", folder);
  for (const char* file :
       {"mobilenet_v2.onnx", "mobilenet_v2/network.json", "mobilenet_v2/dovetail_torch.py",
        "costs.onnx", "pair/README.md", "pair/network.onnx", "zigzag.yaml", "arch.yaml"}) {
    EXPECT_TRUE(fs::exists(folder.path() / file)) << file;
  }
}

// A recipe is a list of files to touch: those that it names are there.
TEST(Recipes, NameFilesThatAreThere) {
  const fs::path root = DOVETAIL_SOURCE_DIR;
  const std::string page = read_file(root / "docs/recipes.md");
  const std::regex file_name("`([a-z_]+(/[a-z_]+)*/([a-z_]+\\.(h|cpp|py|md|txt|yaml))?)`");
  int files = 0;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), file_name);
       at != std::sregex_iterator(); ++at, ++files) {
    EXPECT_TRUE(fs::exists(root / (*at)[1].str())) << (*at)[1];
  }
  EXPECT_GE(files, 8);
}

}  // namespace
}  // namespace dovetail

// docs/networks.md is run: its examples are loaded and its table of options is the grammar's.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "models/network/blocks/block_grammar.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

const std::filesystem::path kPage = std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs/networks.md";

std::vector<std::string> yaml_examples(const std::string& page) {
  std::vector<std::string> examples;
  const std::string fence = "```yaml\n";
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    const std::size_t end = page.find("```", at);
    examples.push_back(page.substr(at, end - at));
    at = end;
  }
  return examples;
}

/// The row of the page's table for one option.
std::string table_row(const BlockOption& option) {
  std::vector<std::string> kinds;
  for (const BlockKind kind : option.kinds) kinds.push_back(to_string(kind));
  const std::string fallback = option.fallback_text();
  const std::string missing = option.fallback ? "-" : "required";
  return fmt::format("| `{}` | {} | {} | {}{} | {} |", option.name, join(kinds),
                     option.allowed_values(), fallback.empty() ? missing : fallback,
                     option.from_defaults ? " *" : "", option.meaning);
}

TEST(NetworkDocs, ExamplesLoad) {
  int networks = 0, spaces = 0;
  for (const std::string& example : yaml_examples(read_file(kPage))) {
    SCOPED_TRACE(example);
    const std::filesystem::path file = write_yaml(example);
    if (example.starts_with("schema: dovetail.network/1")) {
      EXPECT_GT(load_network(file).macs(), 0);
      ++networks;
    } else {
      const NetworkSpace space = NetworkSpace::load(file);
      EXPECT_GT(space.decisions().cardinality(), 1);
      ++spaces;
    }
  }
  EXPECT_GE(networks, 1);
  EXPECT_GE(spaces, 1);
}

TEST(NetworkDocs, TableIsTheGrammar) {
  const std::string page = read_file(kPage);
  for (const BlockOption& option : block_options()) {
    EXPECT_NE(page.find(table_row(option)), std::string::npos) << table_row(option);
  }
  for (const std::string& kind : block_kind_names()) {
    EXPECT_NE(page.find("| `" + kind + "` |"), std::string::npos) << kind;
  }
}

}  // namespace
}  // namespace dovetail

// Against reference tables kept outside the repository: layer tables of published networks, and the
// counts of every network in the accuracy tables of three spaces. Which column is compared:
//   mbconv-reference   macs_derived, params_derived, and every column of the layer tables
//   ofa-mbv3           macs, params (of the tables' preparer; the origin counts nothing)
//   accel-nasbench     macs_conv_fc, params (of the preparer) and macs_reported_M (the origin's)
//   nas-bench-macro    macs, params (the origin's), and which networks are the same

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/network/blocks/block_lines.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

constexpr const char* kTables = "mbconv-reference/mbconv_arch_tables.csv";
constexpr const char* kOnceForAll = "ofa-mbv3/dynast_ofa_mbv3_w10.csv";
constexpr const char* kAccelNasBench = "accel-nasbench/anb_imagenet.csv";
constexpr const char* kNasBenchMacro = "nas-bench-macro/nas-bench-macro_cifar10.csv";
constexpr const char* kAbsent = ": this calibration data is absent";
constexpr const char* kSummary = "mbconv-reference/mbconv_arch_summary.csv";

std::map<std::string, std::vector<CsvRow>> tables(const std::filesystem::path& file) {
  std::map<std::string, std::vector<CsvRow>> result;
  for (const CsvRow& row : read_csv(file)) result[row.at("net")].push_back(row);
  return result;
}

/// Rows of a network's table, regained from its layers. Columns as in the reference.
std::vector<CsvRow> table_of(const Network& network) {
  std::vector<CsvRow> rows;
  bool pooled = false;
  const auto& layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& first = layers[i];
    if (first.op == OpType::kGlobalAveragePool) {
      pooled = true;
      continue;
    }
    CsvRow row;
    const auto set = [&](const char* column, int value) { row[column] = std::to_string(value); };
    std::size_t last = i;
    while (!first.block.empty() && last + 1 < layers.size() &&
           layers[last + 1].block == first.block) {
      ++last;
    }
    const Layer* window = &first;  // the layer with the kernel
    int squeeze = 0;
    for (std::size_t j = i; j <= last; ++j) {
      if (layers[j].is_depthwise()) window = &layers[j];
      if (layers[j].name.ends_with(".se.reduce")) squeeze = layers[j].output.channels;
    }
    if (!first.block.empty()) {
      row["op"] = &first == window ? (window->is_depthwise() ? "ds" : "fused") : "mb";
    } else if (first.op == OpType::kFullyConnected) {
      row["op"] = "fc";
    } else {
      row["op"] = first.name == "stem" ? "stem" : pooled ? "head_conv_after_pool" : "conv";
    }
    set("c_in", first.input.channels);
    set("c_mid", first.block.empty() ? first.input.channels : window->output.channels);
    set("c_out", layers[last].output.channels);
    set("kernel", window->kernel_h);
    set("stride", window->stride_h);
    set("groups", window->is_depthwise() ? 1 : window->groups);  // of depthwise it has none
    set("se_mid", squeeze);
    row["act"] = to_string(first.activation);
    set("residual", layers[last].op == OpType::kAdd);
    set("h_in", first.input.height);
    rows.push_back(row);
    i = last;
  }
  return rows;
}

TEST(Reference, ZooCountsAreTheReferencesExactly) {
  const std::filesystem::path file = data_file(kSummary);
  if (file.empty()) GTEST_SKIP() << kSummary << kAbsent;
  std::map<std::string, CsvRow> summary;
  for (const CsvRow& row : read_csv(file)) summary[row.at("net")] = row;
  int compared = 0;
  for (const ZooEntry& entry : list_zoo()) {
    const auto row = summary.find(entry.name);
    if (row == summary.end()) continue;
    const Network network = load_network(entry.file);
    EXPECT_EQ(std::to_string(network.macs()), row->second.at("macs_derived")) << entry.name;
    EXPECT_EQ(std::to_string(network.parameters()), row->second.at("params_derived")) << entry.name;
    const PublishedFigures& published = network.published;
    const auto figure = [&](const char* column) {
      const std::string& text = row->second.at(column);
      return text == "-" ? std::nullopt : std::optional(std::stod(text));
    };
    EXPECT_EQ(published.top1_percent, figure("top1_published")) << entry.name;
    EXPECT_EQ(published.macs_millions, figure("macs_published_M")) << entry.name;
    EXPECT_EQ(published.parameters_millions, figure("params_published_M")) << entry.name;
    EXPECT_EQ(network.input().height, integer(row->second, "resolution")) << entry.name;
    ++compared;
  }
  EXPECT_EQ(compared, 94);
}

TEST(Reference, ZooLayersAreTheReferencesRowByRow) {
  const std::filesystem::path file = data_file(kTables);
  if (file.empty()) GTEST_SKIP() << kTables << kAbsent;
  const auto references = tables(file);
  int compared = 0;
  for (const ZooEntry& entry : list_zoo()) {
    const auto reference = references.find(entry.name);
    if (reference == references.end()) continue;
    const std::vector<CsvRow> rows = table_of(load_network(entry.file));
    ASSERT_EQ(rows.size(), reference->second.size()) << entry.name;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const auto& [column, value] : rows[i]) {
        std::string expected = reference->second[i].at(column);
        if (expected == "head_conv") expected = "conv";  // the same but for the place
        EXPECT_EQ(value, expected) << entry.name << " row " << i << ", " << column;
      }
    }
    ++compared;
  }
  EXPECT_EQ(compared, 94);
}

/// The block lines of one row of the tables. fc and the convolution after the pool get their pool.
std::string lines_of(const CsvRow& row, const std::string& net, bool& pooled) {
  const std::string& op = row.at("op");
  const auto value = [&](const char* column) { return row.at(column); };
  const bool after_pool = op == "head_conv_after_pool" || op == "fc";
  std::string text = after_pool && !pooled ? "  - pool\n  - " : "  - ";
  pooled = pooled || after_pool;
  if (op == "fc") return text + fmt::format("fc c={}\n", value("c_out"));
  if (op == "stem" || op == "conv" || op == "head_conv") {
    return text + fmt::format("conv k={} s={} c={} act={}\n", value("kernel"), value("stride"),
                              value("c_out"), value("act"));
  }
  if (op == "head_conv_after_pool") {  // the once-for-all networks have no bias there
    return text + fmt::format("conv c={} act={} bn=no bias={}\n", value("c_out"), value("act"),
                              net.starts_with("ofa_") ? "no" : "yes");
  }
  text += fmt::format("{} k={} s={} c={} act={}", op, value("kernel"), value("stride"),
                      value("c_out"), value("act"));
  if (op != "ds") text += fmt::format(" h={}", value("c_mid"));
  if (op == "fused") text += fmt::format(" g={}", value("groups"));
  if (op == "mb" && net.starts_with("fbnet_")) text += " expand=always";
  if (value("se_mid") != "0") text += fmt::format(" se_c={}", value("se_mid"));
  if (value("residual") == "0") text += " skip=no";
  return text + "\n";
}

TEST(Reference, TheGrammarExpressesEveryReferenceNetwork) {
  const std::filesystem::path tables_file = data_file(kTables);
  if (tables_file.empty()) GTEST_SKIP() << kTables << kAbsent;
  const std::filesystem::path summary_file = data_file(kSummary);
  if (summary_file.empty()) GTEST_SKIP() << kSummary << kAbsent;
  const auto references = tables(tables_file);
  EXPECT_EQ(references.size(), 94U);
  for (const CsvRow& summary : read_csv(summary_file)) {
    const std::string& net = summary.at("net");
    std::string text = "blocks:\n";
    bool pooled = false;
    for (const CsvRow& row : references.at(net)) text += lines_of(row, net, pooled);
    YamlMap map = YamlNode::parse(text, net).map();
    const BlockTemplate blocks(map.required("blocks"), std::nullopt, DecisionSpace());
    const int size = integer(summary, "resolution");
    const Network network = blocks.build(net, {size, size, 3}, blocks.resolve({}, 3));
    EXPECT_EQ(std::to_string(network.macs()), summary.at("macs_derived")) << net;
    EXPECT_EQ(std::to_string(network.parameters()), summary.at("params_derived")) << net;
    std::size_t residuals = 0, adds = 0;
    for (const CsvRow& row : references.at(net)) residuals += row.at("residual") == "1";
    for (const Layer& layer : network.layers()) adds += layer.op == OpType::kAdd;
    EXPECT_EQ(adds, residuals) << net;
  }
}

/// The rows of a table that has the decisions of a space as columns, and the network of each.
template <typename Compare>
void for_each_row(const std::filesystem::path& file, const std::string& space_name,
                  std::size_t rows_expected, Compare compare) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", space_name));
  const std::vector<CsvRow> rows = read_csv(file);
  EXPECT_EQ(rows.size(), rows_expected);
  for (std::size_t r = 0; r < rows.size() && !testing::Test::HasFailure(); ++r) {
    SCOPED_TRACE(fmt::format("row {} of {}", r, file.filename().string()));
    std::map<std::string, std::string> named;
    for (const Decision& decision : space.decisions().decisions()) {
      named[decision.name] = rows[r].at(decision.name);
    }
    compare(rows[r], space.build(space.decisions().encode(named)));
  }
}

TEST(Reference, OnceForAllCountsOfEveryMeasuredNetwork) {
  const std::filesystem::path file = data_file(kOnceForAll);
  if (file.empty()) GTEST_SKIP() << kOnceForAll << kAbsent;
  for_each_row(file, "ofa_mbv3", 1966, [](const CsvRow& row, const Network& network) {
    EXPECT_EQ(std::to_string(network.macs()), row.at("macs"));
    EXPECT_EQ(std::to_string(network.parameters()), row.at("params"));
  });
}

/// Operations as the authors of Accel-NASBench counted them: four for each number that batch
/// normalisation gives, and each number that a global pool reads or gives, beside the
/// multiply-accumulates.
std::int64_t reported_operations(const Network& network) {
  std::int64_t count = network.macs();
  for (const Layer& layer : network.layers()) {
    if (layer.has_batch_norm) count += 4 * layer.output.elements();
    if (layer.op == OpType::kGlobalAveragePool) {
      count += layer.input.elements() + layer.output.elements();
    }
  }
  return count;
}

TEST(Reference, AccelNasBenchCountsOfEveryMeasuredNetwork) {
  const std::filesystem::path file = data_file(kAccelNasBench);
  if (file.empty()) GTEST_SKIP() << kAccelNasBench << kAbsent;
  for_each_row(file, "anb_effnet", 4590, [](const CsvRow& row, const Network& network) {
    EXPECT_EQ(std::to_string(network.macs()), row.at("macs_conv_fc"));
    EXPECT_EQ(std::to_string(network.parameters()), row.at("params"));
    EXPECT_EQ(fmt::format("{:.6f}", static_cast<double>(reported_operations(network)) / 1e6),
              row.at("macs_reported_M"));
  });
}

TEST(Reference, NasBenchMacroCountsOfEveryNetwork) {
  const std::filesystem::path file = data_file(kNasBenchMacro);
  if (file.empty()) GTEST_SKIP() << kNasBenchMacro << kAbsent;
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  std::map<std::string, std::string> canonical_of_key;
  const std::vector<CsvRow> rows = read_csv(file);
  EXPECT_EQ(rows.size(), 6561U);
  for (const CsvRow& row : rows) {
    Choices choices;
    for (const char digit : row.at("arch")) {
      choices.push_back(static_cast<std::uint16_t>(digit - '0'));
    }
    const Network network = space.build(choices);
    ASSERT_EQ(std::to_string(network.macs()), row.at("macs")) << row.at("arch");
    ASSERT_EQ(std::to_string(network.parameters()), row.at("params")) << row.at("arch");
    const auto [known, is_new] =
        canonical_of_key.emplace(space.canonical_key(choices), row.at("canonical"));
    ASSERT_EQ(known->second, row.at("canonical")) << row.at("arch");
  }
  EXPECT_EQ(canonical_of_key.size(), 3969U);
}

}  // namespace
}  // namespace dovetail

#include "cost/surrogate/data/dataset_tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include "base/files/atomic_file.h"
#include "base/text/text.h"
#include "tests/base/files/faults.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Pair = std::pair<Choices, Choices>;

Pair pair_of(const Dataset& data, std::size_t row) {
  return {data.network(row), data.hardware(row)};
}

std::set<Pair> pairs_of(const Dataset& data, const std::vector<std::size_t>& rows) {
  std::set<Pair> pairs;
  for (const std::size_t r : rows) pairs.insert(pair_of(data, r));
  return pairs;
}

/// Rows whose pairs are not in `other`: the synthetic space is so small that seeds share pairs.
Dataset without_pairs_of(const Dataset& data, const Dataset& other) {
  std::vector<std::size_t> all(other.rows());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto taken = pairs_of(other, all);
  std::vector<std::size_t> kept;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    if (taken.count(pair_of(data, r)) == 0) kept.push_back(r);
  }
  return select_rows(data, kept);
}

TEST(DatasetTools, SummaryCountsWhatTheRowsHold) {
  const Dataset data = synthetic_data(400, 3);
  const DatasetSummary summary = summarize(data);
  EXPECT_EQ(summary.rows, 400U);
  EXPECT_EQ(summary.feasible, data.feasible_rows());
  using enum InfeasibleReason;
  ASSERT_EQ(summary.rows_of_reason.size(), 2U);
  EXPECT_EQ(summary.rows_of_reason.at(kNone), summary.feasible);
  EXPECT_EQ(summary.rows_of_reason.at(kLocalMemoryTooSmall), 400U - summary.feasible);
  EXPECT_EQ(summary.rows_in_seed_order, 400U);
  std::vector<double> latencies;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    if (data.label(r).feasible()) latencies.push_back(data.label(r).latency_ms);
  }
  std::sort(latencies.begin(), latencies.end());
  const FigureRange& latency = summary.ranges[0];
  EXPECT_EQ(latency.figure->key, "latency_ms");
  EXPECT_EQ(latency.rows, latencies.size());
  EXPECT_EQ(latency.least, latencies.front());
  EXPECT_EQ(latency.most, latencies.back());
  EXPECT_EQ(latency.median, latencies[(latencies.size() - 1) / 2]);
  EXPECT_EQ(summary.ranges[2].rows, 400U);  // areas are known where nothing else is
}

TEST(DatasetTools, SummaryOfNothing) {
  const DatasetSummary summary = summarize(synthetic_data(0, 3));
  EXPECT_EQ(summary.rows, 0U);
  EXPECT_TRUE(std::isnan(summary.ranges[0].median));
}

TEST(DatasetTools, SummarySeesRowsOfAnotherSeed) {
  Dataset data = synthetic_data(100, 3);
  const Dataset other = synthetic_data(100, 4);
  for (std::size_t r = 0; r < 100; ++r) {
    data.append(other.network(r), other.hardware(r), other.label(r));
  }
  EXPECT_EQ(summarize(data).rows_in_seed_order, 100U);
}

TEST(DatasetTools, SplitIsDisjointCompleteAndDeterministic) {
  const Dataset data = synthetic_data(3000, 5);
  ASSERT_LT(summarize(data).distinct_pairs, 3000U);  // some pairs stand twice
  const std::vector<double> fractions = {0.7, 0.2};
  const auto parts = split_rows(data, fractions, 11);
  ASSERT_EQ(parts.size(), 3U);
  std::vector<std::size_t> all;
  std::size_t distinct = 0;
  for (const auto& part : parts) {
    EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
    all.insert(all.end(), part.begin(), part.end());
    distinct += pairs_of(data, part).size();
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), data.rows());
  for (std::size_t r = 0; r < all.size(); ++r) EXPECT_EQ(all[r], r);
  const std::size_t pairs = summarize(data).distinct_pairs;
  EXPECT_EQ(distinct, pairs);  // no pair stands in two parts
  const auto share = [&](std::size_t k) {
    return static_cast<double>(pairs_of(data, parts[k]).size()) / static_cast<double>(pairs);
  };
  EXPECT_NEAR(share(0), 0.7, 0.001);
  EXPECT_NEAR(share(1), 0.2, 0.001);
  EXPECT_EQ(split_rows(data, fractions, 11), parts);
  EXPECT_NE(split_rows(data, fractions, 12), parts);
}

TEST(DatasetTools, SplitRefusesFractionsThatLeaveNothing) {
  const Dataset data = synthetic_data(10, 5);
  for (const std::vector<double>& bad :
       std::vector<std::vector<double>>{{0}, {-0.1}, {1}, {0.6, 0.4}, {std::nan("")}}) {
    EXPECT_THROW(split_rows(data, bad, 0), InputError);
  }
}

TEST(DatasetTools, MergedPartsAreTheWholeAgain) {
  const Dataset data = synthetic_data(500, 6);
  const std::vector<double> fractions = {0.5};
  const auto rows = split_rows(data, fractions, 1);
  const std::vector<NamedDataset> parts = {{"a", select_rows(data, rows[0])},
                                           {"b", select_rows(data, rows[1])}};
  const Dataset merged = merge_datasets(parts, RepeatedPairs::kRefuse);
  ASSERT_EQ(merged.rows(), 500U);
  std::vector<std::size_t> order = rows[0];
  order.insert(order.end(), rows[1].begin(), rows[1].end());
  for (std::size_t r = 0; r < 500; ++r) {
    EXPECT_EQ(pair_of(merged, r), pair_of(data, order[r]));
    EXPECT_EQ(merged.label(r).cycles, data.label(order[r]).cycles);
  }
}

TEST(DatasetTools, MergeRefusesTheSameStreams) {
  const std::vector<NamedDataset> parts = {{"a.h5", synthetic_data(100, 6)},
                                           {"b.h5", synthetic_data(50, 6)}};
  EXPECT_THAT(message_of<InputError>([&] { merge_datasets(parts, RepeatedPairs::kRefuse); }),
              AllOf(HasSubstr("b.h5"), HasSubstr("a.h5"), HasSubstr("row 0"), HasSubstr("seed 6")));
}

TEST(DatasetTools, MergeKeepsRepeatsWithinAFileAndDropsThemIfAsked) {
  const Dataset a = synthetic_data(2000, 6);
  const Dataset b = without_pairs_of(synthetic_data(2000, 7), a);
  const std::vector<NamedDataset> parts = {{"a", a}, {"b", b}};
  EXPECT_EQ(merge_datasets(parts, RepeatedPairs::kRefuse).rows(), a.rows() + b.rows());
  const Dataset dropped = merge_datasets(parts, RepeatedPairs::kDrop);
  EXPECT_EQ(dropped.rows(), summarize(a).distinct_pairs + summarize(b).distinct_pairs);
  EXPECT_LT(dropped.rows(), a.rows() + b.rows());
}

/// A data set of no rows whose header was changed.
NamedDataset changed(const std::function<void(DatasetHeader&)>& change) {
  DatasetHeader header = synthetic_data(0, 0).header();
  change(header);
  return {"other.h5", Dataset(header)};
}

TEST(DatasetTools, MergeNamesWhatDiffers) {
  struct Case {
    const char* says;
    std::function<void(DatasetHeader&)> change;
  };
  const std::vector<Case> cases = {
      {"network space is 'elsewhere'", [](auto& h) { h.network.name = "elsewhere"; }},
      {"hardware space is 'elsewhere'", [](auto& h) { h.hardware.name = "elsewhere"; }},
      {"holds fixed", [](auto& h) { h.hardware.definition = "2"; }},
      {"holds fixed", [](auto& h) { h.network.definition = "2"; }},
      {"simulator is 'v2', there it is 'synthetic'", [](auto& h) { h.simulator = "v2"; }},
      {"technology is '7nm'", [](auto& h) { h.technology = "7nm"; }},
      {"choices of 'units'",
       [](auto& h) {
         auto decisions = h.hardware.decisions.decisions();
         decisions[0].choices[0] = "5";
         h.hardware.decisions = DecisionSpace(decisions);
       }},
  };
  for (const Case& c : cases) {
    const std::vector<NamedDataset> parts = {{"first.h5", synthetic_data(5, 0)}, changed(c.change)};
    EXPECT_THAT(message_of<InputError>([&] { merge_datasets(parts, RepeatedPairs::kDrop); }),
                AllOf(HasSubstr("other.h5"), HasSubstr(c.says)));
  }
}

TEST(DatasetTools, MergeRefusesContradictions) {
  const Dataset a = synthetic_data(20, 6, true);
  Dataset b(a.header());
  Costs other = a.label(7);
  other.latency_ms *= 1.01;
  b.append(a.network(7), a.hardware(7), other);
  const std::vector<NamedDataset> parts = {{"a.h5", a}, {"b.h5", b}};
  EXPECT_THAT(message_of<InputError>([&] { merge_datasets(parts, RepeatedPairs::kDrop); }),
              AllOf(HasSubstr("b.h5"), HasSubstr("row 0"), HasSubstr("row 7 of a.h5")));
}

TEST(DatasetTools, CsvHoldsEveryCell) {
  const TemporaryFolder folder;
  Dataset data = synthetic_data(60, 9);
  ASSERT_LT(data.feasible_rows(), 60U);
  data.save(folder.path() / "d.h5");
  EXPECT_EQ(sealed_schema(folder.path() / "d.h5").rfind("dovetail.dataset/", 0), 0U);
  export_csv(data, folder.path() / "d.csv");
  EXPECT_EQ(folder.count(), 2U);
  const auto lines = split(folder.read("d.csv"), '\n');
  std::size_t first = 0;
  while (lines[first].rfind("#", 0) == 0) ++first;
  EXPECT_THAT(lines[first - 1], AllOf(HasSubstr("latency_ms=ms"), HasSubstr("area_mm2=mm2")));
  EXPECT_EQ(lines[0], "# schema: dovetail.dataset_rows/1");
  EXPECT_EQ(lines[first - 2], "# fingerprint: " + data.fingerprint());
  const auto header = split(lines[first], ',');
  const std::size_t dn = data.header().network.decisions.size();
  const std::size_t dh = data.header().hardware.decisions.size();
  ASSERT_EQ(header.size(), dn + dh + 1 + pair_figures().size());
  EXPECT_EQ(header[0], "network.depth");
  EXPECT_EQ(header[dn], "hardware.units");
  ASSERT_EQ(lines.size(), first + 1 + data.rows() + 1);  // the last line ends, too
  for (std::size_t r = 0; r < data.rows(); ++r) {
    const auto cells = split(lines[first + 1 + r], ',');
    ASSERT_EQ(cells.size(), header.size());
    EXPECT_EQ(cells[0], data.header().network.decisions[0].choices[data.network(r)[0]]);
    EXPECT_EQ(cells[dn + 2], data.header().hardware.decisions[2].choices[data.hardware(r)[2]]);
    EXPECT_EQ(cells[dn + dh], to_string(data.label(r).reason));
    const std::string& latency = cells[dn + dh + 1];
    if (data.label(r).feasible()) {
      EXPECT_EQ(std::stod(latency), data.label(r).latency_ms);
    } else {
      EXPECT_EQ(latency, "");
    }
  }
}

TEST(DatasetTools, CsvQuotesWhatNeedsIt) {
  const TemporaryFolder folder;
  DatasetHeader header = synthetic_data(0, 0).header();
  header.hardware.decisions = DecisionSpace({{"shape", "", {"4,4", "a \"b\""}, {}}});
  Dataset data(header);
  Costs label;
  label.latency_ms = label.energy_mj = label.area_mm2 = 1;
  label.cycles = 1;
  data.append(Choices(9, 0), {0}, label);
  data.append(Choices(9, 0), {1}, label);
  export_csv(data, folder.path() / "d.csv");
  EXPECT_THAT(folder.read("d.csv"), AllOf(HasSubstr(",\"4,4\","), HasSubstr(",\"a \"\"b\"\"\",")));
}

TEST(SaveAll, WritesAllPartsOrNone) {
  const TemporaryFolder folder;
  std::vector<Dataset> parts;
  for (const std::uint64_t seed : {1, 2}) parts.push_back(synthetic_data(100, seed));
  const std::vector<std::string> files{(folder.path() / "a.h5").string(),
                                       (folder.path() / "b.h5").string()};
  save_all(parts, files);
  EXPECT_EQ(Dataset::load(files[1]).fingerprint(), parts[1].fingerprint());
  const std::string before = folder.read("a.h5") + folder.read("b.h5");
  parts[0] = synthetic_data(50, 3);
  parts[1] = synthetic_data(2000, 4);
  {
    const FileSizeLimit limit(40'000);  // room for the first and not for the second
    EXPECT_EQ(message_of<DiskFullError>([&] { save_all(parts, files); }),
              files[1] + ": cannot write: disk full; nothing was written");
  }
  EXPECT_EQ(folder.read("a.h5") + folder.read("b.h5"), before);
  EXPECT_EQ(folder.count(), 2U);
}

}  // namespace
}  // namespace dovetail

// A data set (dovetail.dataset/2) and the CSV of it, as a program of version 0.1.0 wrote them.
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

TEST(OldDataset, OpensAndSaysTheSame) {
  const std::filesystem::path assets =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/cost/surrogate/data/assets";
  const TemporaryFolder folder;
  Dataset data = Dataset::load(assets / "dataset_2.h5");
  export_csv(data, folder.path() / "d.csv");
  EXPECT_EQ(without_comments(folder.read("d.csv")),
            without_comments(read_file(assets / "dataset_2.csv")));
  const DatasetSummary summary = summarize(data);
  EXPECT_EQ(summary.rows, 120U);
  EXPECT_EQ(summary.rows_of_reason.at(InfeasibleReason::kRegisterFileTooSmall), 35U);
  EXPECT_EQ(summary.rows_in_seed_order, 120U);
  data.save(folder.path() / "again.h5");
  const Dataset again = Dataset::load(folder.path() / "again.h5");
  for (std::size_t r = 0; r < data.rows(); ++r) EXPECT_EQ(again.label(r), data.label(r)) << r;
}

}  // namespace
}  // namespace dovetail

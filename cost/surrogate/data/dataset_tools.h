#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cost/surrogate/data/dataset.h"

namespace dovetail {

/// Smallest, middle and largest value of a figure.
struct FigureRange {
  const Figure* figure = nullptr;
  std::size_t rows = 0;                    // that have a value; the rest is NaN if there is none
  double least = 0, median = 0, most = 0;  // median: the lower of two middle values
};

/// What can be said of a data set without a simulator.
struct DatasetSummary {
  std::size_t rows = 0, feasible = 0, distinct_pairs = 0;
  std::map<InfeasibleReason, std::size_t> rows_of_reason;  // those that occur
  std::vector<FigureRange> ranges;                         // in the order of pair_figures()
  /// Leading rows that are pair 0, 1, 2, ... of the header's seed. All rows of a file that label
  /// made; of a merged or split file as far as it goes like one.
  std::size_t rows_in_seed_order = 0;
};
DatasetSummary summarize(const Dataset& data);

/// DatasetSummary::rows_in_seed_order alone.
std::size_t rows_in_seed_order(const Dataset& data);

/// "dovetail.dataset/2": what the seal of a file that was loaded says.
std::string sealed_schema(const std::filesystem::path& file);

/// Parts of the rows, each in the order of the data set: fractions[k] of the distinct pairs go to
/// part k, those that are left to one more part. The pairs are dealt out at random (`seed`); rows
/// of equal pairs go to the same part. Every row is in exactly one part. Throws InputError unless
/// the fractions are positive and their sum is below 1.
std::vector<std::vector<std::size_t>> split_rows(const Dataset& data,
                                                 std::span<const double> fractions,
                                                 std::uint64_t seed);

/// The given rows, in the given order.
Dataset select_rows(const Dataset& data, std::span<const std::size_t> rows);

/// Writes each part to the file of its place: all, or with an error none, so that no old part
/// stands beside a new one that shares pairs with it.
void save_all(std::span<Dataset> parts, std::span<const std::string> files);

/// What merge_datasets() does about a pair that an earlier row has.
enum class RepeatedPairs {
  kRefuse,  // those within one file stay: a small space gives the same pair twice
  kDrop,    // only the first row of each pair is kept, also within a file
};

/// A data set and what messages call it.
struct NamedDataset {
  std::string name;
  Dataset data;
};

/// The rows of all, one data set after another; the seed is that of the first.
/// Throws InputError, naming both files and what differs, unless all have the same spaces,
/// technology and simulator; if files have pairs in common and `repeated` refuses that
/// (two files of one seed have the same streams and thus the same pairs); if equal pairs have
/// different labels.
Dataset merge_datasets(std::span<const NamedDataset> parts, RepeatedPairs repeated);

/// Writes a CSV file in one step (schema dovetail.dataset_rows/1): comments that give the source, a
/// row for each. Columns: network.DECISION, hardware.DECISION (the choice as written in the space),
/// reason ("none" where feasible), then pair_figures(), with all their digits, since
/// read_measurements() reads the file, and empty where unknown.
void export_csv(const Dataset& data, const std::filesystem::path& file);

}  // namespace dovetail

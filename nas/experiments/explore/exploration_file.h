#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/text/csv.h"
#include "nas/experiments/explore/explore.h"

namespace dovetail {

/// A file of an exploration (CSV): its comments say what it is. Schema dovetail.exploration/1 has
/// one row a configuration, in the order of the space: index, the choice of each decision,
/// pair_figures() (empty where unknown, else with all digits: the file is read back), and the
/// reason why the network cannot run (empty where it can).

/// FOLDER/NETWORK.csv. Throws InputError if the name of the network cannot name a file.
std::filesystem::path exploration_path(const std::filesystem::path& folder, const Network& network);

/// The limit on areas with which a folder's exploration of a network was made or begun, infinite if
/// there was none; nothing if there is no file that says one.
std::optional<double> explored_area_limit(const std::filesystem::path& folder,
                                          const Network& network);

/// With the comment lines that all files of one exploration open with: schema, build, space and its
/// checksum, technology and its checksum, area limit.
CsvWriter exploration_writer(const std::string& schema, const DesignSpace& space,
                             const ExploreOptions& options);

/// With all lines before the first row: what must be equal for a file to be resumed, but for the
/// commit of the build.
CsvWriter exploration_head(const Network& network, const DesignSpace& space,
                           const ExploreOptions& options);

std::string exploration_csv(const CsvWriter& head, const DesignSpace& space,
                            const std::vector<Costs>& points);

/// Reads what exploration_csv() wrote. Throws InputError, with file and line, if the head is
/// another or a row is not the next one of the space.
std::vector<Costs> load_exploration(const std::filesystem::path& file, const CsvWriter& head,
                                    const DesignSpace& space);

/// Cells of a row from the index to the last figure, as all files of an exploration have them.
std::vector<std::string> exploration_cells(const DesignSpace& space, std::uint64_t index,
                                           const Costs& point);
/// Titles of these cells.
std::vector<CsvColumn> exploration_columns(const DesignSpace& space);

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nas/experiments/explore/explore.h"

namespace dovetail {

/// A file of an exploration: lines "# key: value" that say what it is, then CSV with a header.
/// Schema dovetail.exploration/1 has one row a configuration, in the order of the space: index, the
/// choice of each decision, pair_figures() (empty where unknown), and the reason why the
/// network cannot run (empty where it can).

/// FOLDER/NETWORK.csv. Throws InputError if the name of the network cannot name a file.
std::filesystem::path exploration_path(const std::filesystem::path& folder, const Network& network);

/// The comment lines that all files of one exploration open with: schema, build, space and its
/// checksum, technology and its checksum, area limit.
std::string exploration_preamble(const std::string& schema, const DesignSpace& space,
                                 const ExploreOptions& options);

/// All lines before the first row: what must be equal for a file to be resumed.
std::string exploration_head(const Network& network, const DesignSpace& space,
                             const ExploreOptions& options);

std::string exploration_csv(const std::string& head, const DesignSpace& space,
                            const std::vector<Costs>& points);

/// Reads what exploration_csv() wrote. Throws InputError, with file and line, if the head is
/// another or a row is not the next one of the space.
std::vector<Costs> load_exploration(const std::filesystem::path& file, const std::string& head,
                                    const DesignSpace& space);

/// Cells of a row from the index to the last figure, as all files of an exploration have them.
std::vector<std::string> exploration_cells(const DesignSpace& space, std::uint64_t index,
                                           const Costs& point);
/// Titles of these cells.
std::vector<std::string> exploration_columns(const DesignSpace& space);

}  // namespace dovetail

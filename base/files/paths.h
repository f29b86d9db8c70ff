#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dovetail {

/// What came with the program: <prefix>/share/dovetail beside an installed executable, else the
/// source tree it was built from.
std::filesystem::path program_folder();

/// The folder of configurations with a name: $DOVETAIL_CONFIGS, else configs/ of program_folder().
std::filesystem::path configs_folder();

/// Resolves what the user gave for a configuration of `kind` ("accelerators", "networks", ...): a
/// path to an existing file (anything with a slash or a .yaml suffix is a path), else NAME for
/// configs/KIND/NAME.yaml. Throws InputError that names the nearest known name.
/// A relative path counts from `folder` (of the file that names it) or, if that is empty, from the
/// current folder.
std::filesystem::path resolve_config(const std::string& kind, const std::string& name_or_path,
                                     const std::filesystem::path& folder = {});

/// From now on paths are refused by resolve_config(), and by all that asks require_path_allowed():
/// for a process that answers others, who shall not make it read files. Before there are threads.
void allow_names_only();
/// Throws InputError if this process takes names only.
void require_path_allowed(const std::string& path);

/// Names in configs/KIND, sorted.
std::vector<std::string> list_configs(const std::string& kind);

/// The calibration data, $DOVETAIL_DATA or ../shared/data beside the source tree; empty if absent.
std::filesystem::path data_folder();

}  // namespace dovetail

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "hw_space/accelerator_config.h"
#include "hw_space/design_space.h"

namespace dovetail {

/// What a name of an accelerator says, wherever one is taken:
///   nahas_baseline, ./chip.yaml    a name in configs/accelerators, or a file
///   nahas_baseline:pes_x=8,...     such a one, changed
///   nahas_edge-3778                a point of a design space (a name in configs/spaces, or a
///                                  file), by its number, as `explore` prints it
///   nahas_edge:pes_x=4,...         such a point by its choices; where one is left out, that of the
///                                  accelerator that the space starts from
struct AcceleratorName {
  std::string text;
  std::filesystem::path file;  // of the accelerator or the space
  bool of_space = false;
  std::optional<std::uint64_t> number;        // of a point of a space
  std::map<std::string, std::string> values;  // of parameters or decisions
};

/// `folder`: where relative paths count from. Throws InputError naming the nearest known one.
AcceleratorName read_accelerator_name(const std::string& text,
                                      const std::filesystem::path& folder = {});
/// Throws InputError also for a point that the space does not have, and for a value out of range.
AcceleratorConfig load_accelerator(const AcceleratorName& name);

/// The point that a name of one means, in its space.
Choices point_of(const AcceleratorName& name, const DesignSpace& space);

/// What a text names, read and loaded.
AcceleratorConfig find_accelerator(const std::string& text,
                                   const std::filesystem::path& folder = {});

}  // namespace dovetail

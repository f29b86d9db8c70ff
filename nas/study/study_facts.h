#pragma once

#include <map>
#include <optional>
#include <string>

namespace dovetail {

/// What a study file says of how the study came to be.
struct StudyFacts {
  std::string name;
  std::string configuration;  // effective YAML
  std::string build;          // of the program that began it
  std::string accuracy;       // what its source says of itself; empty if unknown
  std::string baseline;       // accelerator, YAML; empty if unknown
  std::optional<double> baseline_area_mm2;
  /// Checksums of everything read that results depend on, by its role ("technology", "network"),
  /// and of the files of programs that answer for accuracy or, after kOfCosts, for costs, by the
  /// words of their commands.
  std::map<std::string, std::string> files, programs;
  static constexpr const char* kOfCosts = "cost ";

  bool operator==(const StudyFacts&) const = default;
};

/// As rows of the study file.
std::map<std::string, std::string> rows_of(const StudyFacts& facts);
/// Rows that it does not know are passed over. Throws InputError if name, configuration or build
/// is missing.
StudyFacts facts_of(const std::map<std::string, std::string>& rows);

}  // namespace dovetail

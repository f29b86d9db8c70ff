#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "models/accuracy/source/accuracy_source.h"
#include "models/network/space/network_side.h"

namespace dovetail {

/// What a study says to one kind of accuracy source, in that kind's own words.
class AccuracySettings {
 public:
  virtual ~AccuracySettings() = default;
  /// Lines of YAML that read back to the same.
  virtual std::string yaml() const = 0;
  /// Throws InputError if the source cannot speak about these networks. What `side` points to must
  /// outlive the source.
  virtual std::shared_ptr<AccuracySource> make(const NetworkSide& side) const = 0;
  /// Files on which the answers depend, by what they are.
  virtual std::map<std::string, std::filesystem::path> files() const { return {}; }
  /// Files that are most likely the program of a source that is one.
  virtual std::map<std::string, std::filesystem::path> programs() const { return {}; }
};

/// One row of the table of accuracy sources that a study can name.
struct AccuracySourceKind {
  std::string name;
  std::string description;
  std::vector<std::string> keys;  // of a study's `accuracy`, besides `source`
  /// Reads those keys; paths are relative to `folder`.
  std::shared_ptr<const AccuracySettings> (*read)(YamlMap& map,
                                                  const std::filesystem::path& folder);
};

// What the kinds share.

/// A key of slow sources, which whoever reads the table of kinds reads: asked about all candidates.
inline constexpr const char* kAskAll = "ask_all";

/// One of `choices`; the first where the key is missing.
std::string read_choice(YamlMap& map, const std::string& key,
                        const std::vector<std::string>& choices);
/// "KEY: VALUE" with the end of the line.
std::string yaml_line(const std::string& key, const std::string& value);
/// Throws InputError if the networks are no space.
const NetworkSpace& space_of(const NetworkSide& side, const std::string& source);
/// The file of a predictor: a path, or NAME for configs/accuracy/NAME.json.
std::filesystem::path resolve_accuracy_file(const std::string& name_or_path);

}  // namespace dovetail

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "hw_space/accelerator_config.h"

namespace dovetail {

/// A set of accelerators: a base configuration and the choices of the parameters that vary, numbers
/// (ordered decisions) or choices among names (decisions without values).
/// `nahas_edge` (configs/spaces/nahas_edge.yaml) has 50,000 points.
class DesignSpace {
 public:
  /// Reads `schema: dovetail.design_space/1` with name, base (an accelerator) and decisions whose
  /// names are accelerator parameters. Throws InputError with the place.
  static DesignSpace load(const std::filesystem::path& file);
  /// The same of a document that is read already; `base` may also be the accelerator itself.
  /// `folder` is that of the document, from where a path to the base counts.
  static DesignSpace read(const YamlNode& document, const std::filesystem::path& folder);
  /// As a document that needs no other file.
  std::string to_yaml() const;
  /// The same space from such a document, a text in `file`. It may come from elsewhere (a model, a
  /// request), so `base` has to be the accelerator itself: one that names it reads no file but
  /// throws InputError.
  static DesignSpace parse(const std::string& text, const std::string& file);

  const std::string& name() const { return name_; }
  const DecisionSpace& decisions() const { return decisions_; }
  const AcceleratorConfig& base() const { return base_; }

  /// The configuration of a point; its name is "NAME-INDEX", e.g. "nahas_edge-12345".
  AcceleratorConfig decode(const Choices& choices) const;
  /// The point of a configuration; throws InputError if a value is not among the choices or a
  /// fixed parameter differs from the base.
  Choices encode(const AcceleratorConfig& config) const;

 private:
  std::string name_;
  DecisionSpace decisions_;
  AcceleratorConfig base_;
  /// What each decision decides, and the parameter's value for each of its choices.
  struct VariedParameter {
    const AcceleratorParameter* parameter;
    std::vector<double> values;
  };
  std::vector<VariedParameter> varied_;
};

}  // namespace dovetail

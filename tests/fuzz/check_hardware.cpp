#include "tests/fuzz/check_hardware.h"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/files/yaml.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "hw_space/accelerator_config.h"
#include "hw_space/design_space.h"

namespace dovetail {
namespace {

const std::filesystem::path kNowhere = "/nonexistent";  // a path to a base finds nothing

void expect(bool holds, const char* otherwise) {
  if (!holds) throw std::logic_error(otherwise);
}

void check_accelerator(const YamlNode& document) {
  const AcceleratorConfig config = AcceleratorConfig::from_yaml(document);
  expect(AcceleratorConfig::from_yaml(YamlNode::parse(config.to_yaml(), "again")) == config,
         "what was written reads as another accelerator");
}

void check_space(const YamlNode& document) {
  const DesignSpace space = DesignSpace::read(document, kNowhere);
  const std::string written = space.to_yaml();
  const DesignSpace again = DesignSpace::read(YamlNode::parse(written, "again"), kNowhere);
  expect(again.to_yaml() == written, "what was written reads as another space");
  Rng rng(1);
  for (int i = 0; i < 4; ++i) {
    const Choices choices = space.decisions().sample(rng);
    expect(space.encode(space.decode(choices)) == choices, "a point reads as another");
  }
}

}  // namespace

void check_hardware_yaml(std::string_view content) {
  for (const auto check : {check_accelerator, check_space}) {
    try {
      check(YamlNode::parse(std::string(content), "input"));
    } catch (const InputError&) {
      // refused, which is right
    }
  }
}

}  // namespace dovetail

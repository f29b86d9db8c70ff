#include "tests/fuzz/check_sealed.h"

#include <fmt/core.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/scratch_folder.h"
#include "base/text/error.h"
#include "cost/surrogate/correction/simulator_correction.h"
#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/training/training_checkpoint.h"
#include "cost/table/cost_table.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr std::size_t kSealBytes = 512;  // base/files/hdf5_file.h

/// Of all inputs of one process.
const std::filesystem::path& scratch() {
  static const ScratchFolder folder;
  return folder.path();
}

void expect(bool holds, const char* otherwise) {
  if (!holds) throw std::logic_error(otherwise);
}

/// "dovetail.dataset/2" of the seal; empty if there is none.
std::string sealed_name(std::string_view content) {
  const std::string_view line = content.substr(0, content.find_first_of(" \n"));
  return std::string(line.size() < 64 ? line : std::string_view());
}

std::string with_seal(const std::string& schema, std::string_view image) {
  std::string content =
      fmt::format("{} bytes={} fnv1a64={}\n", schema, image.size(), Checksum::of(image));
  content.resize(kSealBytes, '\0');
  return content.append(image);
}

template <typename Stored>
void expect_same_again(Stored& stored) {
  const std::filesystem::path first = scratch() / "first.h5", second = scratch() / "second.h5";
  stored.save(first);
  Stored::load(first).save(second);
  expect(read_file(first) == read_file(second), "what was written reads as another");
}

void use_dataset(const std::filesystem::path& file) {
  Dataset data = Dataset::load(file);
  summarize(data);
  expect_same_again(data);
}

void use_surrogate(const std::filesystem::path& file) {
  const Surrogate surrogate = Surrogate::load(file);
  const Choices network(surrogate.network_space().decisions.size(), 0);
  const Choices hardware(surrogate.hardware_space().decisions.size(), 0);
  surrogate.predict({&network, 1}, {&hardware, 1});
  expect_same_again(surrogate);
}

void use_correction(const std::filesystem::path& file) {
  const SimulatorCorrection correction = SimulatorCorrection::load(file);
  expect_same_again(correction);
  const Choices network(correction.network_space().decisions.size(), 0);
  const Choices hardware(correction.hardware_space().decisions.size(), 0);
  correction.ratios({network, hardware});
}

void use_checkpoint(const std::filesystem::path& file) {
  // No data set has this fingerprint, so that what is whole is refused for it.
  load_checkpoint(file, TrainingIdentity{.fingerprint = "none", .build = "none", .options = "{}"},
                  16);
}

void use_cost_table(const std::filesystem::path& file) {
  const std::filesystem::path assets =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/cost/surrogate/net/assets";
  static const NetworkSpace networks = NetworkSpace::load(assets / "tiny_networks.yaml");
  static const DesignSpace accelerators = DesignSpace::load(assets / "tiny_edge.yaml");
  CostTable::load(file, networks, accelerators, "16nm").feasible_pairs();
}

}  // namespace

void check_sealed(std::string_view content) {
  if (content.size() < kSealBytes) return;
  const std::string schema = sealed_name(content);
  const std::filesystem::path file = scratch() / "input.h5";
  write_file_atomically(file, with_seal(schema, content.substr(kSealBytes)));
  try {
    if (schema.starts_with("dovetail.dataset/")) use_dataset(file);
    if (schema.starts_with("dovetail.surrogate/")) use_surrogate(file);
    if (schema.starts_with("dovetail.correction/")) use_correction(file);
    if (schema.starts_with("dovetail.training_checkpoint/")) use_checkpoint(file);
    if (schema.starts_with("dovetail.cost_table/")) use_cost_table(file);
  } catch (const InputError&) {
    // refused, which is right
  }
}

}  // namespace dovetail

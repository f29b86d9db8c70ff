#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cost/figures/figures.h"
#include "models/network/space/space_description.h"

namespace dovetail {

/// What holds for all rows.
struct DatasetHeader {
  SpaceDescription network, hardware;
  std::uint64_t seed = 0;
  std::string simulator;   // version and build of what made the labels
  std::string technology;  // of areas and energies
  /// Checksum of the simulator's answers to fixed pairs of the spaces; empty if unknown.
  std::string simulator_probe = {};
};

/// Labelled (network, accelerator) pairs in rows.
///
/// File (HDF5, schema dovetail.dataset/2, see hdf5_file.h for the seal before it):
///   attributes  schema, rows, seed, simulator, simulator_probe (files of older builds have none),
///               technology, network_space and hardware_space (JSON of SpaceDescription), reasons
///               (JSON list: names of the codes that a mapper gives)
///   arrays      network_choices u8 [n x dn], hardware_choices u8 [n x dh]: index of the choice of
///               each decision; reason u8 [n]: position in reasons; then each of pair_figures()
///               with its unit: f64 [n], NaN where unknown, or i64 [n] of a count, -1 where unknown
class Dataset {
 public:
  explicit Dataset(DatasetHeader header);

  const DatasetHeader& header() const { return header_; }
  std::size_t rows() const { return labels_.size(); }
  Choices network(std::size_t row) const;
  Choices hardware(std::size_t row) const;
  /// What the simulator said: the reason, and of figures pair_figures().
  const Costs& label(std::size_t row) const { return labels_[row]; }
  std::size_t feasible_rows() const;

  /// Keeps pair_costs() of the label. Throws InputError if the choices are not of the spaces, or
  /// for a label that no simulator gives.
  void append(const Choices& network, const Choices& hardware, const Costs& label);
  /// Leaves the first `rows`.
  void truncate(std::size_t rows);

  /// Written in one step; the same rows give the same bytes. Returns the fingerprint.
  std::string save(const std::filesystem::path& file);
  /// Throws InputError, with the file's name, for anything but a whole file of this schema.
  static Dataset load(const std::filesystem::path& file);
  /// Checksum of the file it was last saved to or loaded from; empty if none.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  DatasetHeader header_;
  std::vector<std::uint8_t> network_, hardware_;  // row-major
  std::vector<Costs> labels_;
  std::string fingerprint_;
};

}  // namespace dovetail

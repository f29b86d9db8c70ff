#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/network/space/space_description.h"

namespace dovetail {

/// What the simulator said of one pair.
struct Label {
  std::uint8_t reason = 0;  // position in DatasetHeader::reasons; 0 = feasible
  double latency_ms = std::numeric_limits<double>::quiet_NaN();  // NaN where infeasible
  std::int64_t cycles = -1;                                      // -1 where infeasible
  double area_mm2 = std::numeric_limits<double>::quiet_NaN();    // also known where infeasible
  double energy_mj = std::numeric_limits<double>::quiet_NaN();   // NaN where infeasible

  bool feasible() const { return reason == 0; }
};

/// What holds for all rows.
struct DatasetHeader {
  SpaceDescription network, hardware;
  std::uint64_t seed = 0;
  std::string simulator;             // version and build of what made the labels
  std::string technology;            // of areas and energies
  std::vector<std::string> reasons;  // names of the reason codes; the first is that of feasible
  /// Checksum of the simulator's answers to fixed pairs of the spaces; empty if unknown.
  std::string simulator_probe = {};
};

/// Labelled (network, accelerator) pairs in rows.
///
/// File (HDF5, schema dovetail.dataset/2, see hdf5_file.h for the seal before it):
///   attributes  schema, rows, seed, simulator, simulator_probe (files of older builds have none),
///               technology, network_space and hardware_space (JSON of SpaceDescription), reasons
///               (JSON list)
///   arrays      network_choices u8 [n x dn], hardware_choices u8 [n x dh]: index of the choice of
///               each decision; reason u8 [n]; latency_ms f64 [n]; cycles i64 [n]; area_mm2 f64
///               [n]; energy_mj f64 [n], of one inference with the memory outside; each with its
///               unit
class Dataset {
 public:
  explicit Dataset(DatasetHeader header);

  const DatasetHeader& header() const { return header_; }
  std::size_t rows() const { return labels_.size(); }
  Choices network(std::size_t row) const;
  Choices hardware(std::size_t row) const;
  const Label& label(std::size_t row) const { return labels_[row]; }
  std::size_t feasible_rows() const;

  /// Throws InputError if the choices are not of the spaces.
  void append(const Choices& network, const Choices& hardware, const Label& label);
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
  std::vector<Label> labels_;
  std::string fingerprint_;
};

}  // namespace dovetail

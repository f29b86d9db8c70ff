#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "models/network/onnx/onnx.h"

namespace dovetail {

/// What goes beside the files of a pair, or into them, on request.
struct PairExtras {
  bool card = false, torch = false, costs = false;
};

/// Writes the pair of a trial of `study` (a folder or its study.db) to `output` (created if
/// missing): network.yaml (unless the study is of an ONNX network) and accelerator.yaml, which
/// `dovetail simulate` reads, network.onnx for it and other programs, and pair.yaml (schema
/// dovetail.pair/2) with the trial's figures and choices; if `extras` asks for it, README.md, a
/// model card, network.json with dovetail_torch.py, and the trial's costs in network.onnx. Of a
/// pair that `output` holds already nothing stays. Returns the files. Throws InputError if there is
/// no such study or trial, or if a space that the study was run on has changed since.
std::vector<std::filesystem::path> export_pair(const std::filesystem::path& study,
                                               std::int64_t trial,
                                               const std::filesystem::path& output,
                                               const OnnxOptions& onnx = {},
                                               const PairExtras& extras = {});

}  // namespace dovetail

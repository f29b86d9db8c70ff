#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dovetail {

/// Bytes of a tensor's data that slim_model() keeps.
inline constexpr int kSlimTensorBytes = 2048;

/// An ONNX model without its weights: a serialised ModelProto with only the fields that the
/// importer reads. Of a tensor whose data is longer than kSlimTensorBytes there remain name, type
/// and dims, and as its documentation "FIELD BYTES", the number of the data field and its length.
///
/// Works on the wire format, so that what a file says of its sizes is checked against its length
/// before anything is allocated, and gigabytes of weights are skipped. Throws InputError, without
/// the file's name, if this is no ONNX model, ends in the middle, or has more than 8 MiB left.
std::string slim_model(std::string_view content);

/// The same of a file, at most 2 GiB long. Weights are not read from the disk.
std::string slim_model_of_file(const std::filesystem::path& file);

}  // namespace dovetail

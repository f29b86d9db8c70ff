#include "models/training/weights/tensor_file.h"

#include <fmt/core.h>

#include <bit>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little);
constexpr std::size_t kLengthBytes = 8;
constexpr const char *kMetadata = "__metadata__", *kChecksum = "dovetail.checksum";

std::string_view bytes_of_values(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string checksum_of(std::string_view numbers) {
  return Checksum::of(numbers);
}

TensorFile::Tensor read_tensor(const json& entry, std::string_view numbers) {
  if (entry.at("dtype") != "F32") throw InputError("allowed tensors of F32 only");
  TensorFile::Tensor tensor;
  entry.at("shape").get_to(tensor.dims);
  const std::size_t begin = entry.at("data_offsets").at(0), end = entry.at("data_offsets").at(1);
  std::int64_t elements = 1;
  for (const std::int64_t size : tensor.dims) {
    if (size < 0 || __builtin_mul_overflow(elements, size, &elements)) {
      throw InputError("a size is out of range");
    }
  }
  if (begin > end || end > numbers.size() ||
      (end - begin) != static_cast<std::size_t>(elements) * sizeof(float)) {
    throw InputError("a tensor lies outside of the numbers");
  }
  tensor.values.resize(static_cast<std::size_t>(elements));
  if (!tensor.values.empty()) {
    std::memcpy(tensor.values.data(), numbers.data() + begin, end - begin);
  }
  return tensor;
}

TensorFile parse(std::string_view content) {
  std::uint64_t length = 0;
  if (content.size() < kLengthBytes) throw InputError("cut off");
  std::memcpy(&length, content.data(), kLengthBytes);
  content.remove_prefix(kLengthBytes);
  if (length > content.size()) throw InputError("cut off, or no safetensors file");
  const json header = json::parse(content.substr(0, length));
  const std::string_view numbers = content.substr(length);
  TensorFile file;
  for (const auto& [name, entry] : header.items()) {
    if (name != kMetadata) {
      file.tensors[name] = read_tensor(entry, numbers);
      continue;
    }
    entry.get_to(file.metadata);
  }
  const auto checksum = file.metadata.find(kChecksum);
  if (checksum != file.metadata.end()) {
    if (checksum->second != checksum_of(numbers)) {
      throw InputError("cut off or changed: the checksum of its numbers is another one");
    }
    file.metadata.erase(checksum);
  }
  return file;
}

}  // namespace

TensorFile TensorFile::load(const std::filesystem::path& file) {
  const std::string content = read_file(file);
  try {
    return parse(content);
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", file.string(), e.what()));
  } catch (const json::exception& e) {
    throw InputError(
        fmt::format("{}: no safetensors file, or damaged: {}", file.string(), json_fault(e)));
  }
}

std::string TensorFile::to_bytes() const {
  std::string numbers;
  json header = json::object();
  header[kMetadata] = json::object();  // first, as others write it
  for (const auto& [name, tensor] : tensors) {
    const std::size_t begin = numbers.size();
    numbers += bytes_of_values(tensor.values);
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.dims}, {"data_offsets", {begin, numbers.size()}}};
  }
  json& texts = header[kMetadata];
  for (const auto& [key, text] : metadata) texts[key] = text;
  texts[kChecksum] = checksum_of(numbers);
  std::string head = header.dump();
  head.resize((head.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');  // aligned
  const std::uint64_t length = head.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + head + numbers;
}

void TensorFile::save(const std::filesystem::path& file) const {
  write_file_atomically(file, to_bytes());
}

}  // namespace dovetail

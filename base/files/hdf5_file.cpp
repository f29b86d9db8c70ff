#include "base/files/hdf5_file.h"

#include <fmt/core.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/files/hdf5_image.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

constexpr std::size_t kSealBytes = 512;                // the smallest user block that HDF5 allows
constexpr std::size_t kGrowth = std::size_t{1} << 24;  // of a file in memory, when it is full
// Bytes of the HDF5 superblock: its version, and "open for writing" of version 0.
constexpr ssize_t kSuperblockVersion = 8, kOpenFlag = 20;
constexpr const char* kAnySchema = "dovetail.";
static_assert(std::endian::native == std::endian::little, "arrays are read as they are stored");

/// Closes an HDF5 identifier.
class Hdf5Handle {
 public:
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;

  bool ok() const { return id_ >= 0; }
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// The library prints its own error stack unless told not to; ours is the message that counts.
void silence_hdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

template <typename T>
hid_t native_type();
template <>
hid_t native_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
hid_t native_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t native_type<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t native_type<double>() {
  return H5T_NATIVE_DOUBLE;
}

template <typename T>
hid_t stored_type();
template <>
hid_t stored_type<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
hid_t stored_type<std::int64_t>() {
  return H5T_STD_I64LE;
}
template <>
hid_t stored_type<float>() {
  return H5T_IEEE_F32LE;
}
template <>
hid_t stored_type<double>() {
  return H5T_IEEE_F64LE;
}

/// Variable-length UTF-8, which h5py reads as str.
Hdf5Handle text_type() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

/// Of what follows the user block.
struct Seal {
  std::uint64_t bytes = 0;
  Checksum checksum;

  void add(std::string_view piece) {
    checksum.add(piece);
    bytes += piece.size();
  }
};

/// The whole user block: the line and zeros.
std::string seal_block(const std::string& schema, const Seal& seal) {
  std::string block =
      fmt::format("{} bytes={} fnv1a64={}\n", schema, seal.bytes, seal.checksum.text());
  block.resize(kSealBytes, '\0');
  return block;
}

}  // namespace

struct Hdf5Writer::Impl {
  std::filesystem::path target;
  std::string schema;
  AtomicFile atomic;
  Hdf5Handle file;

  Impl(const std::filesystem::path& target_path, std::string schema_name)
      : target(target_path),
        schema(std::move(schema_name)),
        atomic(target_path),
        file(create(), H5Fclose) {
    if (!file.ok()) fail("cannot be created");
  }

  /// In memory: the library neither says why a disk refused nor survives it (it crashes at exit),
  /// so writing to the disk is ours.
  static hid_t create() {
    silence_hdf5();
    const Hdf5Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_userblock(properties, kSealBytes);
    H5Pset_fapl_core(access, kGrowth, /*backing_store=*/false);
    return H5Fcreate("dovetail.in-memory", H5F_ACC_TRUNC, properties, access);
  }

  /// The bytes of the file, with zeros for a seal.
  std::string image() const {
    // H5Fget_file_image() forgets the user block: it knows the length of the rest, but would copy
    // that much from the start of the file.
    void* handle = nullptr;  // where the driver keeps the address of its memory
    const bool flushed =
        H5Fflush(file, H5F_SCOPE_LOCAL) >= 0 && H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) >= 0;
    const ssize_t size = flushed ? H5Fget_file_image(file, nullptr, 0) : -1;
    if (size <= kOpenFlag || handle == nullptr) fail("cannot be put together in memory");
    std::string bytes(*static_cast<const char* const*>(handle),
                      static_cast<std::size_t>(size) + kSealBytes);
    if (bytes[kSealBytes + kSuperblockVersion] != 0) fail("is of a newer HDF5 format");
    bytes[kSealBytes + kOpenFlag] = 0;
    return bytes;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw RunError(fmt::format("{}: {}", target.string(), what));
  }

  void write_text(hid_t object, const std::string& name, const std::string& text) const {
    const Hdf5Handle type = text_type();
    const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Hdf5Handle attribute(
        H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const char* pointer = text.c_str();
    if (!attribute.ok() || H5Awrite(attribute, type, &pointer) < 0) {
      fail(fmt::format("cannot write attribute '{}'", name));
    }
  }
};

Hdf5Writer::Hdf5Writer(const std::filesystem::path& target, const std::string& schema)
    : impl_(std::make_unique<Impl>(target, schema)) {
  attribute("schema", schema);
}
Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::attribute(const std::string& name, const std::string& text) {
  impl_->write_text(impl_->file, name, text);
}

template <typename T>
void Hdf5Writer::array(const std::string& name, std::span<const T> values, std::size_t rows,
                       std::size_t columns, const std::string& unit) {
  if (values.size() != rows * (columns ? columns : 1)) {
    throw std::logic_error("Hdf5Writer::array: size and shape differ: " + name);
  }
  const hsize_t shape[2] = {rows, columns};
  const Hdf5Handle space(H5Screate_simple(columns ? 2 : 1, shape, nullptr), H5Sclose);
  // Without times in the object headers the same content gives the same bytes.
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);
  const Hdf5Handle set(H5Dcreate2(impl_->file, name.c_str(), stored_type<T>(), space, H5P_DEFAULT,
                                  properties, H5P_DEFAULT),
                       H5Dclose);
  const bool written =
      set.ok() && (values.empty() || H5Dwrite(set, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                              values.data()) >= 0);
  if (!written) impl_->fail(fmt::format("cannot write array '{}'", name));
  if (!unit.empty()) impl_->write_text(set, "unit", unit);
}

std::string Hdf5Writer::commit() {
  std::string image = impl_->image();
  Seal seal;
  seal.add(std::string_view(image).substr(kSealBytes));
  image.replace(0, kSealBytes, seal_block(impl_->schema, seal));
  impl_->atomic.write(image);
  impl_->atomic.commit();
  return seal.checksum.text();
}

struct Hdf5Reader::Impl {
  std::filesystem::path path;
  std::string checksum;
  std::optional<Hdf5Image> image;

  Impl(const std::filesystem::path& file_path, const std::vector<std::string>& schemas)
      : path(file_path) {
    std::string content = read();
    check_seal(content, schemas);
    content.erase(0, kSealBytes);
    try {
      image.emplace(std::move(content));
    } catch (const InputError& e) {
      fail(fmt::format("its seal is whole, but it is no file of dovetail: {}", e.what()));
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(Location{path.string()}, what);
  }

  std::string read() const {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) fail("is a folder");
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      fail("is a pipe or device");
    }
    if (::access(path.c_str(), R_OK) != 0) {
      fail(fmt::format("cannot be read: {}", std::strerror(errno)));
    }
    return read_file(path);
  }

  void check_seal(const std::string& content, const std::vector<std::string>& schemas) {
    const std::string block = content.substr(0, kSealBytes);
    const std::string line = block.substr(0, block.find('\n'));
    if (line.rfind(kAnySchema, 0) != 0) {
      fail(fmt::format("is not a file of schema {}{}", join(schemas, " or "),
                       block.rfind("\x89HDF", 0) == 0 ? " (HDF5, but not written by dovetail)"
                                                      : " (no Dovetail seal at its start)"));
    }
    const std::string found = line.substr(0, line.find(' '));
    if (std::find(schemas.begin(), schemas.end(), found) == schemas.end()) {
      fail(fmt::format("has schema {}, expected {}", found, join(schemas, " or ")));
    }
    Seal seal;
    if (content.size() > kSealBytes) seal.add(std::string_view(content).substr(kSealBytes));
    if (seal_block(found, seal) != block) fail(damage(line, seal));
    checksum = seal.checksum.text();
  }

  static std::string damage(const std::string& line, const Seal& seal) {
    const auto parts = split(trim(line), ' ');
    const std::string expected =
        parts.size() == 3 && parts[1].rfind("bytes=", 0) == 0 ? parts[1].substr(6) : "?";
    if (expected != std::to_string(seal.bytes)) {
      return fmt::format("is truncated or damaged: {} bytes after the seal, {} expected",
                         seal.bytes, expected);
    }
    return fmt::format("is damaged: checksum {} differs from its seal", seal.checksum.text());
  }
};

Hdf5Reader::Hdf5Reader(const std::filesystem::path& file, const std::string& schema)
    : Hdf5Reader(file, std::vector<std::string>{schema}) {}
Hdf5Reader::Hdf5Reader(const std::filesystem::path& file, const std::vector<std::string>& schemas)
    : impl_(std::make_unique<Impl>(file, schemas)) {}
Hdf5Reader::~Hdf5Reader() = default;

const std::string& Hdf5Reader::checksum() const {
  return impl_->checksum;
}

void Hdf5Reader::fail(const std::string& message) const {
  impl_->fail(message);
}

bool Hdf5Reader::has_attribute(const std::string& name) const {
  return impl_->image->attribute(name) != nullptr;
}

std::string Hdf5Reader::attribute(const std::string& name) const {
  const std::string* text = impl_->image->attribute(name);
  if (text == nullptr) fail(fmt::format("has no attribute '{}'", name));
  return *text;
}

template <typename T>
std::vector<T> Hdf5Reader::array(const std::string& name, std::size_t rows,
                                 std::size_t columns) const {
  const Hdf5Image::Array* array = impl_->image->array(name);
  if (array == nullptr) fail(fmt::format("has no array '{}'", name));
  if (array->type != hdf5_type<T>()) fail(fmt::format("array '{}' has another type", name));
  std::vector<std::uint64_t> shape{rows};
  if (columns > 0) shape.push_back(columns);
  if (array->shape != shape) {
    fail(fmt::format("array '{}' has another shape than {} x {}", name, rows, columns));
  }
  std::vector<T> values(array->data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), array->data.data(), array->data.size());
  return values;
}

template void Hdf5Writer::array(const std::string&, std::span<const std::uint8_t>, std::size_t,
                                std::size_t, const std::string&);
template void Hdf5Writer::array(const std::string&, std::span<const std::int64_t>, std::size_t,
                                std::size_t, const std::string&);
template void Hdf5Writer::array(const std::string&, std::span<const float>, std::size_t,
                                std::size_t, const std::string&);
template void Hdf5Writer::array(const std::string&, std::span<const double>, std::size_t,
                                std::size_t, const std::string&);
template std::vector<std::uint8_t> Hdf5Reader::array(const std::string&, std::size_t,
                                                     std::size_t) const;
template std::vector<std::int64_t> Hdf5Reader::array(const std::string&, std::size_t,
                                                     std::size_t) const;
template std::vector<float> Hdf5Reader::array(const std::string&, std::size_t, std::size_t) const;
template std::vector<double> Hdf5Reader::array(const std::string&, std::size_t, std::size_t) const;

}  // namespace dovetail

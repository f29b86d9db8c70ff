#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dovetail {

// HDF5 files that can be trusted: the only door to the HDF5 library.
//
// Every file starts with a user block of 512 bytes, which HDF5 (and h5py) skips. It holds one line
// of text, the seal: schema, number of bytes and FNV-1a checksum of all that follows. FNV-1a finds
// every change of a single byte; it guards against accidents, not against forgers. So files are
// read without the library (hdf5_image.h): a truncated, damaged, foreign or forged file is an error
// with the file's name and never a crash in a parser.

/// Writes a file; nothing is seen under its name until commit(). The same calls give the same
/// bytes.
class Hdf5Writer {
 public:
  /// `schema` is "dovetail.NAME/VERSION".
  Hdf5Writer(const std::filesystem::path& target, const std::string& schema);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  /// A text attribute of the file.
  void attribute(const std::string& name, const std::string& text);
  /// A row-major array, shape `rows` x `columns`, or `rows` alone if columns is 0. T is
  /// std::uint8_t, std::int64_t, float or double. `unit`, if not empty, is an attribute of it.
  template <typename T>
  void array(const std::string& name, std::span<const T> values, std::size_t rows,
             std::size_t columns = 0, const std::string& unit = "");
  /// Seals the file and puts it in place. Returns the checksum (16 hexadecimal digits).
  std::string commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a file that Hdf5Writer wrote. All that is wrong with the file is an InputError.
class Hdf5Reader {
 public:
  Hdf5Reader(const std::filesystem::path& file, const std::string& schema);
  /// Of any of these schemas.
  Hdf5Reader(const std::filesystem::path& file, const std::vector<std::string>& schemas);
  ~Hdf5Reader();
  Hdf5Reader(const Hdf5Reader&) = delete;
  Hdf5Reader& operator=(const Hdf5Reader&) = delete;

  /// Of the whole file, as in its seal.
  const std::string& checksum() const;
  bool has_attribute(const std::string& name) const;
  std::string attribute(const std::string& name) const;
  /// Throws InputError unless the array has this type and shape.
  template <typename T>
  std::vector<T> array(const std::string& name, std::size_t rows, std::size_t columns = 0) const;
  /// An InputError about this file.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dovetail {

/// What a file that Hdf5Writer made holds, found without the HDF5 library: a file whose seal was
/// forged can make the library crash, never end, or read other files. Only what the writer makes is
/// understood (HDF5 File Format Specification 3.0: superblock 0, one group, contiguous arrays of
/// four types, texts in global heaps), and every offset and length is looked at before it is used.
class Hdf5Image {
 public:
  struct Array {
    std::string_view type;  // a datatype message, see type_of()
    std::vector<std::uint64_t> shape;
    std::string_view data;
  };

  /// `bytes`: the file from the superblock on. Throws InputError, without the file's name, for all
  /// that the writer does not write.
  explicit Hdf5Image(std::string bytes);
  Hdf5Image(const Hdf5Image&) = delete;
  Hdf5Image& operator=(const Hdf5Image&) = delete;

  /// Null if there is none.
  const std::string* attribute(const std::string& name) const;
  const Array* array(const std::string& name) const;

 private:
  struct Message {
    std::uint64_t type = 0;
    std::string_view data;
  };

  std::uint64_t number(std::uint64_t at, int bytes) const;
  std::string_view piece(std::uint64_t at, std::uint64_t size) const;
  void require(bool holds, const char* what) const;
  void require_text(std::uint64_t at, std::string_view text) const;
  /// Of the object whose header is there, in their order.
  std::vector<Message> messages(std::uint64_t header) const;
  void read_group(std::uint64_t tree, std::uint64_t heap);
  void read_tree(std::uint64_t node, std::string_view names, std::uint64_t level);
  void read_entries(std::uint64_t node, std::string_view names);
  void read_attribute(std::string_view message);
  Array read_array(std::uint64_t header) const;

  std::string bytes_;
  std::uint64_t nodes_ = 0;  // read so far
  std::map<std::string, std::string> attributes_;
  std::map<std::string, Array> arrays_;
};

/// How the file says what an element of an array is: of std::uint8_t, std::int64_t, float, double.
template <typename T>
std::string_view hdf5_type();

}  // namespace dovetail

#include "base/files/hdf5_image.h"

#include <algorithm>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint64_t kUserBlock = 512;  // before the superblock, from which addresses count
constexpr std::uint64_t kMostItems = 256;  // of one kind: ten times what any file has
constexpr std::uint64_t kNoAddress = ~std::uint64_t{0};

// Datatype messages, without the zeros that fill them up.
constexpr std::string_view kUint8 = "\x10\0\0\0\1\0\0\0\0\0\x08\0"sv;
constexpr std::string_view kInt64 = "\x10\x08\0\0\x08\0\0\0\0\0\x40\0"sv;
constexpr std::string_view kFloat = "\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0"sv;
constexpr std::string_view kDouble = "\x11\x20\x3f\0\x08\0\0\0\0\0\x40\0\x34\x0b\0\x34\xff\3\0\0"sv;
/// UTF-8 of any length.
constexpr std::string_view kText = "\x19\1\1\0\x10\0\0\0\x10\0\0\0\1\0\0\0\0\0\x08\0"sv;
constexpr std::string_view kScalar = "\1\0\0\0\0\0\0\0"sv;

// Types of messages in an object header.
enum MessageType : std::uint64_t {
  kDataspace = 0x1,
  kDatatype = 0x3,
  kLayout = 0x8,
  kAttribute = 0xc,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
};

std::uint64_t padded(std::uint64_t size) {
  return (size + 7) / 8 * 8;
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::string_view until_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

}  // namespace

template <>
std::string_view hdf5_type<std::uint8_t>() {
  return kUint8;
}
template <>
std::string_view hdf5_type<std::int64_t>() {
  return kInt64;
}
template <>
std::string_view hdf5_type<float>() {
  return kFloat;
}
template <>
std::string_view hdf5_type<double>() {
  return kDouble;
}

Hdf5Image::Hdf5Image(std::string bytes) : bytes_(std::move(bytes)) {
  require_text(0, "\x89HDF\r\n\x1a\n"sv);
  require(number(8, 1) == 0 && number(13, 1) == 8 && number(14, 1) == 8, "superblock");
  require(number(24, 8) == kUserBlock, "base address");
  std::uint64_t tree = kNoAddress, heap = kNoAddress;
  for (const Message& message : messages(number(64, 8))) {
    if (message.type == kAttribute) read_attribute(message.data);
    if (message.type != kSymbolTable) continue;
    require(message.data.size() >= 16 && tree == kNoAddress, "group");
    tree = number_in(message.data.substr(0, 8));
    heap = number_in(message.data.substr(8, 8));
  }
  require(tree != kNoAddress, "group");
  read_group(tree, heap);
}

const std::string* Hdf5Image::attribute(const std::string& name) const {
  const auto found = attributes_.find(name);
  return found != attributes_.end() ? &found->second : nullptr;
}

const Hdf5Image::Array* Hdf5Image::array(const std::string& name) const {
  const auto found = arrays_.find(name);
  return found != arrays_.end() ? &found->second : nullptr;
}

void Hdf5Image::require(bool holds, const char* what) const {
  if (!holds) throw InputError(std::string("found a ") + what + " that dovetail does not write");
}

std::string_view Hdf5Image::piece(std::uint64_t at, std::uint64_t size) const {
  require(at <= bytes_.size() && size <= bytes_.size() - at, "part outside the file");
  return std::string_view(bytes_).substr(at, size);
}

std::uint64_t Hdf5Image::number(std::uint64_t at, int bytes) const {
  return number_in(piece(at, static_cast<std::uint64_t>(bytes)));
}

void Hdf5Image::require_text(std::uint64_t at, std::string_view text) const {
  require(piece(at, text.size()) == text, "signature");
}

std::vector<Hdf5Image::Message> Hdf5Image::messages(std::uint64_t header) const {
  require(number(header, 1) == 1, "version of an object header");
  std::uint64_t left = number(header + 2, 2);
  require(left <= kMostItems, "number of messages");
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks{{header + 16, number(header + 8, 4)}};
  std::vector<Message> found;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    auto [at, size] = blocks[block];
    piece(at, size);
    while (left > 0 && size >= 8) {
      const std::uint64_t data = number(at + 2, 2);
      require(data <= size - 8 && number(at + 4, 1) <= 1, "message");
      found.push_back({number(at, 2), piece(at + 8, data)});
      if (found.back().type == kContinuation) {
        require(data >= 16, "continuation");
        blocks.emplace_back(number(at + 8, 8), number(at + 16, 8));
      }
      at += 8 + data;
      size -= 8 + data;
      --left;  // ends a circle of continuations
    }
  }
  require(left == 0, "number of messages");
  return found;
}

void Hdf5Image::read_group(std::uint64_t tree, std::uint64_t heap) {
  require_text(heap, "HEAP\0"sv);
  const std::string_view names = piece(number(heap + 24, 8), number(heap + 8, 8));
  require_text(tree, "TREE\0"sv);
  read_tree(tree, names, number(tree + 5, 1));
}

void Hdf5Image::read_tree(std::uint64_t node, std::string_view names, std::uint64_t level) {
  require_text(node, "TREE\0"sv);
  require(number(node + 5, 1) == level && ++nodes_ <= kMostItems, "tree");
  const std::uint64_t entries = number(node + 6, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t child = number(node + 32 + 16 * i, 8);  // each has a key of 8 bytes before
    if (level > 0) {
      read_tree(child, names, level - 1);
    } else {
      read_entries(child, names);
    }
  }
}

void Hdf5Image::read_entries(std::uint64_t node, std::string_view names) {
  require_text(node, "SNOD\1"sv);
  const std::uint64_t entries = number(node + 6, 2);
  require(++nodes_ <= kMostItems && entries <= kMostItems, "tree");
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = node + 8 + 40 * i, name = number(at, 8);
    require(name < names.size(), "name");
    const bool added =
        arrays_.emplace(until_nul(names.substr(name)), read_array(number(at + 8, 8))).second;
    require(added, "name twice");
  }
}

void Hdf5Image::read_attribute(std::string_view message) {
  const auto part = [&](std::uint64_t at, std::uint64_t size) {
    require(at <= message.size() && size <= message.size() - at, "attribute");
    return message.substr(at, size);
  };
  require(part(0, 1) == "\1"sv, "version of an attribute");
  const std::uint64_t name_size = number_in(part(2, 2)), type_size = number_in(part(4, 2)),
                      space_size = number_in(part(6, 2));
  const std::uint64_t type = 8 + padded(name_size), space = type + padded(type_size),
                      value = space + padded(space_size);
  const std::string name(until_nul(part(8, name_size)));
  require(part(type, type_size) == kText && part(space, space_size) == kScalar, "attribute");
  const std::uint64_t length = number_in(part(value, 4)), heap = number_in(part(value + 4, 8)),
                      index = number_in(part(value + 12, 4));
  std::string text;
  if (length > 0) {
    require_text(heap, "GCOL\1"sv);
    const std::uint64_t end = number(heap + 8, 8);
    piece(heap, end);
    std::uint64_t at = 16;
    while (at + 16 <= end && number(heap + at, 2) != index) {
      require(number(heap + at, 2) != 0, "text");  // what follows is free
      const std::uint64_t size = number(heap + at + 8, 8);
      require(size < end, "text");
      at += 16 + padded(size);
    }
    require(at + 16 <= end && length <= number(heap + at + 8, 8), "text");
    text = piece(heap + at + 16, length);
    require(text.find('\0') == std::string::npos, "text");  // written, it would end there
  }
  require(attributes_.emplace(name, text).second, "name twice");
}

Hdf5Image::Array Hdf5Image::read_array(std::uint64_t header) const {
  Array array;
  std::uint64_t elements = 1, address = kNoAddress, size = 0;
  bool has_shape = false, has_layout = false;
  for (const Message& message : messages(header)) {
    const std::string_view data = message.data;
    if (message.type == kDataspace) {
      require(data.size() >= 8 && data[0] == 1 && !has_shape, "shape");
      has_shape = true;
      const std::uint64_t rank = number_in(data.substr(1, 1));
      require((rank == 1 || rank == 2) && data.size() >= 8 + 8 * rank, "shape");
      for (std::uint64_t d = 0; d < rank; ++d) {
        array.shape.push_back(number_in(data.substr(8 + 8 * d, 8)));
        require(array.shape.back() <= bytes_.size(), "shape");
        elements *= array.shape.back();
        require(elements <= bytes_.size(), "shape");
      }
    } else if (message.type == kDatatype) {
      for (const std::string_view type : {kUint8, kInt64, kFloat, kDouble}) {
        if (data.starts_with(type)) array.type = type;
      }
    } else if (message.type == kLayout) {
      require(data.size() >= 18 && data.starts_with("\3\1"sv) && !has_layout, "layout");
      has_layout = true;
      address = number_in(data.substr(2, 8));
      size = number_in(data.substr(10, 8));
    }
  }
  require(has_shape && has_layout && !array.type.empty(), "array");
  const std::uint64_t element = static_cast<unsigned char>(array.type[4]);
  require(size == elements * element, "size of an array");
  if (size > 0) array.data = piece(address, size);
  return array;
}

}  // namespace dovetail

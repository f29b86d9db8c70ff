#include "models/network/onnx/slim_model.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "base/text/error.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {
namespace {

using google::protobuf::io::CodedInputStream;

constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr int kMostMessages = 200'000;  // an empty one is 2 bytes in a file and 300 in memory
constexpr int kMostGraphs = 8;          // in each other, as the branches of an If

enum class Message : std::uint8_t { kModel, kGraph, kNode, kAttribute, kTensor };
constexpr std::array kMessageNames = {"model", "graph", "node", "attribute", "tensor"};

enum class Rule : std::uint8_t {
  kKeep,     // copied
  kDescend,  // a message, filtered
  kData,     // a tensor's numbers: copied if short, else skipped and noted
  kNote,     // documentation: copied if it is a short LayerNote, else skipped
};

struct Field {
  Message message;
  std::uint32_t number;
  Rule rule;
  Message inner = Message::kModel;  // kDescend
};

// Field numbers of the ONNX standard (onnx.proto3); what is not here is left out.
constexpr std::uint32_t kTensorDocumentation = 12;
constexpr std::array kFields = {
    Field{Message::kModel, 1, Rule::kKeep},                           // ir_version
    Field{Message::kModel, 2, Rule::kKeep},                           // producer_name
    Field{Message::kModel, 7, Rule::kDescend, Message::kGraph},       // graph
    Field{Message::kModel, 8, Rule::kKeep},                           // opset_import
    Field{Message::kGraph, 1, Rule::kDescend, Message::kNode},        // node
    Field{Message::kGraph, 2, Rule::kKeep},                           // name
    Field{Message::kGraph, 5, Rule::kDescend, Message::kTensor},      // initializer
    Field{Message::kGraph, 11, Rule::kKeep},                          // input
    Field{Message::kGraph, 12, Rule::kKeep},                          // output
    Field{Message::kNode, 1, Rule::kKeep},                            // input
    Field{Message::kNode, 2, Rule::kKeep},                            // output
    Field{Message::kNode, 3, Rule::kKeep},                            // name
    Field{Message::kNode, 4, Rule::kKeep},                            // op_type
    Field{Message::kNode, 5, Rule::kDescend, Message::kAttribute},    // attribute
    Field{Message::kNode, 6, Rule::kNote},                            // doc_string
    Field{Message::kNode, 7, Rule::kKeep},                            // domain
    Field{Message::kAttribute, 1, Rule::kKeep},                       // name
    Field{Message::kAttribute, 2, Rule::kKeep},                       // f
    Field{Message::kAttribute, 3, Rule::kKeep},                       // i
    Field{Message::kAttribute, 4, Rule::kKeep},                       // s
    Field{Message::kAttribute, 5, Rule::kDescend, Message::kTensor},  // t
    Field{Message::kAttribute, 6, Rule::kDescend, Message::kGraph},   // g
    Field{Message::kAttribute, 7, Rule::kKeep},                       // floats
    Field{Message::kAttribute, 8, Rule::kKeep},                       // ints
    Field{Message::kAttribute, 20, Rule::kKeep},                      // type
    Field{Message::kTensor, 1, Rule::kKeep},                          // dims
    Field{Message::kTensor, 2, Rule::kKeep},                          // data_type
    Field{Message::kTensor, 4, Rule::kData},                          // float_data
    Field{Message::kTensor, 5, Rule::kData},                          // int32_data
    Field{Message::kTensor, 7, Rule::kData},                          // int64_data
    Field{Message::kTensor, 8, Rule::kKeep},                          // name
    Field{Message::kTensor, 9, Rule::kData},                          // raw_data
    Field{Message::kTensor, 10, Rule::kData},                         // double_data
    Field{Message::kTensor, 11, Rule::kData},                         // uint64_data
    Field{Message::kTensor, 13, Rule::kKeep},                         // external_data
    Field{Message::kTensor, 14, Rule::kKeep},                         // data_location
};

const Field* find_field(Message message, std::uint32_t number) {
  const auto* const at = std::ranges::find_if(kFields, [&](const Field& field) {
    return field.message == message && field.number == number;
  });
  return at == kFields.end() ? nullptr : at;
}

constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_bytes(std::string& out, std::uint32_t number, std::string_view bytes) {
  put_varint(out, number << 3 | kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

class Filter {
 public:
  Filter(CodedInputStream& in, int size) : in_(in), size_(size) {}

  std::string run() {
    std::string out;
    filter(Message::kModel, size_, out);
    return out;
  }

 private:
  /// Filters the message that ends at `end`.
  void filter(Message message, int end, std::string& out) {
    std::uint32_t skipped_field = 0;
    std::int64_t skipped_bytes = 0;
    while (in_.CurrentPosition() < end) {
      const std::uint32_t tag = in_.ReadTag();
      const Field* field = find_field(message, tag >> 3);
      switch (tag & 7) {
        case kVarint:
          copy_varint(message, tag, field != nullptr, out);
          break;
        case kFixed64:
          copy_fixed(message, tag, 8, field != nullptr, out);
          break;
        case kFixed32:
          copy_fixed(message, tag, 4, field != nullptr, out);
          break;
        case kBytes: {
          const int length = read_length(message, end);
          if (field == nullptr || (!keeps(*field, length) && field->rule == Rule::kNote)) {
            skip(message, length);
          } else if (!keeps(*field, length)) {
            skip(message, length);
            skipped_field = field->number;
            skipped_bytes += length;
          } else {
            copy_bytes(message, *field, length, out);
          }
          break;
        }
        default:
          fail(message, "is malformed");
      }
      if (in_.CurrentPosition() > end) fail(message, "is longer than the file says");
      require_room(out.size());
    }
    if (skipped_field != 0) {
      put_bytes(out, kTensorDocumentation, fmt::format("{} {}", skipped_field, skipped_bytes));
    }
  }

  static bool keeps(const Field& field, int length) {
    return (field.rule != Rule::kData && field.rule != Rule::kNote) || length <= kSlimTensorBytes;
  }

  void copy_varint(Message message, std::uint32_t tag, bool wanted, std::string& out) {
    std::uint64_t value = 0;
    if ((tag >> 3) == 0 || !in_.ReadVarint64(&value)) fail(message, "is malformed");
    if (!wanted) return;
    put_varint(out, tag);
    put_varint(out, value);
  }

  void copy_fixed(Message message, std::uint32_t tag, int size, bool wanted, std::string& out) {
    std::array<char, 8> bytes{};
    if ((tag >> 3) == 0 || !in_.ReadRaw(bytes.data(), size)) fail(message, "ends in the middle");
    if (!wanted) return;
    put_varint(out, tag);
    out.append(bytes.data(), static_cast<std::size_t>(size));
  }

  void copy_bytes(Message message, const Field& field, int length, std::string& out) {
    std::string bytes;
    if (field.rule == Rule::kDescend) {
      if (++messages_ > kMostMessages) {
        throw InputError(
            fmt::format("has more than {} nodes, attributes and tensors", kMostMessages));
      }
      const int deeper = field.inner == Message::kGraph ? 1 : 0;
      graphs_ += deeper;
      if (graphs_ > kMostGraphs) {
        throw InputError(fmt::format("has graphs in graphs, more than {} deep", kMostGraphs));
      }
      filter(field.inner, in_.CurrentPosition() + length, bytes);
      graphs_ -= deeper;
    } else {
      require_room(out.size() + static_cast<std::size_t>(length));
      if (!in_.ReadString(&bytes, length)) fail(message, "ends in the middle");
      if (field.rule == Rule::kNote && !bytes.starts_with(LayerNote::kStart)) return;
    }
    put_bytes(out, field.number, bytes);
  }

  int read_length(Message message, int end) {
    std::uint64_t length = 0;
    if (!in_.ReadVarint64(&length)) fail(message, "ends in the middle");
    const int room = std::max(0, end - in_.CurrentPosition());
    if (length > static_cast<std::uint64_t>(room)) {
      fail(message, fmt::format("ends in the middle: {} bytes should follow, {} do", length, room));
    }
    return static_cast<int>(length);
  }

  void skip(Message message, int length) {
    if (!in_.Skip(length)) fail(message, "ends in the middle");
  }

  void require_room(std::size_t bytes) const {
    if (bytes <= kMostBytes) return;
    throw InputError(fmt::format("has more than {} MiB beside its weights", kMostBytes >> 20));
  }

  [[noreturn]] void fail(Message message, const std::string& what) const {
    throw InputError(fmt::format("not an ONNX model, or cut off: the {} {} (byte {} of {})",
                                 kMessageNames.at(static_cast<std::size_t>(message)), what,
                                 in_.CurrentPosition(), size_));
  }

  CodedInputStream& in_;
  int size_;
  int messages_ = 0;
  int graphs_ = 0;  // around what is read
};

/// The length of a file, if it can be that of an ONNX model.
int checked_size(std::uintmax_t size) {
  if (size == 0) throw InputError("the file is empty");
  constexpr auto kMost = static_cast<std::uintmax_t>(std::numeric_limits<int>::max());
  if (size > kMost) {
    throw InputError(fmt::format(
        "has {} bytes; an ONNX file holds less than 2 GiB, with more weights in external data",
        size));
  }
  return static_cast<int>(size);
}

/// What begins like a TensorFlow Lite model (a FlatBuffer with that identifier).
void refuse_tensorflow_lite(std::string_view head) {
  if (head.substr(0, 8).ends_with("TFL3")) {
    throw InputError(
        "a TensorFlow Lite model; convert it to ONNX first, as 'python3 -m tf2onnx.convert "
        "--tflite "
        "MODEL.tflite --output MODEL.onnx' does");
  }
}

std::string filter_stream(google::protobuf::io::ZeroCopyInputStream& stream, int size) {
  CodedInputStream in(&stream);
  return Filter(in, size).run();
}

/// An open file, closed on every way out.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw InputError(fmt::format("cannot open: {}", std::strerror(errno)));
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string slim_model(std::string_view content) {
  const int size = checked_size(content.size());
  refuse_tensorflow_lite(content);
  google::protobuf::io::ArrayInputStream stream(content.data(), size);
  return filter_stream(stream, size);
}

std::string slim_model_of_file(const std::filesystem::path& file) {
  const OpenFile open(file);
  struct stat status {};
  if (::fstat(open.fd(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw InputError("found a folder or device, allowed a file");
  }
  const int size = checked_size(static_cast<std::uintmax_t>(status.st_size));
  std::array<char, 8> head{};
  const ssize_t bytes = ::pread(open.fd(), head.data(), head.size(), 0);
  if (bytes > 0) refuse_tensorflow_lite({head.data(), static_cast<std::size_t>(bytes)});
  google::protobuf::io::FileInputStream stream(open.fd());
  return filter_stream(stream, size);
}

}  // namespace dovetail

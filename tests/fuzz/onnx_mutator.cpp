// Changes of an ONNX model that leave it a model: a number, a name or a whole part is altered and
// all lengths around it are written anew. Bytes changed at random seldom get past the lengths.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

enum class Kind : std::uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kValue,
  kType,
  kTensorType,
  kShape,
  kDim,
  kEntry,
  kLeaf
};

struct Inner {
  Kind parent;
  std::uint32_t number;
  Kind kind;
};
// Which fields are messages (onnx.proto3).
constexpr std::array kInner = {
    Inner{Kind::kModel, 7, Kind::kGraph},     Inner{Kind::kModel, 8, Kind::kEntry},
    Inner{Kind::kGraph, 1, Kind::kNode},      Inner{Kind::kGraph, 5, Kind::kTensor},
    Inner{Kind::kGraph, 11, Kind::kValue},    Inner{Kind::kGraph, 12, Kind::kValue},
    Inner{Kind::kNode, 5, Kind::kAttribute},  Inner{Kind::kAttribute, 5, Kind::kTensor},
    Inner{Kind::kTensor, 13, Kind::kEntry},   Inner{Kind::kValue, 2, Kind::kType},
    Inner{Kind::kType, 1, Kind::kTensorType}, Inner{Kind::kTensorType, 2, Kind::kShape},
    Inner{Kind::kShape, 1, Kind::kDim},
};

struct Field {
  std::uint32_t tag = 0;
  std::uint64_t number = 0;  // of wire type 0
  std::string bytes;         // of others that are no message
  Kind kind = Kind::kLeaf;
  std::vector<Field> parts;  // of a message
};

bool read_varint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in[0]);
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void write_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

bool read(std::string_view in, Kind kind, std::vector<Field>& fields) {
  while (!in.empty()) {
    Field field;
    std::uint64_t tag = 0, length = 0;
    if (!read_varint(in, tag)) return false;
    field.tag = static_cast<std::uint32_t>(tag);
    switch (tag & 7) {
      case 0:
        if (!read_varint(in, field.number)) return false;
        break;
      case 1:
        length = 8;
        break;
      case 2:
        if (!read_varint(in, length)) return false;
        break;
      case 5:
        length = 4;
        break;
      default:
        return false;
    }
    if (length > in.size()) return false;
    const std::string_view content = in.substr(0, length);
    in.remove_prefix(length);
    const auto* const inner = std::ranges::find_if(kInner, [&](const Inner& row) {
      return row.parent == kind && row.number == tag >> 3 && (tag & 7) == 2;
    });
    if (inner != kInner.end() && read(content, inner->kind, field.parts)) {
      field.kind = inner->kind;
    } else {
      field.parts.clear();
      field.bytes = content;
    }
    fields.push_back(std::move(field));
  }
  return true;
}

void write(const std::vector<Field>& fields, std::string& out) {
  for (const Field& field : fields) {
    write_varint(out, field.tag);
    std::string content = field.bytes;
    if (field.kind != Kind::kLeaf) write(field.parts, content);
    if ((field.tag & 7) == 0) write_varint(out, field.number);
    if ((field.tag & 7) == 2) write_varint(out, content.size());
    out += content;
  }
}

constexpr std::array<std::string_view, 62> kWords = {"Add",
                                                     "AveragePool",
                                                     "BatchNormalization",
                                                     "Cast",
                                                     "Clip",
                                                     "Concat",
                                                     "Constant",
                                                     "ConstantOfShape",
                                                     "Conv",
                                                     "DequantizeLinear",
                                                     "Div",
                                                     "Dropout",
                                                     "Flatten",
                                                     "Gather",
                                                     "Gemm",
                                                     "GlobalAveragePool",
                                                     "GlobalMaxPool",
                                                     "HardSigmoid",
                                                     "HardSwish",
                                                     "Identity",
                                                     "MatMul",
                                                     "Max",
                                                     "MaxPool",
                                                     "Min",
                                                     "Mul",
                                                     "Neg",
                                                     "Pad",
                                                     "QLinearConv",
                                                     "QLinearMatMul",
                                                     "QuantizeLinear",
                                                     "ReduceMean",
                                                     "Relu",
                                                     "Reshape",
                                                     "Shape",
                                                     "Sigmoid",
                                                     "Size",
                                                     "Slice",
                                                     "Softmax",
                                                     "Squeeze",
                                                     "Sub",
                                                     "Sum",
                                                     "Swish",
                                                     "Transpose",
                                                     "Unsqueeze",
                                                     "allowzero",
                                                     "auto_pad",
                                                     "axes",
                                                     "axis",
                                                     "ceil_mode",
                                                     "dilations",
                                                     "group",
                                                     "keepdims",
                                                     "kernel_shape",
                                                     "pads",
                                                     "perm",
                                                     "strides",
                                                     "transB",
                                                     "SAME_UPPER",
                                                     "SAME_LOWER",
                                                     "VALID",
                                                     "",
                                                     "layer: a\nblock: b"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void run(std::vector<Field>& model) {
    std::vector<std::pair<std::vector<Field>*, std::size_t>> all;
    collect(model, all);
    if (all.empty()) return;
    const auto [fields, at] = all[below(all.size())];
    const auto [other_fields, other_at] = all[below(all.size())];
    Field& field = (*fields)[at];
    const Field other = (*other_fields)[other_at];
    const std::size_t choice = below(10);
    if (choice == 0) {
      fields->erase(fields->begin() + static_cast<std::ptrdiff_t>(at));
    } else if (choice == 1) {
      const Field copy = field;
      fields->push_back(copy);
    } else if (choice == 2) {
      std::swap(field, (*fields)[below(fields->size())]);
    } else if ((field.tag & 7) == 0) {
      change_number(field.number);
    } else if (field.kind == Kind::kLeaf) {
      change_bytes(field.bytes, other);
    } else if (other.kind == field.kind) {
      field.parts = other.parts;
    }
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void collect(std::vector<Field>& fields,
               std::vector<std::pair<std::vector<Field>*, std::size_t>>& all) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      all.emplace_back(&fields, i);
      collect(fields[i].parts, all);
    }
  }

  void change_number(std::uint64_t& number) {
    constexpr std::array<std::uint64_t, 12> kUsual = {0,
                                                      1,
                                                      2,
                                                      3,
                                                      4,
                                                      7,
                                                      64,
                                                      65536,
                                                      1U << 31,
                                                      std::uint64_t{1} << 40,
                                                      ~std::uint64_t{0},
                                                      std::uint64_t{1} << 63};
    const std::size_t choice = below(3);
    if (choice == 0) number = kUsual[below(kUsual.size())];
    if (choice == 1) number += below(2) == 0 ? 1 : ~std::uint64_t{0};
    if (choice == 2) number = below(32);
  }

  void change_bytes(std::string& bytes, const Field& other) {
    const std::size_t choice = below(3);
    if (choice == 0) bytes = kWords[below(kWords.size())];
    if (choice == 1 && other.kind == Kind::kLeaf) bytes = other.bytes;  // a tensor's name, say
    if (choice == 2) {
      const std::size_t size = bytes.size();
      bytes.resize(size + 8);
      bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, size + 8));
    }
  }

  std::minstd_rand random_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max, unsigned seed) {
  std::vector<Field> model;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  if (seed % 8 == 0 || !read(content, Kind::kModel, model))
    return LLVMFuzzerMutate(data, size, max);
  Mutator mutator(seed);
  for (unsigned i = 0; i <= seed / 8 % 4; ++i) mutator.run(model);
  std::string out;
  write(model, out);
  if (out.size() > max) return LLVMFuzzerMutate(data, size, max);
  std::ranges::copy(out, reinterpret_cast<char*>(data));
  return out.size();
}

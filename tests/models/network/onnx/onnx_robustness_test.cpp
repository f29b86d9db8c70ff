// Files that are cut off, damaged or made to hurt: a message each, and nothing worse.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "tests/fuzz/check_input.h"
#include "tests/fuzz/found_files.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// The ONNX files of this folder.
std::vector<std::string> onnx_files() {
  std::vector<std::string> contents;
  for (const auto& file : files_of("tests/models/network/onnx/onnx_files")) {
    if (file.extension() == ".onnx") contents.push_back(read_file(file));
  }
  return contents;
}

/// Reads what may or may not be a model. Anything but a network or an InputError fails the test.
bool is_read(const std::string& content) {
  try {
    const Network network = parse_onnx(content, "file");
    EXPECT_GE(network.macs(), 0);
    return true;
  } catch (const InputError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("file: ")) << error.what();
    return false;
  }
}

TEST(OnnxRobustness, EveryPieceOfEveryFileIsRefused) {
  const std::vector<std::string> files = onnx_files();
  ASSERT_GE(files.size(), 10U);
  for (const std::string& file : files) {
    for (std::size_t length = 0; length < file.size(); length += 1 + file.size() / 1500) {
      EXPECT_FALSE(is_read(file.substr(0, length))) << length << " of " << file.size();
    }
  }
}

TEST(OnnxRobustness, DamagedFilesAreReadOrRefused) {
  Rng rng(5);
  int read = 0, refused = 0;
  for (const std::string& file : onnx_files()) {
    for (int i = 0; i < 300; ++i) {
      std::string damaged = file;
      for (std::size_t hits = 1 + rng.index(4); hits-- > 0;) {
        damaged[rng.index(damaged.size())] = static_cast<char>(rng.index(256));
      }
      ++(is_read(damaged) ? read : refused);
    }
  }
  EXPECT_GT(read, 0);  // a weight, a name
  EXPECT_GT(refused, 100);
}

TEST(OnnxRobustness, NoiseIsRefused) {
  Rng rng(6);
  for (int i = 0; i < 2000; ++i) {
    std::string noise(rng.index(200), '\0');
    for (char& c : noise) c = static_cast<char>(rng.index(256));
    EXPECT_FALSE(is_read(noise));
  }
}

TEST(OnnxRobustness, WhatTheFuzzersFound) {
  for (const std::string& file : found_by_fuzzer("onnx")) EXPECT_NO_THROW(check_onnx(file));
  for (const std::string& file : found_by_fuzzer("network")) {
    EXPECT_NO_THROW(check_network_yaml(file));
  }
  for (const std::string& file : found_by_fuzzer("space")) EXPECT_NO_THROW(check_space_yaml(file));
}

// ---- Files written byte by byte ----

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number(unsigned field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes(unsigned field, const std::string& content) {
  return varint(field << 3 | 2) + varint(content.size()) + content;
}

/// An input or output of 1x3x8x8.
std::string value(const std::string& name) {
  std::string shape;
  for (const std::uint64_t size : {1, 3, 8, 8}) shape += bytes(1, number(1, size));
  return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)));
}

/// A model of one node that reads an initialiser of these fields.
std::string model_with_tensor(const std::string& tensor) {
  const std::string node = bytes(1, "x") + bytes(1, "w") + bytes(2, "y") + bytes(4, "Conv");
  const std::string graph = bytes(1, node) + bytes(2, "g") + bytes(5, tensor + bytes(8, "w")) +
                            bytes(11, value("x")) + bytes(12, value("y"));
  return number(1, 7) + bytes(8, number(2, 13)) + bytes(7, graph);
}

std::string refusal(const std::string& content) {
  return input_error([&] { parse_onnx(content, "file"); });
}

std::string dims(const std::vector<std::uint64_t>& sizes) {
  std::string fields;
  for (const std::uint64_t size : sizes) fields += number(1, size);
  return fields + number(2, 1);
}

TEST(OnnxRobustness, SizesAreCheckedBeforeTheyAreBelieved) {
  const std::string weights(432, '\0');
  EXPECT_EQ(refusal(model_with_tensor(dims({4, 3, 3, 3}) + bytes(9, weights))), "");
  const std::uint64_t huge = std::uint64_t{1} << 40;
  EXPECT_THAT(refusal(model_with_tensor(dims({huge, huge}))),
              HasSubstr("tensor 'w': a tensor of 1099511627776x1099511627776 has more than 2^40"));
  EXPECT_THAT(refusal(model_with_tensor(dims({huge}))),  // stripped, so not allocated
              HasSubstr("the weight ('w') of 1099511627776; allowed are 4 dimensions"));
  EXPECT_THAT(refusal(model_with_tensor(dims({~std::uint64_t{0}, 3}))), HasSubstr("is negative"));
  EXPECT_THAT(refusal(model_with_tensor(dims({4, 3, 3, 3}) + bytes(9, "1234"))),
              HasSubstr("tensor 'w': has 4 bytes of data, its shape 4x3x3x3 wants 432"));
  EXPECT_THAT(refusal(model_with_tensor(dims({4, 3, 3, 3}) + bytes(9, std::string(5000, 'a')))),
              HasSubstr("has 5000 bytes of data, its shape 4x3x3x3 wants 432"));
  EXPECT_THAT(refusal(model_with_tensor(dims(std::vector<std::uint64_t>(9, 1)))),
              HasSubstr("9 dimensions, at most 8"));
}

/// What is said of a weight whose data is elsewhere, by the keys and values of its external data.
std::string external_refusal(const std::filesystem::path& folder,
                             const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string tensor = dims({4, 3, 3, 3}) + number(14, 1);
  for (const auto& [key, value_of] : entries) {
    tensor += bytes(13, bytes(1, key) + bytes(2, value_of));
  }
  const std::filesystem::path file = folder / "model.onnx";
  std::ofstream(file, std::ios::binary) << model_with_tensor(tensor);
  return input_error([&] { load_onnx(file); });
}

TEST(OnnxRobustness, ExternalDataStaysInTheFolderAndInItsFile) {
  const std::filesystem::path folder = write_yaml("").replace_extension("folder");
  std::filesystem::create_directories(folder / "inner");
  std::ofstream(folder / "w.bin", std::ios::binary) << std::string(500, '\0');
  std::ofstream(folder / "inner/outside.bin", std::ios::binary) << std::string(500, '\0');
  std::filesystem::create_directories(folder / "model");
  std::filesystem::copy_file(folder / "w.bin", folder / "model/w.bin",
                             std::filesystem::copy_options::overwrite_existing);
  std::error_code exists;
  std::filesystem::create_symlink("../inner/outside.bin", folder / "model/link.bin", exists);
  std::filesystem::create_symlink("w.bin", folder / "model/inside.bin", exists);
  const auto said = [&](const std::vector<std::pair<std::string, std::string>>& entries) {
    return external_refusal(folder / "model", entries);
  };
  EXPECT_EQ(said({{"location", "w.bin"}}), "");
  EXPECT_EQ(said({{"location", "w.bin"}, {"offset", "68"}, {"length", "432"}}), "");
  EXPECT_EQ(said({{"location", "inside.bin"}}), "");
  EXPECT_EQ(said({{"location", "missing.bin"}}), "");  // of a weight the shape is enough
  EXPECT_THAT(said({{"location", "w.bin"}, {"offset", "abc"}}),
              HasSubstr("tensor 'w': external data: offset 'abc'; allowed are whole numbers"));
  EXPECT_THAT(said({{"location", "w.bin"}, {"offset", "-1"}}), HasSubstr("offset '-1'"));
  EXPECT_THAT(
      said({{"location", "w.bin"}, {"offset", "69"}}),
      HasSubstr("its data is 432 bytes from 69 on of 'w.bin', which is too short: it has 500"));
  EXPECT_THAT(said({{"location", "w.bin"}, {"offset", "9223372036854775807"}}),
              HasSubstr("too short"));
  EXPECT_THAT(said({{"location", "w.bin"}, {"length", "431"}}),
              HasSubstr("length 431, its shape wants 432 bytes"));
  EXPECT_THAT(said({{"location", "w.bin"}, {"length", ""}}), HasSubstr("length ''"));
  for (const char* path : {"../w.bin", "a/../../w.bin", "/etc/hostname", ""}) {
    EXPECT_THAT(said({{"location", path}}), HasSubstr("allowed are paths below the model's folder"))
        << path;
  }
  EXPECT_THAT(said({{"location", "link.bin"}}), HasSubstr("a link out of the model's folder"));
  std::filesystem::remove_all(folder);
}

TEST(OnnxRobustness, TenBytesThatPromiseMuchAreRefused) {
  for (const std::string& content :
       {varint(7 << 3 | 2) + varint(std::uint64_t{1} << 40),  // a graph of 2^40 bytes
        varint(7 << 3 | 2) + varint(0x7fffffff) + "abc",
        bytes(7, varint(5 << 3 | 2) + varint(0x7fffffff)),  // a tensor in a graph
        std::string("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff")}) {
    EXPECT_THAT(refusal(content), HasSubstr("not an ONNX model, or cut off"));
  }
  EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal("schema: dovetail.network/1\nname: a\n"), HasSubstr("not an ONNX model"));
  EXPECT_THAT(refusal(number(1, 7)), HasSubstr("it has no graph"));
  EXPECT_THAT(refusal(bytes(7, bytes(2, "g"))), HasSubstr("it has no nodes"));
}

TEST(OnnxRobustness, NestingAndNumbersOfPartsAreBounded) {
  std::string deep;  // a graph in an attribute of a node in a graph in ...
  for (int i = 0; i < 3000; ++i) deep = bytes(1, bytes(4, "If") + bytes(5, bytes(6, deep)));
  EXPECT_THAT(refusal(bytes(8, number(2, 13)) + bytes(7, deep)),
              HasSubstr("graphs in graphs, more than 8 deep"));
  std::string type;  // a sequence of sequences of ...
  for (int i = 0; i < 3000; ++i) type = bytes(4, bytes(1, type));
  EXPECT_THAT(refusal(bytes(7, bytes(1, bytes(4, "Relu")) + bytes(11, bytes(2, type)))),
              HasSubstr("not an ONNX model"));
  std::string nodes;
  for (int i = 0; i < 200'001; ++i) nodes += std::string("\x0a\x00", 2);
  EXPECT_THAT(refusal(bytes(7, nodes)),
              HasSubstr("more than 200000 nodes, attributes and tensors"));
  EXPECT_THAT(refusal(bytes(7, bytes(2, std::string(9 << 20, 'n')))),
              HasSubstr("more than 8 MiB beside its weights"));
}

TEST(OnnxRobustness, MessagesAreShortAndPlain) {
  const std::string name = "\x1b[31m" + std::string(1 << 20, 'n');
  const std::string node = bytes(1, "x") + bytes(2, "y") + bytes(3, name) + bytes(4, "LSTM\n");
  const std::string message =
      refusal(bytes(8, number(2, 13)) +
              bytes(7, bytes(1, node) + bytes(11, value("x")) + bytes(12, value("y"))));
  EXPECT_GT(message.size(), 100U);
  EXPECT_LT(message.size(), 2100U);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(OnnxRobustness, OfTensorFlowLiteItIsSaidWhatToDo) {
  const std::string model = std::string("\x1c\0\0\0TFL3", 8) + std::string(100, '\0');
  EXPECT_THAT(refusal(model), HasSubstr("TensorFlow Lite model; convert it to ONNX first"));
  const std::filesystem::path file = write_yaml("").replace_extension("tflite");
  std::ofstream(file, std::ios::binary) << model;
  EXPECT_THAT(input_error([&] { find_network(file.string()); }), HasSubstr("tf2onnx.convert"));
  std::filesystem::remove(file);
}

TEST(OnnxRobustness, AFolderOrADeviceIsNoModel) {
  EXPECT_THAT(input_error([] { load_onnx(DOVETAIL_SOURCE_DIR); }), HasSubstr("allowed a file"));
  EXPECT_THAT(input_error([] { load_onnx("/dev/zero"); }), HasSubstr("allowed a file"));
}

}  // namespace
}  // namespace dovetail

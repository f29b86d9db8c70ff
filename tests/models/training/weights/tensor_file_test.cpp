#include "models/training/weights/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TensorFile some_tensors() {
  TensorFile file;
  file.tensors["b.weight"] = {{2, 3}, {1, 2, 3, 4, 5, 6.5}};
  file.tensors["a"] = {{1}, {-0.25}};
  file.tensors["none"] = {{0}, {}};
  file.metadata["curve"] = "1 0.5\n";
  return file;
}

TEST(TensorFileTest, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const TensorFile written = some_tensors();
  written.save(folder.path() / "x.safetensors");
  const TensorFile read = TensorFile::load(folder.path() / "x.safetensors");
  ASSERT_EQ(read.tensors.size(), 3U);
  EXPECT_EQ(read.tensors.at("b.weight").dims, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(read.tensors.at("b.weight").values, written.tensors.at("b.weight").values);
  EXPECT_EQ(read.metadata, written.metadata);
  EXPECT_EQ(read.to_bytes(), written.to_bytes());
}

TEST(TensorFileTest, IsLaidOutAsSafetensorsAre) {
  const std::string bytes = some_tensors().to_bytes();
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(bytes.size(), 8 + length + 7 * sizeof(float));
  EXPECT_THAT(bytes.substr(8, length),
              HasSubstr(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})"));
  float first = 0;
  std::memcpy(&first, bytes.data() + 8 + length, sizeof(float));
  EXPECT_EQ(first, -0.25F);
}

TEST(TensorFileTest, EveryCutAndEveryChangedByteIsNoticed) {
  const TemporaryFolder folder;
  const std::string bytes = some_tensors().to_bytes();
  const auto load = [&](const std::string& content) {
    static_cast<void>(TensorFile::load(folder.write("x", content)));
  };
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(message_of<InputError>([&] { load(bytes.substr(0, size)); }), HasSubstr("x: "));
  }
  for (std::size_t at = bytes.size() - 28; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THAT(message_of<InputError>([&] { load(changed); }), HasSubstr("checksum"));
  }
  std::string longest = bytes;
  longest[6] = '\x7f';  // a header of 2^55 bytes
  EXPECT_THROW(load(longest), InputError);
}

}  // namespace
}  // namespace dovetail

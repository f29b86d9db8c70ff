#include "base/files/hdf5_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstdint>
#include <fstream>

#include "base/files/atomic_file.h"
#include "tests/base/files/faults.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

const std::vector<std::uint8_t> kBytes = {1, 2, 3, 4, 5, 6};
const std::vector<double> kDoubles = {0.5, -1e300, 3};

std::string write_example(const std::filesystem::path& file,
                          const std::string& schema = "dovetail.example/1") {
  Hdf5Writer writer(file, schema);
  writer.attribute("title", "two \xC3\xA9l\xC3\xA9ments");
  writer.array<std::uint8_t>("bytes", kBytes, 3, 2);
  writer.array<double>("doubles", kDoubles, 3, 0, "ms");
  writer.array<float>("none", std::span<const float>(), 0);
  return writer.commit();
}

void read_example(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, "dovetail.example/1");
  EXPECT_TRUE(reader.has_attribute("title"));
  EXPECT_FALSE(reader.has_attribute("titl"));
  EXPECT_EQ(reader.attribute("title"), "two \xC3\xA9l\xC3\xA9ments");
  EXPECT_EQ(reader.array<std::uint8_t>("bytes", 3, 2), kBytes);
  EXPECT_EQ(reader.array<double>("doubles", 3), kDoubles);
  EXPECT_TRUE(reader.array<float>("none", 0).empty());
}

std::string load_error(const std::filesystem::path& file) {
  return message_of<InputError>([&] { Hdf5Reader(file, "dovetail.example/1"); });
}

TEST(Hdf5File, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const std::string checksum = write_example(folder.path() / "a.h5");
  read_example(folder.path() / "a.h5");
  EXPECT_EQ(Hdf5Reader(folder.path() / "a.h5", "dovetail.example/1").checksum(), checksum);
  EXPECT_EQ(checksum.size(), 16U);
}

TEST(Hdf5File, SameContentGivesSameBytes) {
  const TemporaryFolder folder;
  write_example(folder.path() / "a.h5");
  write_example(folder.path() / "b.h5");
  EXPECT_EQ(folder.read("a.h5"), folder.read("b.h5"));
}

TEST(Hdf5File, WithoutCommitNothingIsLeft) {
  const TemporaryFolder folder;
  {
    Hdf5Writer writer(folder.path() / "a.h5", "dovetail.example/1");
    writer.attribute("title", "x");
  }
  EXPECT_EQ(folder.count(), 0U);
}

TEST(Hdf5File, PlainHdf5ReadsIt) {
  const TemporaryFolder folder;
  write_example(folder.path() / "a.h5");
  const hid_t file = H5Fopen((folder.path() / "a.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  EXPECT_GT(H5Lexists(file, "doubles", H5P_DEFAULT), 0);
  H5Fclose(file);
}

TEST(Hdf5File, EveryTruncationIsAnErrorWithTheName) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cut.h5";
  write_example(file);
  const std::string whole = folder.read("cut.h5");
  for (std::size_t size = whole.size() - 1; size<whole.size(); size -= size> 600 ? 29 : 1) {
    std::filesystem::resize_file(file, size);
    const std::string message = load_error(file);
    EXPECT_THAT(message, HasSubstr("cut.h5")) << size;
    if (size >= 512) {
      EXPECT_THAT(message, HasSubstr("truncated")) << size;
    }
  }
  EXPECT_THAT(load_error(folder.write("long.h5", whole + "x")), HasSubstr("truncated or damaged"));
}

/// Inverts the bits of `mask` in one byte of a file.
void flip(const std::filesystem::path& file, std::size_t at, int mask) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(byte ^ mask));
}

TEST(Hdf5File, EveryFlippedBitIsAnError) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "flip.h5";
  write_example(file);
  const std::size_t size = std::filesystem::file_size(file);
  for (std::size_t i = 0; i < size; ++i) {
    flip(file, i, 1 << (i % 8));
    EXPECT_THAT(load_error(file), HasSubstr("flip.h5")) << "byte " << i;
    flip(file, i, 1 << (i % 8));
  }
  read_example(file);
}

TEST(Hdf5File, ForeignFilesAreNamed) {
  const TemporaryFolder folder;
  EXPECT_THAT(load_error(folder.path() / "missing.h5"), HasSubstr("missing.h5: cannot be read"));
  EXPECT_THAT(load_error(folder.path()), HasSubstr("folder"));
  EXPECT_THAT(load_error(folder.write("text.h5", "ks0,ks1\n3,5\n")), HasSubstr("no Dovetail seal"));
  const hid_t file =
      H5Fcreate((folder.path() / "other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  EXPECT_THAT(load_error(folder.path() / "other.h5"), HasSubstr("not written by dovetail"));
  write_example(folder.path() / "old.h5", "dovetail.example/0");
  EXPECT_THAT(load_error(folder.path() / "old.h5"),
              HasSubstr("has schema dovetail.example/0, expected dovetail.example/1"));
}

TEST(Hdf5File, WrongNamesTypesAndShapesAreErrors) {
  const TemporaryFolder folder;
  write_example(folder.path() / "a.h5");
  const Hdf5Reader reader(folder.path() / "a.h5", "dovetail.example/1");
  EXPECT_THROW(reader.attribute("absent"), InputError);
  EXPECT_THROW(reader.array<double>("absent", 3), InputError);
  EXPECT_THROW(reader.array<float>("doubles", 3), InputError);
  EXPECT_THROW(reader.array<double>("doubles", 4), InputError);
  EXPECT_THROW(reader.array<std::uint8_t>("bytes", 2, 3), InputError);
  EXPECT_THROW(reader.array<std::uint8_t>("bytes", 6), InputError);
}

TEST(Hdf5File, UnwritableTargetIsAnError) {
  EXPECT_ANY_THROW(Hdf5Writer("/nonexistent-folder/a.h5", "dovetail.example/1"));
}

TEST(Hdf5File, AFullDiskIsAnErrorWithTheNameAndLeavesTheOldFile) {
  const TemporaryFolder folder;
  write_example(folder.path() / "a.h5");
  const std::string before = folder.read("a.h5");
  {
    const FileSizeLimit limit(before.size() / 2);
    EXPECT_THAT(message_of<DiskFullError>([&] { write_example(folder.path() / "a.h5"); }),
                testing::AllOf(HasSubstr("a.h5"), HasSubstr("disk full")));
  }
  EXPECT_EQ(folder.read("a.h5"), before);
  EXPECT_EQ(folder.count(), 1U);
}

}  // namespace
}  // namespace dovetail

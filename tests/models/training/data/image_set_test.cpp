#include "models/training/data/image_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <set>

#include "models/training/data/image_batches.h"
#include "tests/base/files/test_files.h"
#include "tests/models/training/made_images.h"

namespace dovetail {
namespace {

using test::big_endian;
using test::MadeImages;
using testing::AllOf;
using testing::HasSubstr;

std::string gzipped(const std::string& content, const std::filesystem::path& scratch) {
  gzFile file = gzopen(scratch.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  std::ifstream stream(scratch, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  std::filesystem::remove(scratch);
  return bytes.str();
}

class ImageSetTest : public testing::Test {
 protected:
  ImageSetTest() { test::write_made_images(folder_.path()); }

  ImageData load(std::size_t validation = 40) const {
    return load_image_data(folder_.path(), made_.classes, validation);
  }
  std::string refusal(std::size_t validation = 40) const {
    return message_of<InputError>([&] { static_cast<void>(load(validation)); });
  }
  /// Changes a file by its content.
  void change(const std::string& name, const std::function<void(std::string&)>& by) const {
    std::string content = folder_.read(name);
    by(content);
    folder_.write(name, content);
  }

  MadeImages made_;
  TemporaryFolder folder_;
};

TEST_F(ImageSetTest, TheLastTrainingImagesValidate) {
  const ImageData data = load();
  EXPECT_EQ(data.training.size(), 200U);
  EXPECT_EQ(data.validation.size(), 40U);
  EXPECT_EQ(data.test.size(), 80U);
  const std::string content = folder_.read("train-images-idx3-ubyte");
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(data.training.image(3)[i], static_cast<std::uint8_t>(content[16 + 3 * 64 + i]));
    EXPECT_EQ(data.validation.image(39)[i], static_cast<std::uint8_t>(content[16 + 239 * 64 + i]));
  }
  EXPECT_EQ(data.validation.labels[39], 239 % 4);
}

TEST_F(ImageSetTest, StandardisedPixelsHaveMeanZeroAndDeviationOne) {
  const ImageData data = load();
  double sum = 0, squares = 0;
  const auto values = standardised_values(data.statistics);
  for (const ImageSet* set : {&data.training, &data.validation}) {
    for (const std::uint8_t pixel : set->pixels) {
      sum += values[0][pixel];
      squares += values[0][pixel] * values[0][pixel];
    }
  }
  const double count = 240 * 64;
  EXPECT_NEAR(sum / count, 0, 1e-5);
  EXPECT_NEAR(squares / count, 1, 1e-5);
}

TEST_F(ImageSetTest, CompressedFilesAreTheSame) {
  const ImageData plain = load();
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                           "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    folder_.write(std::string(name) + ".gz", gzipped(folder_.read(name), folder_.path() / "x"));
    std::filesystem::remove(folder_.path() / name);
  }
  const ImageData compressed = load();
  EXPECT_EQ(compressed.training.pixels, plain.training.pixels);
  EXPECT_EQ(compressed.test.labels, plain.test.labels);

  change("train-labels-idx1-ubyte.gz", [](std::string& gz) { gz.resize(gz.size() - 10); });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("train-labels-idx1-ubyte.gz"), HasSubstr("cut off")));
  change("train-labels-idx1-ubyte.gz",
         [](std::string& gz) { gz[30] = static_cast<char>(gz[30] ^ 255); });
  EXPECT_THAT(refusal(), HasSubstr("train-labels-idx1-ubyte.gz: the gzip file is"));
}

TEST_F(ImageSetTest, WhatIsWrongIsTold) {
  struct Wrong {
    std::string file;
    std::function<void(std::string&)> by;
    std::string told;
  };
  const std::vector<Wrong> wrongs = {
      {"train-images-idx3-ubyte", [](std::string& c) { c.resize(1000); },
       "cut off: the header announces 15360 bytes, found 984"},
      {"train-images-idx3-ubyte", [](std::string& c) { c.resize(6); },
       "cut off before the number of images"},
      {"train-images-idx3-ubyte", [](std::string& c) { c += "x"; }, "more than it says"},
      {"train-images-idx3-ubyte", [](std::string& c) { c[3] = 1; },
       "found magic number 2049, allowed 2051"},
      {"train-labels-idx1-ubyte", [](std::string& c) { c[7] = 100; },
       "found 100 labels, allowed 240"},
      {"train-labels-idx1-ubyte", [](std::string& c) { c[8 + 17] = 4; },
       "image 17 has label 4, allowed 0 to 3"},
      {"train-labels-idx1-ubyte",
       [](std::string& c) {
         for (std::size_t i = 8; i < c.size(); ++i) c[i] = c[i] == 2 ? 1 : c[i];
       },
       "class 2 of 4 is empty"},
      {"t10k-labels-idx1-ubyte", [](std::string& c) { c[8] = 77; }, "image 0 has label 77"},
      {"t10k-images-idx3-ubyte",
       [](std::string& c) { c.replace(8, 8, big_endian(16) + big_endian(4)); },
       "test images are 16 x 4, those to train with 8 x 8"},
      {"train-images-idx3-ubyte", [](std::string& c) { c.replace(4, 4, big_endian(0)); },
       "found 0 images"},
  };
  for (const Wrong& wrong : wrongs) {
    const std::string whole = folder_.read(wrong.file);
    change(wrong.file, wrong.by);
    EXPECT_THAT(refusal(), AllOf(HasSubstr(wrong.file), HasSubstr(wrong.told)));
    folder_.write(wrong.file, whole);
  }
  EXPECT_THAT(refusal(240),
              HasSubstr("240 images, of which 240 are to validate; allowed 1 to 239"));
  std::filesystem::remove(folder_.path() / "t10k-labels-idx1-ubyte");
  EXPECT_THAT(refusal(), HasSubstr("t10k-labels-idx1-ubyte"));
  std::filesystem::remove(folder_.path() / "train-images-idx3-ubyte");
  EXPECT_THAT(refusal(), HasSubstr("no images there; allowed train-images-idx3-ubyte"));
}

TEST_F(ImageSetTest, CifarFilesAreReadAsTheyAreDescribed) {
  const auto record = [](int labels, int label, int shade) {
    std::string bytes(static_cast<std::size_t>(labels), '\x7f');
    bytes.back() = static_cast<char>(label);
    for (int plane = 0; plane < 3; ++plane)
      bytes += std::string(1024, static_cast<char>(shade + plane));
    return bytes;
  };
  const TemporaryFolder ten, hundred;
  for (int batch = 1; batch <= 5; ++batch) {
    ten.write("data_batch_" + std::to_string(batch) + ".bin",
              record(1, batch % 2, 10 * batch) + record(1, 1 - batch % 2, 7));
  }
  ten.write("test_batch.bin", record(1, 1, 3));
  const ImageData data = load_image_data(ten.path(), 2, 2);
  EXPECT_EQ(data.training.size(), 8U);
  EXPECT_EQ(data.training.channels, 3);
  EXPECT_EQ(data.training.labels[2], 0);
  EXPECT_THAT(std::vector<int>(data.training.image(2).begin(), data.training.image(2).begin() + 4),
              testing::ElementsAre(20, 21, 22, 20));
  EXPECT_EQ(data.test.image(0)[5], 5);

  hundred.write("train.bin", record(2, 0, 1) + record(2, 1, 2) + record(2, 0, 3));
  hundred.write("test.bin", record(2, 1, 9));
  EXPECT_EQ(load_image_data(hundred.path(), 2, 1).training.labels,
            (std::vector<std::uint8_t>{0, 1}));
  hundred.write("train.bin", record(2, 0, 1) + "x");
  EXPECT_THAT(
      message_of<InputError>([&] { load_image_data(hundred.path(), 2, 1); }),
      AllOf(HasSubstr("train.bin"), HasSubstr("found 3075 bytes, allowed a multiple of 3074")));
}

TEST_F(ImageSetTest, AugmentationShiftsAndMirrors) {
  ImageSet one{5, 5, 1, std::vector<std::uint8_t>(25), {0}};
  one.pixels[12] = 255;  // in the middle
  const std::vector<PixelStatistics> plain = {{0, 1}};
  const ImageBatches batches(one, plain);
  Rng rng(3);
  std::vector<int> found(25);
  const std::vector<std::uint32_t> positions(1000);
  std::vector<float> pixels(25 * positions.size());
  std::vector<std::int64_t> labels(positions.size());
  batches.fill(positions, &rng, pixels.data(), labels.data());
  for (std::size_t i = 0; i < pixels.size(); ++i) found[i % 25] += pixels[i] > 0.5;
  for (const int count : found) EXPECT_NEAR(count, 40, 25);  // each of 25 shifts is as likely
  batches.fill(std::vector<std::uint32_t>{0}, nullptr, pixels.data(), labels.data());
  EXPECT_EQ(pixels[12], 1);
}

TEST_F(ImageSetTest, TheOrderIsThatOfSeedAndEpoch) {
  const auto order = epoch_order(100, 100, 7, 0);
  EXPECT_EQ(order, epoch_order(100, 100, 7, 0));
  EXPECT_NE(order, epoch_order(100, 100, 7, 1));
  EXPECT_NE(order, epoch_order(100, 100, 8, 0));
  EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()).size(), 100U);
  EXPECT_EQ(epoch_order(100, 10, 7, 0).size(), 10U);
}

}  // namespace
}  // namespace dovetail

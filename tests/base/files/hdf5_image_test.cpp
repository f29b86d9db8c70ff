#include "base/files/hdf5_image.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include "base/files/checksum.h"
#include "base/files/hdf5_file.h"
#include "base/numbers/random.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

constexpr std::size_t kSeal = 512;

/// A file with every type, a text longer than a heap, and more attributes than the first block of
/// a header holds.
std::string example(const TemporaryFolder& folder) {
  Hdf5Writer writer(folder.path() / "a.h5", "dovetail.example/1");
  for (int i = 0; i < 12; ++i) {
    writer.attribute("attribute_" + std::to_string(i),
                     std::string(static_cast<std::size_t>(i), 'x'));
  }
  writer.attribute("long", std::string(20'000, 'y'));
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6};
  const std::vector<std::int64_t> numbers{-1, 1LL << 60};
  const std::vector<float> floats{0.5F, -2};
  const std::vector<double> doubles{1e300};
  for (int i = 0; i < 20; ++i) {  // more than one node of the group
    writer.array<std::uint8_t>("bytes_" + std::to_string(i), bytes, 3, 2);
  }
  writer.array<std::int64_t>("numbers", numbers, 2);
  writer.array<float>("floats", floats, 1, 2, "ms");
  writer.array<double>("doubles", doubles, 1);
  writer.array<double>("none", std::span<const double>(), 0);
  writer.commit();
  return folder.read("a.h5").substr(kSeal);
}

TEST(Hdf5Image, HoldsWhatWasWritten) {
  const TemporaryFolder folder;
  const Hdf5Image image(example(folder));
  ASSERT_NE(image.attribute("attribute_11"), nullptr);
  EXPECT_EQ(*image.attribute("attribute_11"), "xxxxxxxxxxx");
  EXPECT_EQ(*image.attribute("attribute_0"), "");
  EXPECT_EQ(image.attribute("long")->size(), 20'000U);
  EXPECT_EQ(image.attribute("absent"), nullptr);
  for (int i = 0; i < 20; ++i) {
    const Hdf5Image::Array* bytes = image.array("bytes_" + std::to_string(i));
    ASSERT_NE(bytes, nullptr) << i;
    EXPECT_EQ(bytes->shape, (std::vector<std::uint64_t>{3, 2}));
    EXPECT_EQ(bytes->data, "\1\2\3\4\5\6");
    EXPECT_EQ(bytes->type, hdf5_type<std::uint8_t>());
  }
  EXPECT_EQ(image.array("numbers")->type, hdf5_type<std::int64_t>());
  EXPECT_EQ(image.array("floats")->type, hdf5_type<float>());
  EXPECT_EQ(image.array("doubles")->type, hdf5_type<double>());
  EXPECT_EQ(image.array("none")->data, "");
  EXPECT_EQ(image.array("absent"), nullptr);
}

TEST(Hdf5Image, AForgedFileIsReadOrRefusedAndNothingElse) {
  const TemporaryFolder folder;
  const std::string whole = example(folder);
  int refused = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    Rng rng(7, i);
    std::string forged = whole;
    for (std::size_t changes = 1 + rng.index(4); changes > 0; --changes) {
      const std::size_t at = rng.index(forged.size());
      switch (rng.index(3)) {
        case 0:
          forged[at] = static_cast<char>(forged[at] ^ (1 << rng.index(8)));
          break;
        case 1:
          forged[at] = static_cast<char>(rng.index(256));
          break;
        default:  // an offset or a length
          for (std::size_t k = at / 8 * 8; k < std::min(at / 8 * 8 + 8, forged.size()); ++k) {
            forged[k] = static_cast<char>(rng.index(2) == 0 ? 0xff : rng.index(256));
          }
      }
    }
    if (rng.index(20) == 0) forged.resize(rng.index(forged.size()));
    try {
      const Hdf5Image image(std::move(forged));
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000);
}

TEST(Hdf5Image, WhatLeadsElsewhereIsRefused) {
  const TemporaryFolder folder;
  folder.write("secret", std::string(64, 's'));
  const auto file = folder.path() / "outside.h5";
  const auto image_of = [&](void (*add)(hid_t, const char*)) {
    const hid_t properties = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(properties, kSeal);
    const hid_t made = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, properties, H5P_DEFAULT);
    add(made, (folder.path() / "secret").c_str());
    H5Fclose(made);
    H5Pclose(properties);
    return folder.read("outside.h5").substr(kSeal);
  };
  const std::string storage = image_of([](hid_t made, const char* secret) {
    const hsize_t size = 64;
    const hid_t space = H5Screate_simple(1, &size, nullptr), set = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(set, secret, 0, size);
    H5Dclose(H5Dcreate2(made, "reason", H5T_STD_U8LE, space, H5P_DEFAULT, set, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(set);
  });
  const std::string link = image_of([](hid_t made, const char* secret) {
    H5Lcreate_external(secret, "/reason", made, "reason", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_THROW(Hdf5Image{storage}, InputError);
  EXPECT_THROW(Hdf5Image{link}, InputError);
}

}  // namespace
}  // namespace dovetail

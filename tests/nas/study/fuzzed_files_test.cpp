// Studies and the files that the program writes: what their fuzzers start from, changed at random,
// and what they ever found.
#include <gtest/gtest.h>

#include "base/numbers/random.h"
#include "tests/fuzz/check_sealed.h"
#include "tests/fuzz/check_stored.h"
#include "tests/fuzz/found_files.h"

namespace dovetail {
namespace {

using Check = void (*)(std::string_view);

/// Each file, and some times a few bytes of it changed: read or refused, and never worse.
void expect_read_or_refused(Check check, const std::vector<std::filesystem::path>& files) {
  Rng rng(7);
  for (const auto& file : files) {
    const std::string content = read_file(file);
    EXPECT_NO_THROW(check(content)) << file;
    for (int i = 0; i < 30; ++i) {
      std::string changed = content;
      for (std::size_t hits = 1 + rng.index(4); hits-- > 0;) {
        changed[rng.index(changed.size())] = static_cast<char>(rng.index(256));
      }
      EXPECT_NO_THROW(check(changed)) << file << ", change " << i;
    }
  }
}

TEST(FuzzedFiles, StudiesAreReadOrRefused) {
  const auto files = files_of("configs/studies");
  ASSERT_GT(files.size(), 4U);
  expect_read_or_refused(check_study_yaml, files);
}

TEST(FuzzedFiles, SealedFilesAreReadOrRefusedThoughTheirSealIsRight) {
  auto files = files_of("tests/fuzz/seeds/hdf5");
  ASSERT_EQ(files.size(), 6U);  // a kind each, of surrogates one of each form
  expect_read_or_refused(check_sealed, files);
}

TEST(FuzzedFiles, StudyStoresAreReadOrRefused) {
  std::vector<std::filesystem::path> stores;
  for (const auto& file : files_of("tests/nas/study/assets")) {
    if (file.extension() == ".db") stores.push_back(file);
  }
  ASSERT_EQ(stores.size(), 3U);
  expect_read_or_refused(check_study_store, stores);
}

TEST(FuzzedFiles, WhatTheFuzzersFound) {
  for (const auto& file : found_by_fuzzer("study")) EXPECT_NO_THROW(check_study_yaml(file));
  for (const auto& file : found_by_fuzzer("hdf5")) EXPECT_NO_THROW(check_sealed(file));
  for (const auto& file : found_by_fuzzer("study_store")) EXPECT_NO_THROW(check_study_store(file));
}

}  // namespace
}  // namespace dovetail

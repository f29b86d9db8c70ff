// What the fuzzer of accelerators and their spaces starts from, and what it ever found.
#include <gtest/gtest.h>

#include "tests/fuzz/check_hardware.h"
#include "tests/fuzz/found_files.h"

namespace dovetail {
namespace {

TEST(FuzzedHardware, ShippedFilesReadAsThemselves) {
  int files = 0;
  for (const char* folder : {"configs/accelerators", "configs/spaces"}) {
    for (const auto& file : files_of(folder)) {
      EXPECT_NO_THROW(check_hardware_yaml(read_file(file))) << file;
      ++files;
    }
  }
  EXPECT_GT(files, 10);
}

TEST(FuzzedHardware, WhatTheFuzzerFound) {
  for (const std::string& file : found_by_fuzzer("hardware")) {
    EXPECT_NO_THROW(check_hardware_yaml(file));
  }
}

}  // namespace
}  // namespace dovetail

#include "base/files/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Sets an environment variable for one test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (before_.empty()) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, before_.c_str(), 1);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
};

class PathsTest : public testing::Test {
 protected:
  PathsTest() : environment_("DOVETAIL_CONFIGS", folder_.path().string()) {
    fs::create_directory(folder_.path() / "accelerators");
    folder_.write("accelerators/zeta.yaml", "x");
    folder_.write("accelerators/alpha.yaml", "x");
    folder_.write("accelerators/notes.txt", "x");
  }
  TemporaryFolder folder_;
  Environment environment_;
};

TEST_F(PathsTest, EnvironmentNamesTheConfigs) {
  EXPECT_EQ(configs_folder(), folder_.path());
  const Environment wrong("DOVETAIL_CONFIGS", "/no/such/folder");
  EXPECT_THAT(message_of<InputError>([] { configs_folder(); }),
              HasSubstr("$DOVETAIL_CONFIGS: found '/no/such/folder'"));
}

TEST_F(PathsTest, WithoutItTheConfigsOfTheSourceTree) {
  const Environment none("DOVETAIL_CONFIGS", "");
  EXPECT_EQ(configs_folder(), fs::path(DOVETAIL_SOURCE_DIR) / "configs");
}

TEST_F(PathsTest, ListsNamesSorted) {
  EXPECT_THAT(list_configs("accelerators"), testing::ElementsAre("alpha", "zeta"));
  EXPECT_THAT(list_configs("nothing"), testing::IsEmpty());
}

TEST_F(PathsTest, ResolvesNames) {
  EXPECT_EQ(resolve_config("accelerators", "zeta"), folder_.path() / "accelerators/zeta.yaml");
  const std::string message =
      message_of<InputError>([] { resolve_config("accelerators", "zetta"); });
  EXPECT_THAT(message, HasSubstr("did you mean 'zeta'?"));
  EXPECT_THAT(message, HasSubstr("Known: alpha, zeta"));
}

TEST_F(PathsTest, ResolvesPaths) {
  const fs::path file = folder_.write("mine.yaml", "x");
  EXPECT_EQ(resolve_config("accelerators", file.string()), file);
  EXPECT_EQ(resolve_config("accelerators", "mine.yaml", folder_.path()), file);
  EXPECT_EQ(resolve_config("accelerators", "./mine.yaml", folder_.path()),
            folder_.path() / "./mine.yaml");
  EXPECT_EQ(resolve_config("accelerators", file.string(), "/elsewhere"), file);
  EXPECT_THAT(message_of<InputError>([] { resolve_config("accelerators", "none.yaml"); }),
              HasSubstr("none.yaml: no such file"));
  EXPECT_THAT(message_of<InputError>([&] { resolve_config("a", folder_.path().string()); }),
              HasSubstr("found a folder"));
}

TEST_F(PathsTest, EnvironmentNamesTheData) {
  const Environment data("DOVETAIL_DATA", folder_.path().string());
  EXPECT_EQ(data_folder(), folder_.path());
  const Environment wrong("DOVETAIL_DATA", "/no/such/folder");
  EXPECT_THROW(data_folder(), InputError);
}

}  // namespace
}  // namespace dovetail

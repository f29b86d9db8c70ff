#include "base/process/mpi_launch.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace dovetail {
namespace {

class MpiLaunchTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
      ::unsetenv(name);  // of this process only: ctest runs each test in its own
    }
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(MpiLaunchTest, AloneOrTheOnlyOne) {
  EXPECT_FALSE(mpi_launch());
  set("OMPI_COMM_WORLD_SIZE", "1");
  EXPECT_FALSE(mpi_launch());
  set("SLURM_STEP_NUM_TASKS", "4");  // mpirun -n 1 in a step of four
  EXPECT_FALSE(mpi_launch());
}

TEST_F(MpiLaunchTest, OneOfSeveral) {
  for (const char* name : {"SLURM_STEP_NUM_TASKS", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE"}) {
    set(name, "3");
    ASSERT_TRUE(mpi_launch());
    EXPECT_EQ(mpi_launch()->variable, name);
    EXPECT_EQ(mpi_launch()->processes, 3);
  }
}

TEST_F(MpiLaunchTest, ABatchScriptIsOneProcess) {
  set("SLURM_NTASKS", "8");
  EXPECT_FALSE(mpi_launch());
}

}  // namespace
}  // namespace dovetail

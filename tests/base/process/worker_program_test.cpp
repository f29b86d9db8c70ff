#include "base/process/worker_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/process/worker_pool.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// Another program than the build's for workers, as long as it lives.
class ProgramOfWorkers {
 public:
  explicit ProgramOfWorkers(const char* program) { ::setenv("DOVETAIL_PROGRAM", program, 1); }
  ~ProgramOfWorkers() { ::unsetenv("DOVETAIL_PROGRAM"); }
  ProgramOfWorkers(const ProgramOfWorkers&) = delete;
  ProgramOfWorkers& operator=(const ProgramOfWorkers&) = delete;
};

std::string failure_with(const char* program) {
  const ProgramOfWorkers named(program);
  Tasks tasks;
  tasks.count = 1;
  tasks.request = [](std::uint64_t) { return std::string(); };
  tasks.deliver = [](std::uint64_t, const std::string&) {};
  return message_of<RunError>([&] { WorkerPool(2).run(tasks); });
}

TEST(WorkerProgramTest, AProgramThatIsMissingOrAnotherIsNamed) {
  EXPECT_THAT(failure_with("/no/such/dovetail"),
              testing::AllOf(HasSubstr("'/no/such/dovetail'"), HasSubstr("$DOVETAIL_PROGRAM")));
  EXPECT_THAT(failure_with("/bin/false"), HasSubstr("exited with status 1"));
  EXPECT_THAT(failure_with("/bin/sh"), HasSubstr("workers ended on it"));
}

}  // namespace
}  // namespace dovetail

// The program that trains, apart from dovetail, which starts it when training is asked for: only
// this program loads libtorch. usage: dovetail_trainer FOLDER, which has a job.json, or a
// supernet.json and then reads what to do at standard input.
#include <malloc.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "models/training/engine/device.h"
#include "models/training/engine/run_job.h"
#include "models/training/engine/serve_supernet.h"
#include "models/training/supernet/supernet_job.h"

namespace {

/// Large buffers come and go at each step: they are kept instead of given back to the system.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: dovetail_trainer FOLDER\n");
    return 2;
  }
  keep_memory();
  dovetail::use_one_thread();
  try {
    if (std::filesystem::exists(dovetail::SupernetFiles::in(words[1]).job)) {
      dovetail::serve_supernet(words[1]);
    } else {
      dovetail::run_training_job(words[1]);
    }
    return 0;
  } catch (const dovetail::InputError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const dovetail::DiskFullError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 3;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}

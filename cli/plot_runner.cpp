#include "cli/plot_runner.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/text/error.h"

extern char** environ;

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr int kRefused = 2;        // exit status of a script that cannot use its input
constexpr int kInterrupted = 130;  // of one that Ctrl-C ended
/// Runs the script that the second argument names, with the others, and lets it import what stands
/// beside it. It ends with this program, whose number is the first: an orphan would still write its
/// picture, under the name that the next run writes. Interrupted it ends without a word, as this
/// program does; until here, where Python itself starts and would say much, the signal waits.
constexpr const char* kRun =
    "import signal, sys\n"
    "try:\n"
    "    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])\n"
    "    import ctypes, os, runpy\n"
    "    PR_SET_PDEATHSIG = 1\n"
    "    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)\n"
    "    if os.getppid() != int(sys.argv[1]):\n"
    "        sys.exit(130)\n"
    "    sys.argv = sys.argv[2:]\n"
    "    sys.path.insert(0, os.path.dirname(sys.argv[0]))\n"
    "    runpy.run_path(sys.argv[0], run_name='__main__')\n"
    "except KeyboardInterrupt:\n"
    "    sys.exit(130)\n";

constexpr int kCannotStart = -1;  // no exit status: the program could not be run or was killed

fs::path plots_folder() {
  const char* given = std::getenv("DOVETAIL_PLOTS");
  if (given != nullptr && *given != '\0') return given;
  return program_folder() / "plots";  // whoever gives configurations gives no programs
}

/// Runs a program found on PATH, without a shell, and returns its exit status.
int run_program(const std::vector<std::string>& command, bool silent) {
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (silent) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return kCannotStart;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return kCannotStart;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kCannotStart;
}

std::string find_interpreter() {
  for (const char* candidate : {"/usr/bin/python3", "python3"}) {
    if (run_program({candidate, "-I", "-c", "import matplotlib"}, true) == 0) return candidate;
  }
  throw RunError(
      "no Python with matplotlib was found (tried /usr/bin/python3 and python3 on PATH); on "
      "Debian: "
      "apt install python3-matplotlib");
}

}  // namespace

void run_plot_script(const std::string& script, const std::vector<std::string>& args) {
  const fs::path file = plots_folder() / script;
  if (!fs::is_regular_file(file)) {
    throw InputError(file.string() + ": no such script; $DOVETAIL_PLOTS names the folder of plots");
  }
  // -I: nothing is imported from the current folder, whatever lies there. -B: no compiled copies
  // beside the scripts, which may stand in a folder that is not ours.
  static const std::string interpreter = find_interpreter();
  std::vector<std::string> command{interpreter,  "-I", "-B", "-c", kRun, std::to_string(::getpid()),
                                   file.string()};
  command.insert(command.end(), args.begin(), args.end());
  const int status = run_program(command, false);
  if (status == kRefused) throw InputError(script + ": the input cannot be drawn (see above)");
  if (status == kInterrupted) throw RunError("stopped; no picture was written");
  if (status != 0) throw RunError(fmt::format("{} failed (see above)", file.string()));
}

void require_writable_folder_of(const std::string& file) {
  if (file.empty() || file == "-") return;
  const fs::path folder = fs::path(file).parent_path();
  require_writable_folder(folder.empty() ? "." : folder);
}

void require_plottable(const std::string& plot, std::string& csv) {
  if (!plot.empty() && csv == "-") {
    throw InputError("--csv: found '-', allowed a file: --plot draws what is in it");
  }
  if (!plot.empty() && csv.empty()) {
    csv = fs::path(plot).replace_extension(".csv").string();
    claim_output(csv, "the CSV beside the plot");
  }
  require_writable_folder_of(csv);
  require_writable_folder_of(plot);
}

}  // namespace dovetail

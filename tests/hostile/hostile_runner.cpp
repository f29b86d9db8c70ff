// The program as a server of itself: loading its libraries takes longer than most of what is tried
// with it. Without arguments it reads requests from standard input, forks for each, and answers
// with how the command ended. With arguments, as its workers are called, it is dovetail.
//
// A request is the number of bytes and, after a line break, words that end with NUL: the folder,
// the files for standard output and standard error, and the arguments. The answer is a line: the
// exit status, minus the signal, or "hangs".

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

int dovetail_main(int argc, char** argv);  // of cli/main.cpp

namespace {

constexpr rlim_t kMostBytes = rlim_t{1} << 30;  // beside what the libraries take before it begins
constexpr rlim_t kMostSeconds = 5;              // of computing
constexpr unsigned kMostWallSeconds = 60;       // on a machine that does other things, too

rlim_t bytes_now() {
  unsigned long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void limit(__rlimit_resource what, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(what, &both);
}

void redirect(const char* file, int flags, int to) {
  const int descriptor = ::open(file, flags, 0666);
  if (descriptor < 0 || ::dup2(descriptor, to) < 0) ::_exit(99);
  ::close(descriptor);
}

[[noreturn]] void run(std::vector<std::string>& words) {
  ::setpgid(0, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kMostSeconds);
  limit(RLIMIT_AS, bytes_now() + kMostBytes);
  if (::chdir(words[0].c_str()) != 0) ::_exit(99);
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(words[1].c_str(), O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(words[2].c_str(), O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  static char name[] = "dovetail";
  std::vector<char*> argv{name};
  for (std::size_t i = 3; i < words.size(); ++i) argv.push_back(words[i].data());
  argv.push_back(nullptr);
  std::exit(dovetail_main(static_cast<int>(argv.size()) - 1, argv.data()));
}

std::string end_of(pid_t child) {
  for (unsigned waited_ms = 0; waited_ms < kMostWallSeconds * 1000; ++waited_ms) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) {
      ::kill(-child, SIGKILL);  // workers that it may have left
      if (WIFEXITED(status)) return std::to_string(WEXITSTATUS(status));
      return WTERMSIG(status) == SIGXCPU ? "hangs" : std::to_string(-WTERMSIG(status));
    }
    ::usleep(1000);
  }
  ::kill(-child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return "hangs";
}

bool read_request(std::vector<std::string>& words) {
  std::string line;
  if (!std::getline(std::cin, line)) return false;
  std::string bytes(std::stoul(line), '\0');
  if (!std::cin.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return false;
  words.clear();
  for (std::size_t at = 0; at < bytes.size();) {
    words.emplace_back(bytes.c_str() + at);
    at += words.back().size() + 1;
  }
  return words.size() >= 3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) return dovetail_main(argc, argv);
  std::vector<std::string> words;
  while (read_request(words)) {
    const pid_t child = ::fork();
    if (child == 0) run(words);
    std::cout << end_of(child) << std::endl;
  }
}

#include "tests/cli/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace tocsin::cli {
namespace {

// What a fresh process does to become the program.
[[noreturn]] void Become(const std::vector<std::string>& arguments,
                         const std::string& folder) {
  std::vector<char*> argv;
  std::string program = TOCSIN_PROGRAM;
  argv.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  if (chdir(folder.c_str()) != 0) _exit(127);
  execv(program.c_str(), argv.data());
  _exit(127);
}

int ExitCodeOf(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void CloseOnce(int* descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

// Reads what there is; false at the end.
bool ReadSome(int descriptor, std::string* text) {
  char buffer[4096];
  const ssize_t n = read(descriptor, buffer, sizeof(buffer));
  if (n <= 0) return n < 0 && errno == EINTR;
  text->append(buffer, static_cast<size_t>(n));
  return true;
}

}  // namespace

Running::Running(const std::vector<std::string>& arguments,
                 const std::string& folder) {
  std::signal(SIGPIPE, SIG_IGN);  // A program may end before it reads.
  int in[2];
  int out[2];
  int err[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
      pipe2(err, O_CLOEXEC) != 0) {
    std::abort();
  }
  pid_ = fork();
  if (pid_ == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    Become(arguments, folder);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
}

Running::~Running() {
  CloseOnce(&in_);
  CloseOnce(&out_);
  CloseOnce(&err_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    ExitCodeOf(pid_);
  }
}

void Running::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(in_, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

std::string Running::ReadLine() {
  std::string line;
  char c = 0;
  while (read(out_, &c, 1) == 1) {
    if (c == '\n') break;
    line += c;
  }
  return line;
}

void Running::CloseInput() { CloseOnce(&in_); }
void Running::CloseOutput() { CloseOnce(&out_); }
void Running::Signal(int signal) { kill(pid_, signal); }

Finished Running::Finish() {
  Finished finished;
  bool out_open = out_ >= 0;
  bool err_open = true;
  while (out_open || err_open) {
    pollfd streams[] = {{out_open ? out_ : -1, POLLIN, 0},
                        {err_open ? err_ : -1, POLLIN, 0}};
    if (poll(streams, 2, -1) < 0) continue;
    if (streams[0].revents != 0) out_open = ReadSome(out_, &finished.out);
    if (streams[1].revents != 0) err_open = ReadSome(err_, &finished.err);
  }
  finished.code = ExitCodeOf(pid_);
  pid_ = -1;
  return finished;
}

Finished RunProgram(const std::vector<std::string>& arguments,
                    const std::string& folder, std::string_view input) {
  Running program(arguments, folder);
  program.Write(input);
  program.CloseInput();
  return program.Finish();
}

Finished RunOnTerminal(const std::vector<std::string>& arguments,
                       const std::string& folder, int columns) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 50;
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) return {};
  if (pid == 0) Become(arguments, folder);
  Finished finished;
  // The end of the last process on a terminal reads as an error.
  while (ReadSome(terminal, &finished.out)) {
  }
  close(terminal);
  finished.code = ExitCodeOf(pid);
  return finished;
}

}  // namespace tocsin::cli

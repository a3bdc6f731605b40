// Runs the tocsin program and collects what it says.

#ifndef TOCSIN_TESTS_CLI_SUBPROCESS_H_
#define TOCSIN_TESTS_CLI_SUBPROCESS_H_

#include <sys/types.h>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::cli {

struct Finished {
  int code = -1;  // 128 + signal where one ended it.
  std::string out;
  std::string err;
};

// Runs it in `folder` with `input` as standard input.
Finished RunProgram(const std::vector<std::string>& arguments,
                    const std::string& folder, std::string_view input = {});

// Runs it on a terminal of `columns` columns. All it says is in `out`.
Finished RunOnTerminal(const std::vector<std::string>& arguments,
                       const std::string& folder, int columns);

// A program that is still running, with pipes to it.
class Running {
 public:
  Running(const std::vector<std::string>& arguments, const std::string& folder);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void Write(std::string_view text);
  // Waits for one line of its output.
  std::string ReadLine();
  void CloseInput();
  // Closes our end of its output, as `head` does.
  void CloseOutput();
  void Signal(int signal);
  // Waits for its end; `out` has what was not read yet.
  Finished Finish();

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace tocsin::cli

#endif  // TOCSIN_TESTS_CLI_SUBPROCESS_H_

// A process that is killed at any moment loses nothing: the next one goes on
// from the last snapshot and the place of the input that stands in it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/engine/snapshot_testing.h"
#include "tocsin/engine.h"
#include "tocsin/snapshot.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;
using testing_snapshot::CompileRules;
using testing_snapshot::kRules;
using testing_snapshot::MakeStream;
using testing_snapshot::Notes;
using testing_snapshot::StreamEvent;

constexpr int kKills = 100;
constexpr int kLateness = 20;
constexpr size_t kSaveEvery = 13;

// Where in its life a process is killed.
struct Death {
  size_t event = 0;  // So many events after it began.
  enum Moment {
    kBeforeFeeding,
    kBeforeWriting,   // Fed, but what it found is not written.
    kInMidSnapshot,   // Half of a snapshot is written.
    kBeforeRenaming,  // All of it, beside the one that counts.
    kMoments,
  } moment = kBeforeFeeding;
};

[[noreturn]] void Die() {
  raise(SIGKILL);
  _exit(1);
}

void Append(const fs::path& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file < 0 || write(file, text.data(), text.size()) < 0) _exit(2);
  close(file);
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(TOCSIN_BINARY_DIR) / "tests/engine/kill";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    options_.lateness = absl::Seconds(kLateness);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Goes on with the stream until it has ended, or until death.
  void Live(const std::vector<StreamEvent>& stream, const Death* death) {
    Notes notes;
    Engine engine(rules_, notes, options_);
    size_t next = 0;
    if (const std::string bytes = ReadFile(StateFile()); !bytes.empty()) {
      const auto report = engine.LoadFrom(bytes);
      if (!report.ok()) _exit(3);
      next = std::stoul(report->note);
    }
    const auto write = [&] {
      for (const std::string& line : notes.lines) {
        Append(folder_ / "incidents", line + "\n");
      }
      notes.lines.clear();
    };
    const size_t begin = next;
    for (; next < stream.size(); ++next) {
      const auto dies = [&](Death::Moment moment) {
        return death != nullptr && next - begin >= death->event &&
               death->moment == moment;
      };
      if (dies(Death::kBeforeFeeding)) Die();
      engine.Feed(Event::Json(stream[next].json).set_time(stream[next].time));
      if (dies(Death::kBeforeWriting)) Die();
      write();
      if (next % kSaveEvery != 0) continue;
      std::string bytes;
      engine.SaveTo(&bytes, std::to_string(next + 1));
      const fs::path fresh = folder_ / "state.new";
      fs::remove(fresh);
      if (dies(Death::kInMidSnapshot)) {
        Append(fresh, bytes.substr(0, bytes.size() / 2));
        Die();
      }
      Append(fresh, bytes);
      if (dies(Death::kBeforeRenaming)) Die();
      fs::rename(fresh, StateFile());
    }
    engine.AdvanceTo(Timestamp(INT64_MAX));
    write();
  }

  fs::path StateFile() const { return folder_ / "state"; }

  fs::path folder_;
  EngineOptions options_;
  std::shared_ptr<const RuleSet> rules_ = CompileRules(kRules);
};

std::set<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::set<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  return lines;
}

TEST_F(KillTest, AHundredDeathsLoseNothingAndAddNothing) {
  const std::vector<StreamEvent> stream = MakeStream(11, 4000, kLateness);
  Live(stream, nullptr);
  const std::set<std::string> undisturbed =
      Lines(ReadFile(folder_ / "incidents"));
  ASSERT_GT(undisturbed.size(), 1000u);
  fs::remove(folder_ / "incidents");
  fs::remove(StateFile());

  std::mt19937 random(7);
  for (int i = 0; i < kKills; ++i) {
    const Death death = {
        .event = random() % 70,
        .moment = static_cast<Death::Moment>(random() % Death::kMoments)};
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Live(stream, &death);
      _exit(4);  // The stream ended before it died.
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended with " << WEXITSTATUS(status);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
  Live(stream, nullptr);
  EXPECT_EQ(Lines(ReadFile(folder_ / "incidents")), undisturbed);
}

}  // namespace
}  // namespace tocsin

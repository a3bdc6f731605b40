// What holds for the project's files as a whole: who may include whom, how
// long a file may be, and that nothing names the machine it was written on.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

const fs::path kRoot = TOCSIN_SOURCE_DIR;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The project's own files below `folder`, relative to its root. Builds and
// hidden folders are not the project's.
std::vector<std::string> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(kRoot / folder, error), end;
       !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "build" || name.front() == '.')) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      files.push_back(fs::relative(it->path(), kRoot).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsCode(const std::string& path) {
  return path.ends_with(".h") || path.ends_with(".cc");
}

std::vector<std::string> CodeBelow(const std::string& folder) {
  std::vector<std::string> files = FilesBelow(folder);
  std::erase_if(files, [](const std::string& f) { return !IsCode(f); });
  return files;
}

// One #include: its text without quotes or brackets, and which it had.
struct Include {
  std::string path;
  bool quoted = false;
  int line = 0;
};

std::vector<Include> IncludesOf(const std::string& file) {
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : Lines(ReadFile(kRoot / file))) {
    ++number;
    constexpr std::string_view kDirective = "#include ";
    if (!line.starts_with(kDirective)) continue;
    const char open = line[kDirective.size()];
    const size_t end =
        line.find(open == '<' ? '>' : '"', kDirective.size() + 1);
    includes.push_back({.path = line.substr(kDirective.size() + 1,
                                            end - kDirective.size() - 1),
                        .quoted = open == '"',
                        .line = number});
  }
  return includes;
}

std::string Place(const std::string& file, const Include& include) {
  return file + ":" + std::to_string(include.line) + " includes " +
         include.path;
}

// "src/runtime/match/matcher.h" is in room "runtime".
std::string RoomOf(const std::string& path) {
  constexpr std::string_view kSource = "src/";
  const size_t end = path.find('/', kSource.size());
  return path.substr(kSource.size(), end - kSource.size());
}

std::map<std::string, std::set<std::string>> ReadArrows() {
  std::map<std::string, std::set<std::string>> arrows;
  for (const std::string& line :
       Lines(ReadFile(kRoot / "tests/frame/arrows.txt"))) {
    if (line.empty() || line.front() == '#') continue;
    const size_t colon = line.find(':');
    std::set<std::string>& rooms = arrows[line.substr(0, colon)];
    std::istringstream names(line.substr(colon + 1));
    for (std::string name; names >> name;) rooms.insert(name);
  }
  return arrows;
}

TEST(ArrowTest, EveryIncludeOfARoomIsOnTheList) {
  const auto arrows = ReadArrows();
  std::vector<std::string> wrong;
  for (const std::string& file : CodeBelow("src")) {
    const std::string room = RoomOf(file);
    const auto allowed = arrows.find(room);
    if (allowed == arrows.end()) {
      wrong.push_back(file + " is in a room that arrows.txt does not name");
      continue;
    }
    for (const Include& include : IncludesOf(file)) {
      if (!include.quoted || !include.path.starts_with("src/")) continue;
      const std::string target = RoomOf(include.path);
      if (target != room && target != "base" &&
          !allowed->second.contains(target)) {
        wrong.push_back(Place(file, include));
      }
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(ArrowTest, EveryRoomOnTheListIsReal) {
  // Rooms that later formats will fill.
  const std::set<std::string> planned = {"functions", "analysis", "state",
                                         "enrich"};
  for (const auto& [room, targets] : ReadArrows()) {
    EXPECT_TRUE(planned.contains(room) ||
                fs::is_directory(kRoot / "src" / room))
        << room;
    for (const std::string& target : targets) {
      EXPECT_TRUE(ReadArrows().contains(target)) << room << ": " << target;
    }
  }
}

TEST(ArrowTest, PublicHeadersIncludeOnlyStdAbseilAndEachOther) {
  std::vector<std::string> wrong;
  for (const std::string& file : CodeBelow("include")) {
    for (const Include& include : IncludesOf(file)) {
      const bool standard = !include.quoted &&
                            include.path.find('/') == std::string::npos &&
                            !include.path.ends_with(".h");
      const bool allowed =
          include.quoted && (include.path.starts_with("absl/") ||
                             include.path.starts_with("tocsin/"));
      if (!standard && !allowed) wrong.push_back(Place(file, include));
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(ArrowTest, ExamplesAndBenchesUseThePublicHeadersOnly) {
  std::vector<std::string> wrong;
  for (const char* folder : {"examples", "bench", "bindings"}) {
    for (const std::string& file : CodeBelow(folder)) {
      // Measures the correlator apart from reading and matching.
      if (file.starts_with("bench/correlate/")) continue;
      for (const Include& include : IncludesOf(file)) {
        if (include.path.starts_with("src/")) {
          wrong.push_back(Place(file, include));
        }
      }
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(ArrowTest, TheOneIncludeOfAllNamesEveryPublicHeader) {
  std::set<std::string> named;
  for (const Include& include : IncludesOf("include/tocsin/tocsin.h")) {
    named.insert("include/" + include.path);
  }
  for (const std::string& file : CodeBelow("include")) {
    if (file == "include/tocsin/tocsin.h") continue;
    EXPECT_TRUE(named.contains(file)) << file;
  }
}

TEST(FileTest, NoCodeIsLongerThan900Lines) {
  std::vector<std::string> wrong;
  for (const char* folder : {"src", "include"}) {
    for (const std::string& file : CodeBelow(folder)) {
      const size_t lines = Lines(ReadFile(kRoot / file)).size();
      if (lines > 900) wrong.push_back(file + ": " + std::to_string(lines));
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(FileTest, EveryHeaderHasAGuardNamedForItsPath) {
  for (const char* folder : {"src", "include", "tests"}) {
    for (const std::string& file : CodeBelow(folder)) {
      if (!file.ends_with(".h")) continue;
      std::string guard = "TOCSIN_";
      for (const char c :
           file.starts_with("include/tocsin/") ? file.substr(15) : file) {
        guard += (c >= 'a' && c <= 'z')   ? static_cast<char>(c - 'a' + 'A')
                 : (c == '/' || c == '.') ? '_'
                                          : c;
      }
      EXPECT_THAT(ReadFile(kRoot / file),
                  ::testing::HasSubstr("#ifndef " + guard + "_\n"))
          << file;
    }
  }
}

// Whether `line` holds a path that starts with the folder `root`: not the
// middle of another path, nor of a URL.
bool NamesRoot(const std::string& line, const std::string& root) {
  const std::string start = "/" + root + "/";
  for (size_t at = line.find(start); at != std::string::npos;
       at = line.find(start, at + 1)) {
    constexpr std::string_view kPathCharacters = "/._-~}";
    if (at == 0) return true;
    const char before = line[at - 1];
    if (std::isalnum(static_cast<unsigned char>(before)) == 0 &&
        kPathCharacters.find(before) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool IsBuildFile(const std::string& path) {
  return path.ends_with(".sh") || path.ends_with(".cmake") ||
         path.ends_with(".json") || path.ends_with("CMakeLists.txt");
}

// Nothing may depend on where it was written, or tell of it.
TEST(FileTest, NoFileNamesAFolderOfAMachine) {
  std::vector<std::string> wrong;
  for (const std::string& file : FilesBelow("")) {
    int number = 0;
    for (const std::string& line : Lines(ReadFile(kRoot / file))) {
      ++number;
      // Rules and events speak of temporary folders; builds must not.
      if (NamesRoot(line, "work") ||
          (IsBuildFile(file) && NamesRoot(line, "tmp"))) {
        wrong.push_back(file + ":" + std::to_string(number));
      }
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

}  // namespace

#include "bench/match/corpus.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

namespace tocsin::bench {
namespace {

namespace fs = std::filesystem;

std::string CorpusFolder() {
  if (const char* given = std::getenv("TOCSIN_CORPUS")) return given;
  return (fs::path(TOCSIN_SOURCE_DIR) / ".." / "shared").string();
}

std::optional<std::string> Decompress(const std::string& path) {
  const std::string command = "zstd -qdc --long=27 '" + path + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  char buffer[1 << 16];
  size_t size;
  while ((size = fread(buffer, 1, sizeof(buffer), pipe)) > 0) {
    text.append(buffer, size);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return text;
}

Lane MakeLane(std::string name, std::string text) {
  Lane lane;
  lane.name = std::move(name);
  lane.text = std::move(text);
  lane.bytes = lane.text.size();
  lane.text.append(kPadding, ' ');
  std::string_view rest(lane.text.data(), lane.bytes);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) lane.lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lane;
}

// What an event of Windows says it is.
struct Kind {
  std::string channel;  // In lower case.
  int64_t id = 0;
};

Kind KindOf(std::string_view line, simdjson::dom::parser* parser) {
  Kind kind;
  simdjson::dom::element event;
  if (parser->parse(line.data(), line.size()).get(event)) return kind;
  std::string_view channel;
  if (!event["Channel"].get(channel)) {
    for (const char c : channel) {
      kind.channel +=
          static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (event["EventID"].get(kind.id)) kind.id = 0;
  return kind;
}

struct EventClass {
  const char* name;
  bool (*holds)(const Kind& kind);
};

bool IsSysmon(const Kind& kind) {
  return kind.channel == "microsoft-windows-sysmon/operational";
}

constexpr EventClass kClasses[] = {
    {"process-creation",
     [](const Kind& kind) {
       return (IsSysmon(kind) && kind.id == 1) ||
              (kind.channel == "security" && kind.id == 4688);
     }},
    {"image-load", [](const Kind& k) { return IsSysmon(k) && k.id == 7; }},
    {"registry",
     [](const Kind& k) { return IsSysmon(k) && k.id >= 12 && k.id <= 14; }},
    {"network", [](const Kind& k) { return IsSysmon(k) && k.id == 3; }},
    {"powershell",
     [](const Kind& k) {
       return k.channel == "windows powershell" ||
              k.channel == "microsoft-windows-powershell/operational";
     }},
    {"security", [](const Kind& k) { return k.channel == "security"; }},
};

}  // namespace

std::vector<Lane> LoadLanes() {
  static constexpr std::pair<const char*, const char*> kFiles[] = {
      {"windows", "windows-sysmon"},
      {"cloudtrail", "cloudtrail"},
      {"network-linux", "network-linux-other"}};
  std::vector<Lane> lanes;
  for (const auto& [name, file] : kFiles) {
    const std::string path =
        CorpusFolder() + "/corpora/" + file + ".ndjson.zst";
    std::optional<std::string> text = Decompress(path);
    if (!text) {
      std::fprintf(stderr, "cannot read %s; TOCSIN_CORPUS names its folder\n",
                   path.c_str());
      return {};
    }
    lanes.push_back(MakeLane(name, *std::move(text)));
  }

  std::vector<std::string> texts(std::size(kClasses));
  simdjson::dom::parser parser;
  for (const std::string_view line : lanes[0].lines) {
    const Kind kind = KindOf(line, &parser);
    for (size_t i = 0; i < std::size(kClasses); ++i) {
      if (!kClasses[i].holds(kind)) continue;
      texts[i] += line;
      texts[i] += '\n';
    }
  }
  for (size_t i = 0; i < std::size(kClasses); ++i) {
    lanes.push_back(MakeLane(kClasses[i].name, std::move(texts[i])));
  }
  return lanes;
}

std::string RulesFolder() {
  const std::string archive = CorpusFolder() + "/corpora/sigma-rules.tar.zst";
  const fs::path folder = fs::path(TOCSIN_BINARY_DIR) / "sigma-rules";
  const fs::path done = folder / "unpacked";
  if (fs::exists(done)) return folder.string();
  fs::create_directories(folder);
  const std::string command = "zstd -qdc --long=27 '" + archive +
                              "' | tar -x -C '" + folder.string() +
                              "' && touch '" + done.string() + "'";
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "cannot unpack %s\n", archive.c_str());
    return "";
  }
  return folder.string();
}

}  // namespace tocsin::bench

#include "bench/match/rule_sets.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string_view>

#include "tocsin/compiler.h"

namespace tocsin::bench {
namespace {

namespace fs = std::filesystem;

using RuleText = std::pair<std::string, std::string>;

constexpr size_t kMadeTotal = 30'000;
constexpr uint64_t kSeed = 20'260'115;
// A word of more rules than this is one of the trade, as `system32`: made rules
// keep it, since rules that are added to a set would have it too.
constexpr int kCommonWord = 12;
constexpr size_t kShortestWord = 4;

std::vector<RuleText> ReadFolder(const std::string& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yml") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<RuleText> texts;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    texts.emplace_back(path,
                       std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return texts;
}

std::vector<RuleText> Spread(const std::vector<RuleText>& all, size_t count) {
  std::vector<RuleText> chosen;
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(all[i * all.size() / count]);
  }
  return chosen;
}

// The lines of a text, each with its line break.
std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

size_t IndentOf(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// Where the value of a line of a selection begins: behind `key:` or `- `.
size_t ValueBegin(std::string_view line) {
  size_t begin = IndentOf(line);
  if (line.substr(begin).starts_with("- ")) begin += 2;
  const size_t colon = line.find(": ", begin);
  const size_t quote = line.find_first_of("'\"", begin);
  if (colon != std::string_view::npos && colon < quote) return colon + 2;
  // A key with its values on the lines below has none itself.
  const size_t last = line.find_last_not_of(" \r\n");
  if (last != std::string_view::npos && line[last] == ':') return line.size();
  return begin;
}

bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)); }

// Calls `visit(word)` for each long word of the values of a rule's selections,
// and returns the rule with each replaced by what `visit` returns. Regular
// expressions and encoded values stay: other letters may not be valid there.
template <typename Visit>
std::string ReplaceWords(std::string_view rule, const Visit& visit) {
  std::string out;
  bool in_detection = false;
  bool keep = false;
  for (const std::string_view line : LinesOf(rule)) {
    if (IndentOf(line) == 0 && line.size() > 1) {
      in_detection = line.starts_with("detection:");
    }
    size_t at = line.size();
    if (in_detection && IndentOf(line) > 0) {
      const size_t begin = ValueBegin(line);
      const std::string_view key = line.substr(0, begin);
      if (key.find(':') != std::string_view::npos) {
        keep = key.find("|re") != std::string_view::npos ||
               key.find("base64") != std::string_view::npos ||
               key.find("|expand") != std::string_view::npos ||
               key.find("|cidr") != std::string_view::npos ||
               key.find("|fieldref") != std::string_view::npos ||
               key.find("condition:") != std::string_view::npos;
      }
      if (!keep) at = begin;
    }
    out += line.substr(0, at);
    while (at < line.size()) {
      size_t end = at;
      while (end < line.size() && IsLetter(line[end])) ++end;
      const std::string_view word = line.substr(at, end - at);
      if (word.size() >= kShortestWord) {
        out += visit(std::string(word));
      } else {
        out += word;
      }
      if (end < line.size()) out += line[end++];
      at = end;
    }
  }
  return out;
}

std::string LowerCase(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

// Words of many rules, and those that mean something to YAML or Sigma.
std::map<std::string, int> CountWords(const std::vector<RuleText>& rules) {
  std::map<std::string, int> rules_with;
  for (const RuleText& rule : rules) {
    std::map<std::string, bool> here;
    ReplaceWords(rule.second, [&](std::string word) {
      here[LowerCase(word)] = true;
      return word;
    });
    for (const auto& [word, unused] : here) ++rules_with[word];
  }
  for (const char* word : {"null", "true", "false"}) {
    rules_with[word] = kCommonWord + 1;
  }
  return rules_with;
}

std::string WithoutId(std::string_view rule) {
  std::string out;
  for (const std::string_view line : LinesOf(rule)) {
    if (!line.starts_with("id:") && !line.starts_with("name:")) out += line;
  }
  return out;
}

void AddMadeRules(std::vector<RuleText>* rules) {
  const std::vector<RuleText> real = *rules;
  const std::map<std::string, int> rules_with = CountWords(real);
  for (size_t i = 0; rules->size() < kMadeTotal; ++i) {
    const RuleText& model = real[i % real.size()];
    std::map<std::string, std::string> replaced;
    std::mt19937_64 random(kSeed + i);
    std::string text = ReplaceWords(model.second, [&](std::string word) {
      if (rules_with.at(LowerCase(word)) > kCommonWord) return word;
      const auto [entry, is_new] = replaced.try_emplace(word, word);
      if (is_new) {
        for (char& c : entry->second) {
          const char first = c >= 'a' ? 'a' : 'A';
          c = static_cast<char>(first + random() % 26);
        }
      }
      return entry->second;
    });
    rules->emplace_back("made/" + std::to_string(i) + ".yml", WithoutId(text));
  }
}

// A list of plain texts as a selection: keywords.
bool HasKeywords(std::string_view rule) {
  bool in_detection = false;
  std::string_view before;
  for (const std::string_view line : LinesOf(rule)) {
    const size_t indent = IndentOf(line);
    if (indent == 0 && line.size() > 1) {
      in_detection = line.starts_with("detection:");
    }
    if (in_detection && line.substr(indent).starts_with("- ") &&
        before.find('|') == std::string_view::npos && IndentOf(before) == 4 &&
        ValueBegin(line) == indent + 2) {
      return true;
    }
    before = line;
  }
  return false;
}

bool IsForAllOfWindows(const LogSource& source) {
  return source.product == "windows" && source.category.empty() &&
         source.service.empty();
}

std::shared_ptr<const RuleSet> Compile(const std::vector<RuleText>& texts) {
  Compiler compiler;
  for (const auto& [path, text] : texts) compiler.AddText(text, path);
  return compiler.Compile().rules;
}

}  // namespace

const char* NameOf(RuleSetName name) {
  switch (name) {
    case RuleSetName::k100:
      return "100";
    case RuleSetName::k1000:
      return "1000";
    case RuleSetName::kCore:
      return "3141";
    case RuleSetName::kAll:
      return "3780";
    case RuleSetName::k30000:
      return "30000";
  }
  return "";
}

std::vector<std::string> ActiveRuleFolders(const std::string& folder) {
  std::vector<std::string> folders;
  for (const char* name :
       {"rules", "rules-compliance", "rules-emerging-threats",
        "rules-placeholder", "rules-threat-hunting"}) {
    folders.push_back(folder + "/" + name);
  }
  return folders;
}

std::vector<RuleText> RuleTexts(const std::string& folder, RuleSetName name) {
  const std::vector<std::string> folders = ActiveRuleFolders(folder);
  std::vector<RuleText> core = ReadFolder(folders[0]);
  if (name == RuleSetName::k100) return Spread(core, 100);
  if (name == RuleSetName::k1000) return Spread(core, 1000);
  if (name == RuleSetName::kCore) return core;
  for (size_t i = 1; i < folders.size(); ++i) {
    std::vector<RuleText> more = ReadFolder(folders[i]);
    std::move(more.begin(), more.end(), std::back_inserter(core));
  }
  if (name == RuleSetName::k30000) AddMadeRules(&core);
  return core;
}

std::shared_ptr<const RuleSet> CompileRules(const std::string& folder,
                                            RuleSetName name,
                                            bool keyword_rule) {
  std::vector<RuleText> texts = RuleTexts(folder, name);
  std::shared_ptr<const RuleSet> rules = Compile(texts);
  if (keyword_rule) return rules;
  std::map<std::string, bool> drop;
  for (const RuleInfo& rule : rules->rules()) {
    if (IsForAllOfWindows(rule.log_source)) drop[rule.path] = true;
  }
  std::erase_if(texts, [&](const RuleText& rule) {
    return drop.contains(rule.first) && HasKeywords(rule.second);
  });
  return Compile(texts);
}

}  // namespace tocsin::bench

#include "src/base/field_mapping.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "src/base/ip_network.h"
#include "src/base/string_map.h"

namespace tocsin::base {
namespace {

constexpr DerivationSpec kDerivations[] = {
    {Derivation::kSame, "same", "the values as they are", "", "", "a", "a"},
    {Derivation::kValue, "value", "what the table says, whatever the event", "",
     "", "", ""},
    {Derivation::kPresent, "present",
     "one word where the event has a value there, another where it has none",
     "", "", "", ""},
    {Derivation::kAll, "all", "the values of all fields that are named", "", "",
     "a", "a"},
    {Derivation::kFileName, "file_name",
     "what stands behind the last `\\` or `/`", "", "", R"(C:\Windows\cmd.exe)",
     "cmd.exe"},
    {Derivation::kFolder, "folder", "what stands before the last `\\` or `/`",
     "", "", R"(C:\Windows\cmd.exe)", R"(C:\Windows)"},
    {Derivation::kExtension, "extension",
     "what stands behind the last dot of the file's name", "", "",
     R"(C:\a.b\report.final.docx)", "docx"},
    {Derivation::kRoot, "root", "what stands before the first `\\` or `/`", "",
     "", R"(HKLM\SOFTWARE\Example\Run)", "HKLM"},
    {Derivation::kInnerPath, "inner_path",
     "what stands between the first and the last `\\` or `/`", "", "",
     R"(HKLM\SOFTWARE\Example\Run)", R"(SOFTWARE\Example)"},
    {Derivation::kWindowsArguments, "windows_arguments",
     "the arguments of a command line of Windows, the program first; quotes "
     "are taken off",
     "", "", R"("C:\a b\x.exe" /c "say \"hi\"" d\)",
     R"(C:\a b\x.exe|/c|say "hi"|d\)"},
    {Derivation::kArguments, "arguments",
     "the arguments of a command line as a shell takes them apart", "", "",
     R"(sh -c 'echo "a b"' c\ d)", R"(sh|-c|echo "a b"|c d)"},
    {Derivation::kArgumentCount, "argument_count",
     "how many arguments a command line of Windows has", "", "",
     R"("C:\a b\x.exe" /c dir)", "3"},
    {Derivation::kLower, "lower", "the text in lower case (ASCII)", "", "",
     "TCP", "tcp"},
    {Derivation::kUpper, "upper", "the text in upper case (ASCII)", "", "",
     "get", "GET"},
    {Derivation::kAccount, "account", "of `DOMAIN\\name` or `name`, the name",
     "", "", R"(EXAMPLE\kim)", "kim"},
    {Derivation::kDomain, "domain", "of `DOMAIN\\name`, the domain", "", "",
     R"(EXAMPLE\kim)", "EXAMPLE"},
    {Derivation::kIp, "ip", "the text if it is an address, else nothing", "",
     "", "192.0.2.1", "192.0.2.1"},
    {Derivation::kPair, "pair",
     "of `A=1,B=2`, what stands behind the name; in lower case", "the name",
     "MD5", "SHA1=AB,MD5=0C", "0c"},
    {Derivation::kRegistryData, "registry_data",
     "of `DWORD (0x00000001)`, the number as it is written and as a decimal; "
     "nothing of `Binary Data`; other texts as they are",
     "", "", "DWORD (0x0000000a)", "0x0000000a|10"},
    {Derivation::kCapture, "capture",
     "what the first group of a regular expression matches",
     "the expression, RE2", "for (\\S+) from",
     "accepted for kim from 192.0.2.1", "kim"},
    {Derivation::kText, "text",
     "an object as one text, `{a=1, b=[x, y], c={d=true}}`", "", "", "", ""},
};

constexpr std::string_view kSeparators = "\\/";

// CommandLineToArgvW's rules, but that no argument is dropped for being empty:
// 2n backslashes and a quote are n backslashes and a mark of quoting, 2n+1 are
// n and the quote itself.
std::vector<std::string> WindowsArguments(std::string_view line) {
  std::vector<std::string> arguments;
  size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  };
  skip_blanks();
  while (at < line.size()) {
    if (arguments.size() + 1 == kMaxArguments) {
      arguments.emplace_back(line.substr(at));
      break;
    }
    std::string& argument = arguments.emplace_back();
    // In the program's name a backslash means nothing else.
    const bool is_program = arguments.size() == 1;
    bool quoted = false;
    for (; at < line.size(); ++at) {
      const char c = line[at];
      if (!quoted && (c == ' ' || c == '\t')) break;
      if (c == '"') {
        if (quoted && !is_program && at + 1 < line.size() &&
            line[at + 1] == '"') {
          argument += '"';
          ++at;
          continue;
        }
        quoted = !quoted;
        continue;
      }
      if (c != '\\' || is_program) {
        argument += c;
        continue;
      }
      size_t end = at;
      while (end < line.size() && line[end] == '\\') ++end;
      const size_t count = end - at;
      const bool before_quote = end < line.size() && line[end] == '"';
      argument.append(before_quote ? count / 2 : count, '\\');
      at = end - 1;
      if (before_quote && count % 2 == 1) {
        argument += '"';
        ++at;
      }
    }
    skip_blanks();
  }
  return arguments;
}

// Quotes and backslashes as a POSIX shell reads them; it expands nothing.
std::vector<std::string> ShellArguments(std::string_view line) {
  std::vector<std::string> arguments;
  size_t at = 0;
  const auto is_blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\n';
  };
  while (true) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size()) break;
    if (arguments.size() + 1 == kMaxArguments) {
      arguments.emplace_back(line.substr(at));
      break;
    }
    std::string& argument = arguments.emplace_back();
    char quote = 0;
    for (; at < line.size(); ++at) {
      const char c = line[at];
      if (quote == 0 && is_blank(c)) break;
      if (c == '\\' && quote != '\'' && at + 1 < line.size() &&
          (quote == 0 || line[at + 1] == '"' || line[at + 1] == '\\' ||
           line[at + 1] == '$' || line[at + 1] == '`')) {
        argument += line[++at];
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else {
        argument += c;
      }
    }
  }
  return arguments;
}

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower(ToAbsl(text));
}

std::string_view FileName(std::string_view path) {
  const size_t last = path.find_last_of(kSeparators);
  return last == std::string_view::npos ? path : path.substr(last + 1);
}

void DerivePair(std::string_view name, std::string_view text,
                std::vector<std::string>* made) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view pair = text.substr(0, comma);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        absl::EqualsIgnoreCase(ToAbsl(pair.substr(0, equals)), ToAbsl(name))) {
      made->push_back(Lower(pair.substr(equals + 1)));
      return;
    }
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

// Sysmon writes the numbers of the registry with their type.
void DeriveRegistryData(std::string_view text, std::vector<std::string>* made) {
  if (text == "Binary Data") return;
  const bool is_dword = text.starts_with("DWORD (0x") && text.ends_with(')');
  const bool is_qword = text.starts_with("QWORD (0x") && text.ends_with(')');
  if (!is_dword && !is_qword) {
    made->emplace_back(text);
    return;
  }
  std::string digits;
  for (const char c : text.substr(9)) {
    if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) digits += c;
  }
  // A QWORD is written in two halves: (0x00000000-0x00000001).
  if (is_qword) {
    const size_t second = text.find("-0x");
    if (second != std::string_view::npos) {
      digits.clear();
      for (const std::string_view half :
           {text.substr(9, second - 9), text.substr(second + 3)}) {
        for (const char c : half) {
          if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) digits += c;
        }
      }
    }
  }
  if (digits.empty() || digits.size() > 16) {
    made->emplace_back(text);
    return;
  }
  uint64_t number = 0;
  for (const char c : digits) {
    const char low = absl::ascii_tolower(static_cast<unsigned char>(c));
    number = number * 16 +
             static_cast<uint64_t>(low <= '9' ? low - '0' : low - 'a' + 10);
  }
  made->push_back("0x" + digits);
  made->push_back(std::to_string(number));
}

}  // namespace

std::span<const DerivationSpec> Derivations() { return kDerivations; }

void Derive(Derivation as, std::string_view argument, const re2::RE2* capture,
            std::string_view text, std::vector<std::string>* made) {
  const size_t last = text.find_last_of(kSeparators);
  const size_t first = text.find_first_of(kSeparators);
  constexpr size_t kNone = std::string_view::npos;
  switch (as) {
    case Derivation::kSame:
    case Derivation::kAll:
      made->emplace_back(text);
      return;
    case Derivation::kFileName:
      made->emplace_back(FileName(text));
      return;
    case Derivation::kFolder:
      if (last != kNone) made->emplace_back(text.substr(0, last));
      return;
    case Derivation::kExtension: {
      const std::string_view name = FileName(text);
      const size_t dot = name.rfind('.');
      if (dot != kNone && dot + 1 < name.size()) {
        made->emplace_back(name.substr(dot + 1));
      }
      return;
    }
    case Derivation::kRoot:
      if (first != kNone) made->emplace_back(text.substr(0, first));
      return;
    case Derivation::kInnerPath:
      if (first != kNone && last > first) {
        made->emplace_back(text.substr(first + 1, last - first - 1));
      }
      return;
    case Derivation::kWindowsArguments:
      for (std::string& one : WindowsArguments(text)) {
        made->push_back(std::move(one));
      }
      return;
    case Derivation::kArguments:
      for (std::string& one : ShellArguments(text)) {
        made->push_back(std::move(one));
      }
      return;
    case Derivation::kArgumentCount:
      made->push_back(std::to_string(WindowsArguments(text).size()));
      return;
    case Derivation::kLower:
      made->push_back(Lower(text));
      return;
    case Derivation::kUpper:
      made->push_back(absl::AsciiStrToUpper(ToAbsl(text)));
      return;
    case Derivation::kAccount: {
      const size_t slash = text.find('\\');
      made->emplace_back(slash == kNone ? text : text.substr(slash + 1));
      return;
    }
    case Derivation::kDomain: {
      const size_t slash = text.find('\\');
      if (slash != kNone) made->emplace_back(text.substr(0, slash));
      return;
    }
    case Derivation::kIp:
      if (ParseIpAddress(text)) made->emplace_back(text);
      return;
    case Derivation::kPair:
      DerivePair(argument, text, made);
      return;
    case Derivation::kRegistryData:
      DeriveRegistryData(text, made);
      return;
    case Derivation::kCapture: {
      re2::StringPiece group[2];
      if (capture != nullptr &&
          capture->Match({text.data(), text.size()}, 0, text.size(),
                         re2::RE2::UNANCHORED, group, 2) &&
          group[1].data() != nullptr) {
        made->emplace_back(group[1].data(), group[1].size());
      }
      return;
    }
    case Derivation::kValue:
    case Derivation::kPresent:
    case Derivation::kText:
      return;  // Not of one text.
  }
}

void TakeWords(const FieldMapping& mapping, std::string_view text,
               std::vector<std::string>* made) {
  const std::vector<std::string>* words = nullptr;
  for (const auto& [value, its_words] : mapping.words) {
    if (value == text) {
      words = &its_words;
      break;
    }
    if (value == "*") words = &its_words;
  }
  if (words == nullptr) return;
  for (const std::string& word : *words) {
    made->emplace_back(word == "*" ? text : word);
  }
}

}  // namespace tocsin::base

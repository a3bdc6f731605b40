#include "src/frontend/esql/grok.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/regex.h"

namespace tocsin::esql {
namespace {

constexpr size_t kMaxRegexBytes = size_t{64} << 10;
constexpr int kMaxDepth = 12;
constexpr int kMaxGroups = 200;

struct GrokPattern {
  std::string_view name;
  std::string_view regex;  // May name others.
};

// The common names. Where others look around a number or an address, these ask
// for the edge of a word.
constexpr GrokPattern kPatterns[] = {
    {"USERNAME", R"([a-zA-Z0-9._-]+)"},
    {"USER", R"(%{USERNAME})"},
    {"EMAILLOCALPART", R"([a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]{1,64})"},
    {"EMAILADDRESS", R"(%{EMAILLOCALPART}@%{HOSTNAME})"},
    {"INT", R"([+-]?[0-9]+)"},
    {"BASE10NUM", R"([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))"},
    {"NUMBER", R"(%{BASE10NUM})"},
    {"BASE16NUM", R"([+-]?(?:0x)?[0-9A-Fa-f]+)"},
    {"POSINT", R"(\b[1-9][0-9]*\b)"},
    {"NONNEGINT", R"(\b[0-9]+\b)"},
    {"WORD", R"(\b\w+\b)"},
    {"NOTSPACE", R"(\S+)"},
    {"SPACE", R"(\s*)"},
    {"DATA", R"(.*?)"},
    {"GREEDYDATA", R"(.*)"},
    {"QUOTEDSTRING",
     R"((?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*'|`(?:\\.|[^\\`])*`))"},
    {"QS", R"(%{QUOTEDSTRING})"},
    {"UUID", R"([A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12})"},
    {"MAC", R"((?:[A-Fa-f0-9]{2}[:-]){5}[A-Fa-f0-9]{2})"},
    {"IPV4",
     R"(\b(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\b)"},
    {"IPV6",
     R"((?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%[0-9A-Za-z]+)?)"},
    {"IP", R"((?:%{IPV6}|%{IPV4}))"},
    {"HOSTNAME",
     R"(\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?)"},
    {"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))"},
    {"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},
    {"UNIXPATH", R"((?:/[\w%!$@:.,+~-]*)+)"},
    {"WINPATH", R"((?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+)"},
    {"PATH", R"((?:%{UNIXPATH}|%{WINPATH}))"},
    {"URIPROTO", R"([A-Za-z][A-Za-z0-9+\-.]+)"},
    {"URIHOST", R"(%{IPORHOST}(?::%{POSINT})?)"},
    {"URIPATH", R"((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_\-]*)+)"},
    {"URIPARAM", R"(\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\-\[\]<>]*)"},
    {"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
    {"URI",
     R"(%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?)"},
    {"MONTH",
     R"(\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b)"},
    {"MONTHNUM", R"((?:0?[1-9]|1[0-2]))"},
    {"MONTHDAY", R"((?:0[1-9]|[12][0-9]|3[01]|[1-9]))"},
    {"DAY",
     R"((?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?))"},
    {"YEAR", R"([0-9]{2,4})"},
    {"HOUR", R"((?:2[0-3]|[01]?[0-9]))"},
    {"MINUTE", R"([0-5][0-9])"},
    {"SECOND", R"((?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?)"},
    {"TIME", R"(%{HOUR}:%{MINUTE}(?::%{SECOND})?)"},
    {"ISO8601_TIMEZONE", R"((?:Z|[+-]%{HOUR}(?::?%{MINUTE})))"},
    {"TIMESTAMP_ISO8601",
     R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?)"},
    {"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})"},
    {"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT})"},
    {"PROG", R"([!-Z\\^-~]+)"},
    {"SYSLOGPROG", R"(%{PROG}(?:\[%{POSINT}\])?)"},
    {"SYSLOGHOST", R"(%{IPORHOST})"},
    {"LOGLEVEL",
     R"((?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?))"},
};

class GrokReader {
 public:
  Extraction Run(std::string_view pattern) {
    Read(pattern, 0);
    if (out_.problem.empty()) {
      // Lines have their ends everywhere, and `.` ends with one.
      out_.regex = "(?m-s:" + out_.regex + ")";
      const RE2 compiled(out_.regex, base::RegexOptions());
      if (!compiled.ok()) {
        Fail("cannot be read: " + absl::AsciiStrToLower(compiled.error()));
      } else if (compiled.NumberOfCapturingGroups() != groups_) {
        Fail("cannot be read");
      }
    }
    return std::move(out_);
  }

 private:
  void Fail(std::string problem) {
    if (out_.problem.empty()) out_.problem = std::move(problem);
  }

  void Read(std::string_view text, int depth) {
    if (depth > kMaxDepth) Fail("names patterns in a ring");
    while (!text.empty() && out_.problem.empty()) {
      if (out_.regex.size() > kMaxRegexBytes || groups_ > kMaxGroups) {
        Fail("is too long");
        return;
      }
      if (text.starts_with("%{")) {
        const size_t close = text.find('}');
        if (close == std::string_view::npos) {
          Fail("has a `%{` that is never closed");
          return;
        }
        ReadNamed(text.substr(2, close - 2), depth);
        text.remove_prefix(close + 1);
      } else if (text[0] == '\\') {
        TakeEscape(&text);
      } else if (text[0] == '[') {
        TakeClass(&text);
      } else if (text[0] == '(') {
        TakeGroup(&text);
      } else {
        out_.regex += text[0];
        text.remove_prefix(1);
      }
    }
  }

  void AddColumn(std::string_view name, bool is_number) {
    ++groups_;
    for (Extraction::Column& column : out_.columns) {
      if (column.name != name) continue;
      column.groups.push_back(groups_);
      return;
    }
    out_.columns.push_back({std::string(name), {groups_}, is_number});
  }

  // `NUMBER:name:int`.
  void ReadNamed(std::string_view inside, int depth) {
    const size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const auto* const found = std::find_if(
        std::begin(kPatterns), std::end(kPatterns),
        [&](const GrokPattern& each) { return each.name == name; });
    if (found == std::end(kPatterns)) {
      Fail("names the pattern `" + std::string(name.substr(0, 60)) +
           "`, which there is not");
      return;
    }
    if (colon == std::string_view::npos) {
      out_.regex += "(?:";
    } else {
      const std::string_view rest = inside.substr(colon + 1);
      const size_t second = rest.find(':');
      const std::string_view type =
          second == std::string_view::npos ? "" : rest.substr(second + 1);
      AddColumn(rest.substr(0, second),
                !type.empty() && type != "string" && type != "boolean");
      out_.regex += '(';
    }
    Read(found->regex, depth + 1);
    out_.regex += ')';
  }

  void TakeEscape(std::string_view* text) {
    if (text->size() < 2) {
      Fail("ends in a backslash");
      return;
    }
    const char c = (*text)[1];
    if (c == 'h' || c == 'H') {
      out_.regex += c == 'h' ? "[0-9A-Fa-f]" : "[^0-9A-Fa-f]";
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == 'k' ||
               c == 'g') {
      Fail("has a back-reference, which cannot be matched in linear time");
    } else if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::ascii_ispunct(static_cast<unsigned char>(c))) {
      out_.regex += text->substr(0, 2);
    } else {
      // RE2 knows no escape of spaces and other letters.
      out_.regex += c;
    }
    text->remove_prefix(2);
  }

  void TakeClass(std::string_view* text) {
    size_t end = 1;
    if (end < text->size() && (*text)[end] == '^') ++end;
    if (end < text->size() && (*text)[end] == ']') ++end;
    for (; end < text->size() && (*text)[end] != ']'; ++end) {
      if ((*text)[end] == '\\') ++end;
      if (text->substr(end).starts_with("[:")) {
        end = std::min(text->find(":]", end), text->size() - 1) + 1;
      }
    }
    if (end >= text->size()) {
      Fail("has a `[` that is never closed");
      return;
    }
    out_.regex += text->substr(0, end + 1);
    text->remove_prefix(end + 1);
  }

  // Beside groups with names others hold nothing.
  void TakeGroup(std::string_view* text) {
    if (!text->starts_with("(?")) {
      out_.regex += "(?:";
      text->remove_prefix(1);
      return;
    }
    const bool named = text->starts_with("(?<") && !text->starts_with("(?<=") &&
                       !text->starts_with("(?<!");
    if (named) {
      const size_t close = text->find('>');
      if (close == std::string_view::npos) {
        Fail("has a `(?<` that is never closed");
        return;
      }
      AddColumn(text->substr(3, close - 3), false);
      out_.regex += '(';
      text->remove_prefix(close + 1);
      return;
    }
    if (text->starts_with("(?>")) {
      out_.regex += "(?:";
      text->remove_prefix(3);
      return;
    }
    for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (!text->starts_with(look)) continue;
      Fail(std::string(look[2] == '<' ? "looks behind" : "looks ahead") +
           ", which cannot be matched in linear time");
      return;
    }
    // `(?i)`, `(?im:`; what the language of these patterns calls m is s.
    size_t end = 2;
    std::string flags;
    while (end < text->size() && std::string_view("imx-").find((*text)[end]) !=
                                     std::string_view::npos) {
      if ((*text)[end] == 'x') {
        Fail("has the flag `x`");
        return;
      }
      flags += (*text)[end] == 'm' ? 's' : (*text)[end];
      ++end;
    }
    out_.regex += "(?" + flags;
    text->remove_prefix(end);
    if (!text->empty() && ((*text)[0] == ':' || (*text)[0] == ')')) {
      out_.regex += (*text)[0];
      text->remove_prefix(1);
    }
  }

  Extraction out_;
  int groups_ = 0;
};

std::string Quote(std::string_view text) {
  return RE2::QuoteMeta({text.data(), text.size()});
}

}  // namespace

Extraction ReadGrok(std::string_view pattern) {
  return GrokReader().Run(pattern);
}

Extraction ReadDissect(std::string_view pattern) {
  Extraction out;
  out.regex = "(?s)\\A";
  int groups = 0;
  size_t at = pattern.find("%{");
  if (at == std::string_view::npos) {
    out.problem = "has no `%{name}`";
    return out;
  }
  out.regex += Quote(pattern.substr(0, at));
  // Columns that are put together, by their order.
  std::vector<std::pair<std::string, std::vector<std::pair<int, int>>>> joined;
  while (at != std::string_view::npos) {
    const size_t close = pattern.find('}', at);
    if (close == std::string_view::npos) {
      out.problem = "has a `%{` that is never closed";
      return out;
    }
    std::string_view key = pattern.substr(at + 2, close - at - 2);
    const size_t next = pattern.find("%{", close + 1);
    const std::string_view behind = pattern.substr(
        close + 1, next == std::string_view::npos ? next : next - close - 1);
    if (behind.empty() && next != std::string_view::npos) {
      out.problem = "has two parts with nothing between them";
      return out;
    }
    const bool padded = key.ends_with("->");
    if (padded) key.remove_suffix(2);
    int order = 0;
    const bool appends = key.starts_with('+');
    if (key.starts_with('*') || key.starts_with('&')) {
      out.problem = "has names that come from the text";
      return out;
    }
    if (appends) key.remove_prefix(1);
    const size_t slash = appends ? key.rfind('/') : std::string_view::npos;
    if (slash != std::string_view::npos) {
      for (const char c : key.substr(slash + 1)) {
        if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) continue;
        order = std::min(order * 10 + (c - '0'), 1000);
      }
      key = key.substr(0, slash);
    }
    const bool skipped = key.empty() || key.starts_with('?');
    if (++groups > kMaxGroups || out.regex.size() > kMaxRegexBytes) {
      out.problem = "is too long";
      return out;
    }
    out.regex +=
        next == std::string_view::npos && behind.empty() ? "(.*)" : "(.*?)";
    if (!behind.empty()) {
      out.regex += padded ? "(?:" + Quote(behind) + ")+" : Quote(behind);
    }
    at = next;
    if (skipped) continue;
    auto found = std::find_if(joined.begin(), joined.end(),
                              [&](const auto& j) { return j.first == key; });
    if (found == joined.end() || !appends) {
      if (found != joined.end()) found->second.clear();
      if (found == joined.end()) {
        joined.emplace_back(std::string(key),
                            std::vector<std::pair<int, int>>());
        found = joined.end() - 1;
      }
    }
    found->second.emplace_back(order, groups);
  }
  for (auto& [name, parts] : joined) {
    std::stable_sort(
        parts.begin(), parts.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; });
    Extraction::Column column;
    column.name = name;
    for (const auto& [order, group] : parts) column.groups.push_back(group);
    out.columns.push_back(std::move(column));
  }
  return out;
}

}  // namespace tocsin::esql

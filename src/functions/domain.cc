// Names of domains, and URLs.
//
// Where registration ends is told by a short table of public suffixes, not by
// the whole public list: names under a suffix that is not in it are taken to
// be registered at their last label but one. docs/rule-language.md says so.

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "src/base/ip_network.h"
#include "src/base/string_map.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

// Suffixes of two labels under which names are registered.
constexpr std::string_view kSuffixes[] = {
    "ac.jp",  "ac.nz",  "ac.uk",  "ac.za",  "co.at",  "co.id",  "co.il",
    "co.in",  "co.jp",  "co.ke",  "co.kr",  "co.nz",  "co.th",  "co.uk",
    "co.za",  "com.ar", "com.au", "com.br", "com.cn", "com.co", "com.eg",
    "com.hk", "com.mx", "com.my", "com.ng", "com.ph", "com.pk", "com.pl",
    "com.sg", "com.tr", "com.tw", "com.ua", "com.vn", "edu.au", "edu.br",
    "edu.cn", "edu.tw", "go.jp",  "go.kr",  "gov.au", "gov.br", "gov.cn",
    "gov.in", "gov.uk", "gov.za", "ltd.uk", "me.uk",  "ne.jp",  "net.au",
    "net.br", "net.cn", "net.nz", "net.uk", "or.at",  "or.jp",  "or.kr",
    "org.au", "org.br", "org.cn", "org.nz", "org.uk", "org.za", "plc.uk"};

struct Url {
  std::string scheme, host, port, path, query;
};

// The host of what may be a URL, "a.example:443", or a name alone.
Url Parse(std::string_view text) {
  Url url;
  const size_t scheme = text.find("://");
  const bool has_scheme = scheme != std::string_view::npos && scheme > 0 &&
                          text.find_first_of("/?#") > scheme;
  if (has_scheme) {
    url.scheme = absl::AsciiStrToLower(base::ToAbsl(text.substr(0, scheme)));
    text.remove_prefix(scheme + 3);
  }
  const size_t fragment = text.find('#');
  text = text.substr(0, fragment);
  const size_t query = text.find('?');
  if (query != std::string_view::npos) {
    url.query = text.substr(query + 1);
    text = text.substr(0, query);
  }
  const size_t path = text.find('/');
  if (path != std::string_view::npos) {
    url.path = text.substr(path);
    text = text.substr(0, path);
  }
  const size_t user = text.rfind('@');
  if (user != std::string_view::npos) text.remove_prefix(user + 1);
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {};
    url.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (text.starts_with(':')) url.port = text.substr(1);
  } else {
    const size_t colon = text.rfind(':');
    const bool one = colon != std::string_view::npos && text.find(':') == colon;
    url.host = text.substr(0, one ? colon : std::string_view::npos);
    if (one) url.port = text.substr(colon + 1);
  }
  url.host = absl::AsciiStrToLower(url.host);
  if (url.host.ends_with('.')) url.host.pop_back();
  return url;
}

// The host as a name of at least two labels; "" if it is none.
std::string HostName(const Value& value) {
  if (!value.is_string()) return {};
  std::string host = Parse(value.text).host;
  if (host.size() > 253 || base::ParseIpAddress(host)) return {};
  if (host.find('.') == std::string::npos) return {};
  if (host.find("..") != std::string::npos || host.front() == '.') return {};
  const bool fits = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  return fits ? host : std::string();
}

// Where the registered name begins in `host`; npos if it is all suffix.
size_t RegisteredAt(const std::string& host) {
  const size_t last = host.rfind('.');
  const size_t second = host.rfind('.', last - 1);
  const size_t pair = second == std::string::npos ? 0 : second + 1;
  const bool known =
      std::binary_search(std::begin(kSuffixes), std::end(kSuffixes),
                         std::string_view(host).substr(pair));
  if (!known) return pair;
  if (second == std::string::npos) return std::string::npos;
  if (second == 0) return std::string::npos;
  const size_t third = host.rfind('.', second - 1);
  return third == std::string::npos ? 0 : third + 1;
}

Value Domain(const Call& call) {
  const std::string host = HostName(call.arguments[0]);
  return host.empty() ? Value() : Value::String(host);
}

Value RegisteredDomain(const Call& call) {
  const std::string host = HostName(call.arguments[0]);
  if (host.empty()) return {};
  const size_t at = RegisteredAt(host);
  if (at == std::string::npos) return {};
  return Value::String(host.substr(at));
}

Value Subdomain(const Call& call) {
  const std::string host = HostName(call.arguments[0]);
  if (host.empty()) return {};
  const size_t at = RegisteredAt(host);
  if (at == std::string::npos) return {};
  return Value::String(at == 0 ? "" : host.substr(0, at - 1));
}

Value Tld(const Call& call) {
  const std::string host = HostName(call.arguments[0]);
  if (host.empty()) return {};
  const size_t at = RegisteredAt(host);
  if (at == std::string::npos) return Value::String(host);
  return Value::String(host.substr(host.find('.', at) + 1));
}

Value UrlPart(const Call& call) {
  const Value& value = call.arguments[0];
  const Value& part = call.arguments[1];
  if (!value.is_string() || !part.is_string()) return {};
  const Url url = Parse(value.text);
  const std::pair<std::string_view, const std::string*> parts[] = {
      {"scheme", &url.scheme},
      {"host", &url.host},
      {"port", &url.port},
      {"path", &url.path},
      {"query", &url.query}};
  for (const auto& [name, text] : parts) {
    if (part.text != name || text->empty()) continue;
    if (name != "port") return Value::String(*text);
    const std::optional<base::Number> number = base::ParseNumber(*text);
    if (!number || number->kind != base::Number::kInt) return {};
    return Value::Int(number->int_value);
  }
  return {};
}

Value UrlDecode(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  const auto digit = [](char c) {
    if (absl::ascii_isdigit(c)) return c - '0';
    const char lower = absl::ascii_tolower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text->size() && out.size() < kMaxTextBytes; ++i) {
    const char c = (*text)[i];
    const bool escape = c == '%' && i + 2 < text->size() &&
                        digit((*text)[i + 1]) >= 0 &&
                        digit((*text)[i + 2]) >= 0;
    if (escape) {
      out +=
          static_cast<char>(digit((*text)[i + 1]) * 16 + digit((*text)[i + 2]));
      i += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return Value::String(out);
}

Value IsPunycode(const Call& call) {
  const std::string host = HostName(call.arguments[0]);
  if (host.empty()) return {};
  return Value::Bool(host.starts_with("xn--") ||
                     host.find(".xn--") != std::string::npos);
}

}  // namespace

std::vector<Function> DomainFunctions() {
  const Parameter host{"host or url", ValueType::kString};
  return {
      {.name = "domain",
       .parameters = {host},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The name of the host, in small letters; null if it is "
                      "an address or no name of two labels.",
       .example = "domain(\"https://Www.example.com:8443/a\")",
       .example_result = "\"www.example.com\"",
       .call = Domain},
      {.name = "registeredDomain",
       .parameters = {host},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The part that someone registered, by a short table of "
                      "public suffixes.",
       .example = "registeredDomain(\"a.b.example.co.uk\")",
       .example_result = "\"example.co.uk\"",
       .call = RegisteredDomain},
      {.name = "subdomain",
       .parameters = {host},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "What stands before the registered domain; may be empty.",
       .example = "subdomain(\"a.b.example.com\")",
       .example_result = "\"a.b\"",
       .call = Subdomain},
      {.name = "tld",
       .parameters = {host},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The public suffix of the name, by the same table.",
       .example = "tld(\"www.example.co.uk\")",
       .example_result = "\"co.uk\"",
       .call = Tld},
      {.name = "urlPart",
       .parameters = {{"url", ValueType::kString},
                      {"part", ValueType::kString}},
       .least = 2,
       .cost = Cost::kLinear,
       .description = "\"scheme\", \"host\", \"port\" (a number), \"path\" or "
                      "\"query\" of a URL; null if it has none.",
       .example = "urlPart(\"https://www.example.com:8443/a?b=c\", \"port\")",
       .example_result = "8443",
       .call = UrlPart},
      {.name = "urlDecode",
       .parameters = {{"s", ValueType::kString}},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text with `%41` read as `A` and `+` as a space.",
       .example = "urlDecode(\"a%20b+c\")",
       .example_result = "\"a b c\"",
       .call = UrlDecode},
      {.name = "isPunycode",
       .parameters = {host},
       .result = ValueType::kBool,
       .cost = Cost::kLinear,
       .description = "Whether a label of the name begins with `xn--`.",
       .example = "isPunycode(\"xn--exmple-cua.com\")",
       .example_result = "true",
       .call = IsPunycode},
  };
}

}  // namespace tocsin::functions

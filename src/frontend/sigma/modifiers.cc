#include "src/frontend/sigma/modifiers.h"

#include <vector>

#include "src/text/reporter.h"

namespace tocsin::sigma {
namespace {

using Id = ModifierId;
using Kind = ModifierKind;

// clang-format off
constexpr ModifierInfo kModifiers[] = {
    {"contains", Id::kContains, Kind::kPosition,
     "the value stands anywhere in the field",
     "CommandLine|contains: 'whoami'"},
    {"startswith", Id::kStartsWith, Kind::kPosition,
     "the field begins with the value",
     "User|startswith: 'adm_'"},
    {"endswith", Id::kEndsWith, Kind::kPosition,
     "the field ends with the value",
     "Image|endswith: '\\cmd.exe'"},
    {"all", Id::kAll, Kind::kLogic,
     "every value of the list must hold, not one of them",
     "CommandLine|contains|all: ['-enc', 'hidden']"},
    {"neq", Id::kNeq, Kind::kLogic,
     "none of the values holds; a missing field passes",
     "User|neq: 'kim'"},
    {"cased", Id::kCased, Kind::kLogic,
     "upper and lower case differ",
     "CommandLine|cased|contains: 'IEX'"},
    {"re", Id::kRegex, Kind::kTest,
     "the value is a regular expression, found anywhere in the field",
     "CommandLine|re: 'net1?\\s+user'"},
    {"cidr", Id::kCidr, Kind::kTest,
     "the field is an address in the network",
     "DestinationIp|cidr: '192.0.2.0/24'"},
    {"exists", Id::kExists, Kind::kTest,
     "the field is there (true) or not (false), whatever it holds",
     "ParentUser|exists: true"},
    {"fieldref", Id::kFieldRef, Kind::kTest,
     "the value names another field; both hold the same text",
     "User|fieldref: TargetUser"},
    {"lt", Id::kLt, Kind::kTest,
     "the field is a number below the value",
     "DestinationPort|lt: 1024"},
    {"lte", Id::kLte, Kind::kTest,
     "the field is a number below the value, or equal",
     "DestinationPort|lte: 1023"},
    {"gt", Id::kGt, Kind::kTest,
     "the field is a number above the value",
     "BytesSent|gt: 1000000"},
    {"gte", Id::kGte, Kind::kTest,
     "the field is a number above the value, or equal",
     "BytesSent|gte: 1000000"},
    {"i", Id::kIgnoreCase, Kind::kRegexFlag,
     "after `re`: case does not matter",
     "CommandLine|re|i: 'invoke-\\w+'"},
    {"ignorecase", Id::kIgnoreCase, Kind::kRegexFlag,
     "another name of `i`",
     "CommandLine|re|ignorecase: 'invoke-\\w+'"},
    {"m", Id::kMultiLine, Kind::kRegexFlag,
     "after `re`: `^` and `$` stand for the ends of each line",
     "ScriptBlockText|re|m: '^param\\('"},
    {"multiline", Id::kMultiLine, Kind::kRegexFlag,
     "another name of `m`",
     "ScriptBlockText|re|multiline: '^param\\('"},
    {"s", Id::kDotAll, Kind::kRegexFlag,
     "after `re`: `.` stands for a line break too",
     "ScriptBlockText|re|s: 'try.+catch'"},
    {"dotall", Id::kDotAll, Kind::kRegexFlag,
     "another name of `s`",
     "ScriptBlockText|re|dotall: 'try.+catch'"},
    {"windash", Id::kWinDash, Kind::kEncoding,
     "a dash or slash that starts an option stands for - / and the three long dashes",
     "CommandLine|windash|contains: ' -enc'"},
    {"wide", Id::kUtf16Le, Kind::kEncoding,
     "the value as UTF-16, low byte first",
     "Payload|wide|base64offset|contains: 'http'"},
    {"utf16le", Id::kUtf16Le, Kind::kEncoding,
     "another name of `wide`",
     "Payload|utf16le|base64offset|contains: 'http'"},
    {"utf16be", Id::kUtf16Be, Kind::kEncoding,
     "the value as UTF-16, high byte first",
     "Payload|utf16be|base64offset|contains: 'http'"},
    {"utf16", Id::kUtf16, Kind::kEncoding,
     "the value as UTF-16, low byte first, after a byte order mark",
     "Payload|utf16|base64|startswith: 'http:/'"},
    {"base64", Id::kBase64, Kind::kEncoding,
     "the value in base64",
     "Payload|base64: 'whoami'"},
    {"base64offset", Id::kBase64Offset, Kind::kEncoding,
     "what base64 makes of the value, wherever in the encoded text it begins",
     "CommandLine|base64offset|contains: 'IEX ('"},
    {"expand", Id::kExpand, Kind::kEncoding,
     "`%name%` is a placeholder that a processing pipeline replaces",
     "User|expand: 'no placeholder'"},
    {"minute", Id::kMinute, Kind::kTimePart,
     "the minute of a time, 0 to 59, as the time is written",
     "EventTime|minute: 30"},
    {"hour", Id::kHour, Kind::kTimePart,
     "the hour of a time, 0 to 23, as the time is written",
     "EventTime|hour|gte: 22"},
    {"day", Id::kDay, Kind::kTimePart,
     "the day of the month, 1 to 31",
     "EventTime|day: [30, 31]"},
    {"week", Id::kWeek, Kind::kTimePart,
     "the ISO week of the year, 1 to 53",
     "EventTime|week: 52"},
    {"month", Id::kMonth, Kind::kTimePart,
     "the month, 1 to 12",
     "EventTime|month|lt: 3"},
    {"year", Id::kYear, Kind::kTimePart,
     "the year",
     "EventTime|year|gte: 2020"},
};
// clang-format on

}  // namespace

std::span<const ModifierInfo> Modifiers() { return kModifiers; }

const ModifierInfo* FindModifier(std::string_view name) {
  for (const ModifierInfo& modifier : kModifiers) {
    if (modifier.name == name) return &modifier;
  }
  return nullptr;
}

std::string SuggestModifier(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ModifierInfo& modifier : kModifiers) {
    names.push_back(modifier.name);
  }
  return text::DidYouMean(name, names);
}

}  // namespace tocsin::sigma

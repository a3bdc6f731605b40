// The built-in table of log sources: plain data, one row a fact. What the rows
// mean is in docs/log-sources.md, which is made from them; who reads them is
// the Classifier. Sources of the facts: the Sigma taxonomy and the vendors'
// descriptions of their formats.
//
// A new product is new rows here, never new code.

#ifndef TOCSIN_SRC_LOGSOURCE_BUILTIN_TABLE_H_
#define TOCSIN_SRC_LOGSOURCE_BUILTIN_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace tocsin::logsource {

// Compared without regard to ASCII case; numbers by their text.
enum class Test : uint8_t {
  kExists,  // The field has a value that is not null.
  kEquals,  // Some value does so.
  kStartsWith,
  kEndsWith,
  kContains,
  kNotEquals,  // No value does so; holds for a missing field.
  kNotStartsWith,
  kNotContains,
  kMissing,  // As not kExists.
};

// `field` and `text` may list alternatives, divided by `|`: any will do. An
// empty field marks the unused rest of a fixed-size list.
struct Condition {
  std::string_view field;
  Test test = Test::kExists;
  std::string_view text = {};
};

struct Rename {
  std::string_view event_field;
  std::string_view rule_field;
};

// What an event is, and how it calls what rules ask for. Empty text marks the
// unused rest of a list.
struct Sources {
  std::string_view products[2] = {};
  std::string_view categories[4] = {};
  std::string_view services[3] = {};
  std::span<const Rename> renames = {};
};

// One Windows event log, by the names its events may carry.
struct WindowsLog {
  std::string_view name;  // For WindowsEvent::log; mostly the Sigma service.
  std::string_view channels[4] = {};
  std::string_view providers[5] = {};  // Names, and GUIDs without braces.
  Sources sources = {};
};

// What an event id means in one log. Several rows may speak of one id.
struct WindowsEvent {
  std::string_view log;
  uint32_t first_id = 0;
  uint32_t last_id = 0;
  Sources sources = {};
  Condition when[2] = {};
};

// The names under which an exporter writes channel and event id.
struct WindowsShape {
  std::string_view name;
  std::string_view channel_field;
  std::string_view id_fields[3] = {};
  // Whether a channel that the table lacks is still one of Windows. False where
  // other software uses the field's name too.
  bool any_channel = false;
  std::span<const Rename> renames = {};
  std::string_view example = {};
};

// Events with an id but neither channel nor provider: fields that only the
// named log has under such an id.
struct WindowsGuess {
  std::string_view log;
  uint32_t first_id = 0;
  uint32_t last_id = 0;
  Condition when[3] = {};
  std::string_view example = {};
};

// Recognises events by their fields.
struct Recognizer {
  std::string_view name;
  Condition when[5] = {};
  Sources sources = {};
  std::string_view example = {};
};

// Rows that may hold at once. The first family with a row that holds ends the
// search: an event comes from one maker.
struct Family {
  std::string_view name;
  std::span<const Recognizer> rows;
};

// What rules ask for and no event's content can tell.
struct DeclaredOnly {
  std::string_view product;
  std::string_view category;
  std::string_view service;
  std::string_view reason;
};

// Endpoint fields of the Elastic Common Schema.
inline constexpr Rename kEcsEndpoint[] = {
    {"process.executable", "Image"},
    {"process.command_line", "CommandLine"},
    {"process.working_directory", "CurrentDirectory"},
    {"process.pid", "ProcessId"},
    {"process.entity_id", "ProcessGuid"},
    {"process.pe.original_file_name", "OriginalFileName"},
    {"process.pe.description", "Description"},
    {"process.pe.product", "Product"},
    {"process.pe.company", "Company"},
    {"process.parent.executable", "ParentImage"},
    {"process.parent.command_line", "ParentCommandLine"},
    {"process.parent.pid", "ParentProcessId"},
    {"user.name", "User"},
    {"file.path", "TargetFilename"},
    {"dll.path", "ImageLoaded"},
    {"registry.path", "TargetObject"},
    {"registry.data.strings", "Details"},
    {"dns.question.name", "QueryName"},
    {"source.ip", "SourceIp"},
    {"source.port", "SourcePort"},
    {"destination.ip", "DestinationIp"},
    {"destination.port", "DestinationPort"},
    {"destination.domain", "DestinationHostname"},
    {"network.transport", "Protocol"},
};

inline constexpr Sources kOtherWindowsLog = {.products = {"windows"}};

std::span<const WindowsLog> WindowsLogs();
std::span<const WindowsEvent> WindowsEvents();
std::span<const WindowsShape> WindowsShapes();
std::span<const WindowsGuess> WindowsGuesses();
std::span<const std::string_view> WindowsProviderFields();

// Looked at in addition, for Windows events only.
std::span<const Recognizer> WindowsExtras();

std::span<const Family> Families();
std::span<const DeclaredOnly> DeclaredOnlySources();

// Rows of one family each, for Families().
std::span<const Recognizer> AwsRows();
std::span<const Recognizer> MicrosoftRows();
std::span<const Recognizer> GoogleRows();
std::span<const Recognizer> ServiceRows();
std::span<const Recognizer> EcsRows();
std::span<const Recognizer> NetworkRows();
std::span<const Recognizer> ZeekRows();
std::span<const Recognizer> EndpointRows();
std::span<const Recognizer> LinuxRows();
std::span<const Recognizer> WebRows();
std::span<const Recognizer> TextRows();

}  // namespace tocsin::logsource

#endif  // TOCSIN_SRC_LOGSOURCE_BUILTIN_TABLE_H_

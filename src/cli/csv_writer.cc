#include <string>
#include <string_view>

#include "src/base/utf8.h"
#include "src/cli/detection_writer.h"
#include "src/cli/terminal.h"

namespace tocsin::cli {
namespace {

// What makes a spreadsheet evaluate a cell: the signs, their full-width forms.
// Tabs and line breaks, which do too, never come out of Visible.
bool LooksLikeFormula(std::string_view cell) {
  const size_t start = cell.find_first_not_of(' ');
  if (start == std::string_view::npos) return false;
  const char32_t first = base::DecodeUtf8(cell.substr(start)).value;
  return first == '=' || first == '+' || first == '-' || first == '@' ||
         first == 0xFF1D || first == 0xFF0B || first == 0xFF0D ||
         first == 0xFF20;
}

// `raw` may hold anything; control characters are written out, so that a
// detection is one line for tools that know nothing of quotes.
void AppendCell(std::string_view raw, std::string* out) {
  std::string cell = Visible(raw);
  if (LooksLikeFormula(cell)) cell.insert(0, 1, '\'');
  const bool quoted = cell.find_first_of("\",;' ") != std::string::npos;
  if (!quoted) {
    *out += cell;
    return;
  }
  *out += '"';
  for (const char c : cell) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

class CsvWriter : public DetectionWriter {
 public:
  using DetectionWriter::Append;
  void Begin(std::string* out) override {
    *out +=
        "id,time,level,rule_id,rule_title,rule_path,tags,event_file,"
        "event_line,matched,change,incident_id\n";
  }

  void Append(const Detection& detection, std::string* out) override {
    const std::string time = detection.time_source() == TimeSource::kNone
                                 ? ""
                                 : FormatTimestamp(detection.time());
    AppendRow(detection.rule(), detection.title(), detection.level(),
              detection.id(), time, detection.event().file(),
              std::to_string(detection.event().line()), MatchedTexts(detection),
              "", "", out);
  }

  // It is of several events, so it stands on no line of a file.
  void Append(const Incident& incident, std::string* out) override {
    AppendRow(incident.rule(), incident.title(), incident.level(),
              incident.id(), FormatTimestamp(incident.time()), "", "",
              MatchedTexts(incident), IncidentChangeName(incident.change()),
              incident.incident_id(), out);
  }

 private:
  static void AppendRow(const RuleInfo& rule, std::string_view title,
                        std::string_view level, std::string_view id,
                        std::string_view time, std::string_view file,
                        std::string_view line,
                        const std::vector<MatchedText>& texts,
                        std::string_view change, std::string_view incident_id,
                        std::string* out) {
    std::string tags;
    for (const std::string& tag : rule.tags) {
      if (!tags.empty()) tags += ' ';
      tags += tag;
    }
    std::string matched;
    for (const MatchedText& text : texts) {
      if (!matched.empty()) matched += "; ";
      matched += text.field + "=" + text.value;
    }
    const std::string_view cells[] = {id,    time,      level,  rule.id,
                                      title, rule.path, tags,   file,
                                      line,  matched,   change, incident_id};
    bool first = true;
    for (const std::string_view cell : cells) {
      if (!first) *out += ',';
      first = false;
      AppendCell(cell, out);
    }
    *out += '\n';
  }
};

}  // namespace

std::unique_ptr<DetectionWriter> MakeCsvWriter() {
  return std::make_unique<CsvWriter>();
}

}  // namespace tocsin::cli

#include <algorithm>
#include <string>
#include <string_view>

#include "src/cli/detection_writer.h"
#include "src/cli/terminal.h"

namespace tocsin::cli {
namespace {

constexpr int kLevelWidth = 8;    // "critical".
constexpr int kValueWidth = 120;  // Of one value; a terminal cuts further.

std::string_view LevelName(std::string_view level) {
  return level == "informational" ? "info" : level.empty() ? "-" : level;
}

std::string_view LevelColour(std::string_view level) {
  switch (LevelRank(level)) {
    case 4:
      return "\x1b[1;31m";
    case 3:
      return "\x1b[31m";
    case 2:
      return "\x1b[33m";
    case 1:
      return "\x1b[36m";
    default:
      return "";
  }
}

// A time cut to `width` columns; finer digits are for programs.
std::string ShowTime(Timestamp at, size_t width) {
  std::string time = FormatTimestamp(at);
  if (time.size() > width) time = time.substr(0, width - 1) + "Z";
  return time;
}

// `Field=value`, the value in quotes where it would run into its neighbours.
std::string ShowMatched(const MatchedText& text) {
  std::string value = CutEnd(Visible(text.value), kValueWidth);
  if (value.empty() || value.find(' ') != std::string::npos) {
    value = "\"" + value + "\"";
  }
  return Visible(text.field) + "=" + value;
}

class TableWriter : public DetectionWriter {
 public:
  using DetectionWriter::Append;
  explicit TableWriter(const TableLayout& layout) : layout_(layout) {}

  // Nothing: a heading over no rows would look like a result.
  void Begin(std::string*) override {}

  void Append(const Detection& detection, std::string* out) override {
    const std::string place = Visible(detection.event().file()) + ":" +
                              std::to_string(detection.event().line());
    AppendRule(detection.rule(), detection.title(), detection.level(),
               detection.time_source() == TimeSource::kNone
                   ? "-"
                   : ShowTime(detection.time(), TimeWidth()),
               place, MatchedTexts(detection), out);
  }

  // That nothing further came is no news to people.
  void Append(const Incident& incident, std::string* out) override {
    if (incident.change() == IncidentChange::kClosed) return;
    AppendRule(incident.rule(), incident.title(), incident.level(),
               ShowTime(incident.time(), TimeWidth()), "(several)",
               MatchedTexts(incident), out);
  }

  // What is hardly unusual would bury the rest.
  void Append(const AnomalyBucket& bucket, std::string* out) override {
    constexpr double kLeastShown = 25;
    for (const AnomalyRecord& record : bucket.records) {
      if (record.record_score < kLeastShown) break;
      AppendFinding(bucket.job->id + ": " + record.function, LevelOf(record),
                    ShowTime(bucket.begin, TimeWidth()), "(bucket)",
                    MatchedTexts(record), out);
    }
  }

 private:
  size_t TimeWidth() const { return static_cast<size_t>(layout_.time_width); }

  void AppendRule(const RuleInfo& rule, std::string_view title,
                  std::string_view level, std::string_view time,
                  std::string_view place, const std::vector<MatchedText>& texts,
                  std::string* out) {
    AppendFinding(title.empty() ? rule.id : title, level, time, place, texts,
                  out);
  }

  void AppendFinding(std::string_view title, std::string_view level,
                     std::string_view time, std::string_view place,
                     const std::vector<MatchedText>& texts, std::string* out) {
    if (!headed_) {
      headed_ = true;
      AppendRow("TIME", "LEVEL", "", "RULE", "EVENT", "MATCHED", out);
    }
    std::string matched;
    for (const MatchedText& text : texts) {
      if (!matched.empty()) matched += "  ";
      matched += ShowMatched(text);
    }
    AppendRow(time, Visible(LevelName(level)),
              layout_.terminal.colours ? LevelColour(level) : "",
              Visible(title), place, matched, out);
  }

  void AppendRow(std::string_view time, std::string_view level,
                 std::string_view colour, std::string_view title,
                 std::string_view place, std::string_view matched,
                 std::string* out) {
    const std::string left = Pad(time, layout_.time_width) + "  ";
    const std::string cell = Pad(CutEnd(level, kLevelWidth), kLevelWidth);
    std::string right =
        "  " + Pad(CutEnd(title, layout_.title_width), layout_.title_width) +
        "  " + Pad(CutStart(place, layout_.place_width), layout_.place_width) +
        "  " + std::string(matched);
    if (layout_.terminal.width > 0) {
      const int used = DisplayWidth(left) + DisplayWidth(cell);
      right = CutEnd(right, std::max(layout_.terminal.width - used, 0));
    }
    right.erase(right.find_last_not_of(' ') + 1);
    *out += left;
    *out += colour;
    *out += cell;
    if (!colour.empty()) *out += "\x1b[0m";
    *out += right;
    *out += '\n';
  }

  TableLayout layout_;
  bool headed_ = false;
};

}  // namespace

std::unique_ptr<DetectionWriter> MakeTableWriter(const TableLayout& layout) {
  return std::make_unique<TableWriter>(layout);
}

}  // namespace tocsin::cli

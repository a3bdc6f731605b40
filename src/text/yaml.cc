#include "src/text/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "src/base/string_map.h"
#include "src/base/utf8.h"

namespace tocsin::text {
namespace {

// Limits that no real file comes near; see YamlOptions for the rest.
constexpr int kMaxAnchors = 1000;
constexpr int kMaxDocuments = 50'000;

// Few collections of a rule have less, and to grow from one is dear.
constexpr size_t kFirstChildren = 4;

struct Hint {
  std::string_view problem;  // Part of libyaml's message.
  std::string_view help;
};

// What to do about the mistakes that rule authors make.
constexpr Hint kHints[] = {
    {"found character that cannot start any token",
     "put a value that starts with `%`, `@` or a back-tick into single quotes, "
     "and indent with spaces, never tabs"},
    {"found a tab character", "indent with spaces, never tabs"},
    {"found unknown escape character",
     "in double quotes a backslash starts a YAML escape; use single quotes"},
    {"did not find expected hexdecimal number",
     "in double quotes a backslash starts a YAML escape; use single quotes"},
    {"mapping values are not allowed",
     "put a value that holds `: ` into single quotes, and check the "
     "indentation"},
    {"did not find expected key",
     "check the indentation, and that each quote inside a quoted value is "
     "doubled"},
    {"did not find expected '-' indicator",
     "items of a list start with `- `, all at the same indentation"},
    {"could not find expected ':'",
     "each line of a map reads `key: value`; check the indentation"},
    {"did not find expected alphabetic or numeric character",
     "put a value that starts with `*` or `&` into single quotes"},
    {"found undefined tag handle",
     "put a value that starts with `!` into single quotes"},
    {"found unexpected end of stream", "a quote or bracket is not closed"},
    {"found unexpected document indicator", "a quote is not closed"},
    {"control characters are not allowed",
     "remove the control character, or write it as an escape in double quotes"},
};

std::string HelpFor(std::string_view problem) {
  for (const Hint& hint : kHints) {
    if (problem.find(hint.problem) != std::string_view::npos) {
      return std::string(hint.help);
    }
  }
  return {};
}

// Part of a source that is parsed by itself.
struct Chunk {
  size_t begin = 0;
  size_t end = 0;
};

// Whether `line` is `---` or `...`, alone or before a blank.
bool IsMarker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

// Whether a line before the first `---` of a document belongs to its head
// (directives, comments) and not to a document of its own.
bool IsPreamble(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos || line[first] == '#' ||
         line[0] == '%';
}

// Cuts a source before each `---` line and behind each `...` line. YAML allows
// them nowhere but between documents: what is broken in one stays in one.
std::vector<Chunk> SplitDocuments(const Source& source) {
  std::vector<Chunk> chunks;
  size_t begin = 0;
  bool has_content = false;
  const auto cut = [&](size_t end) {
    if (has_content) chunks.push_back({begin, end});
    if (has_content) begin = end;
  };
  for (int number = 1; number <= source.line_count(); ++number) {
    const std::string_view line = source.Line(number);
    if (IsMarker(line, "---")) {
      cut(source.Offset({number, 1}));
      has_content = true;
    } else if (IsMarker(line, "...")) {
      cut(source.Offset({number + 1, 1}));
      begin = source.Offset({number + 1, 1});
      has_content = false;
    } else {
      has_content = has_content || !IsPreamble(line);
    }
  }
  chunks.push_back({begin, source.text().size()});
  return chunks;
}

// Turns libyaml's character counts, which only grow, into places.
class Cursor {
 public:
  Cursor(const Source& source, Chunk chunk)
      : text_(source.text()),
        chunk_(chunk),
        start_(source.Locate(chunk.begin)) {
    Restart();
  }

  Position MoveTo(size_t index) {
    if (index < index_) Restart();
    while (index_ < index && offset_ < chunk_.end) {
      if (index - index_ >= 8 && chunk_.end - offset_ >= 8 &&
          IsPlain(text_.data() + offset_)) {
        offset_ += 8;
        index_ += 8;
        position_.column += 8;
      } else {
        Step();
      }
    }
    return position_;
  }

  // Characters from here to the end of the line.
  int RestOfLine() const {
    size_t end = offset_;
    while (end < chunk_.end && text_[end] != '\n' && text_[end] != '\r') ++end;
    return static_cast<int>(
        base::CountCodePoints(text_.substr(offset_, end - offset_)));
  }

  size_t offset() const { return offset_; }

 private:
  void Restart() {
    index_ = 0;
    offset_ = chunk_.begin;
    position_ = start_;
  }

  // Whether eight bytes are ASCII and none is a control character.
  static bool IsPlain(const char* text) {
    constexpr uint64_t kTopBits = 0x8080808080808080u;
    constexpr uint64_t kBlanks = 0x2020202020202020u;
    uint64_t bytes;
    std::memcpy(&bytes, text, 8);
    // A byte from 0x20 on keeps the top bit that it is given.
    return (bytes & kTopBits) == 0 &&
           (((bytes | kTopBits) - kBlanks) & kTopBits) == kTopBits;
  }

  void Step() {
    const char c = text_[offset_];
    const bool line_ends =
        c == '\n' || (c == '\r' && (offset_ + 1 >= text_.size() ||
                                    text_[offset_ + 1] != '\n'));
    offset_ += static_cast<unsigned char>(c) < 0x80
                   ? 1
                   : base::DecodeUtf8(text_.substr(offset_)).length;
    ++index_;
    if (line_ends) {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
  }

  std::string_view text_;
  Chunk chunk_;
  Position start_;
  size_t index_ = 0;
  size_t offset_ = 0;
  Position position_;
};

std::string_view View(const yaml_char_t* text) {
  return text == nullptr
             ? std::string_view()
             : std::string_view(reinterpret_cast<const char*>(text));
}

// The steps from the root to a node: 2i is the key, 2i + 1 the value of entry
// i of a mapping; i is item i of a sequence.
using Path = std::vector<uint32_t>;

struct Size {
  int nodes = 0;
  int depth = 0;
};

Size Measure(const YamlNode& node) {
  Size size{1, 1};
  const auto add = [&size](const YamlNode& child) {
    const Size inner = Measure(child);
    size.nodes += inner.nodes;
    size.depth = std::max(size.depth, inner.depth + 1);
  };
  for (const YamlNode& item : node.items) add(item);
  for (const auto& [key, value] : node.entries) {
    add(key);
    add(value);
  }
  return size;
}

class ChunkParser {
 public:
  ChunkParser(const Source& source, Chunk chunk, const YamlOptions& options,
              Diagnostics* diagnostics)
      : chunk_text_(std::string_view(source.text())
                        .substr(chunk.begin, chunk.end - chunk.begin)),
        chunk_(chunk),
        source_(source),
        options_(options),
        cursor_(source, chunk),
        reporter_(source, diagnostics) {
    usable_ = yaml_parser_initialize(&parser_) != 0;
    if (!usable_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(chunk_text_.data()),
        chunk_text_.size());
  }
  ~ChunkParser() {
    if (usable_) yaml_parser_delete(&parser_);
  }
  ChunkParser(const ChunkParser&) = delete;
  ChunkParser& operator=(const ChunkParser&) = delete;

  // Appends the documents of the chunk; the first fault ends it.
  void Run(std::vector<YamlDocument>* documents, int* found) {
    if (!usable_) {
      ++*found;
      reporter_.Error("T003", {cursor_.MoveTo(0), 0}, "out of memory");
      return;
    }
    bool more = true;
    while (more) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) {
        ReportSyntax();
        ++*found;
        return;
      }
      const bool good = Handle(event, documents, found);
      more = event.type != YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
      if (!good) {
        ++*found;
        return;
      }
    }
  }

 private:
  // A collection that is being read.
  struct Frame {
    YamlNode node;
    YamlNode key;  // Of the entry being read.
    bool has_key = false;
  };

  bool Handle(const yaml_event_t& event, std::vector<YamlDocument>* documents,
              int* found) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        StartDocument();
        return true;
      case YAML_DOCUMENT_END_EVENT:
        EndDocument(documents, found);
        return true;
      case YAML_SCALAR_EVENT:
        return AddScalar(event);
      case YAML_ALIAS_EVENT:
        return AddAlias(event);
      case YAML_SEQUENCE_START_EVENT:
        return StartCollection(event, YamlNode::kSequence,
                               event.data.sequence_start.anchor,
                               event.data.sequence_start.tag);
      case YAML_MAPPING_START_EVENT:
        return StartCollection(event, YamlNode::kMapping,
                               event.data.mapping_start.anchor,
                               event.data.mapping_start.tag);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return EndCollection();
      default:
        return true;
    }
  }

  void StartDocument() {
    stack_.clear();
    anchors_.clear();
    root_ = YamlNode();
    nodes_ = 0;
    alias_nodes_ = 0;
  }

  void EndDocument(std::vector<YamlDocument>* documents, int* found) {
    const bool empty = root_.is_null() && root_.range.length == 0;
    if (empty) return;
    ++*found;
    Position start = root_.range.start;
    documents->push_back({std::move(root_), start});
  }

  bool AddScalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    YamlNode node;
    node.kind = YamlNode::kScalar;
    node.range = RangeOf(event);
    node.value.assign(reinterpret_cast<const char*>(scalar.value),
                      scalar.length);
    node.quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
    const std::string_view tag = View(scalar.tag);
    if (!CheckTag(tag, node.range)) return false;
    // `! x` and `!!str x` ask for text as quotes do.
    if (tag == "!" || tag == YAML_STR_TAG) node.quoted = true;
    return CountNodes(1, node.range) && SetAnchor(scalar.anchor, node.range) &&
           Attach(std::move(node));
  }

  bool AddAlias(const yaml_event_t& event) {
    const Range range = RangeOf(event);
    const std::string_view name = View(event.data.alias.anchor);
    const auto anchor = anchors_.find(name);
    if (anchor == anchors_.end()) {
      reporter_.Error("T003", range,
                      "no anchor " + Quoted(name) + " before its alias",
                      "put a value that starts with `*` into single quotes");
      return false;
    }
    const YamlNode* target = Resolve(anchor->second);
    if (target == nullptr) {
      reporter_.Error("T003", range,
                      "alias " + Quoted(name) + " lies inside its own anchor");
      return false;
    }
    const Size size = Measure(*target);
    alias_nodes_ += size.nodes;
    if (alias_nodes_ > options_.max_alias_nodes) {
      reporter_.Error("T005", range,
                      "aliases add more than " +
                          std::to_string(options_.max_alias_nodes) +
                          " values to the document",
                      "write the values out, or split the document");
      return false;
    }
    if (static_cast<int>(stack_.size()) + size.depth > options_.max_depth) {
      return ReportDepth(range);
    }
    if (!CountNodes(size.nodes, range)) return false;
    YamlNode copy = *target;
    return Attach(std::move(copy));
  }

  bool StartCollection(const yaml_event_t& event, YamlNode::Kind kind,
                       const yaml_char_t* anchor, const yaml_char_t* tag) {
    YamlNode node;
    node.kind = kind;
    node.range = {cursor_.MoveTo(event.start_mark.index), 1};
    if (static_cast<int>(stack_.size()) + 1 > options_.max_depth) {
      return ReportDepth(node.range);
    }
    if (!CheckTag(View(tag), node.range) || !CountNodes(1, node.range) ||
        !SetAnchor(anchor, node.range)) {
      return false;
    }
    stack_.push_back({std::move(node), {}, false});
    return true;
  }

  bool EndCollection() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    return Attach(std::move(node));
  }

  // Puts a finished node where it belongs.
  bool Attach(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& parent = stack_.back();
    if (parent.node.is_sequence()) {
      if (parent.node.items.empty()) parent.node.items.reserve(kFirstChildren);
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      if (parent.node.entries.empty()) {
        parent.node.entries.reserve(kFirstChildren);
      }
      parent.node.entries.emplace_back(std::move(parent.key), std::move(node));
      parent.has_key = false;
    } else if (!node.is_scalar()) {
      reporter_.Error("T003", node.range,
                      "a key must be text, found a list or map",
                      "put a key that starts with `[`, `{` or `?` into single "
                      "quotes");
      return false;
    } else {
      parent.key = std::move(node);
      parent.has_key = true;
    }
    return true;
  }

  bool SetAnchor(const yaml_char_t* anchor, Range range) {
    if (anchor == nullptr) return true;
    Path path;
    path.reserve(stack_.size());
    for (const Frame& frame : stack_) {
      path.push_back(static_cast<uint32_t>(frame.node.is_sequence()
                                               ? frame.node.items.size()
                                               : frame.node.entries.size() * 2 +
                                                     (frame.has_key ? 1 : 0)));
    }
    if (anchors_.size() >= kMaxAnchors) {
      reporter_.Error("T005", range,
                      "more than " + std::to_string(kMaxAnchors) +
                          " anchors in one document");
      return false;
    }
    anchors_.insert_or_assign(std::string(View(anchor)), std::move(path));
    return true;
  }

  // The node at `path`; null while it is still being read.
  const YamlNode* Resolve(const Path& path) const {
    if (stack_.empty() || path.empty()) return nullptr;
    size_t frame = 0;  // Its node is `node`, as long as that is unfinished.
    const YamlNode* node = &stack_[0].node;
    for (size_t i = 0; i < path.size(); ++i) {
      const bool unfinished =
          frame < stack_.size() && node == &stack_[frame].node;
      const size_t step = path[i];
      if (node->is_sequence() && step < node->items.size()) {
        node = &node->items[step];
      } else if (node->is_mapping() && step / 2 < node->entries.size()) {
        const auto& entry = node->entries[step / 2];
        node = step % 2 == 0 ? &entry.first : &entry.second;
      } else if (unfinished && node->is_mapping() && step % 2 == 0 &&
                 stack_[frame].has_key) {
        node = &stack_[frame].key;
      } else if (unfinished && frame + 1 < stack_.size()) {
        node = &stack_[++frame].node;
        if (i + 1 == path.size()) return nullptr;
      } else {
        return nullptr;
      }
    }
    return node;
  }

  bool CheckTag(std::string_view tag, Range range) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "!") return true;
    if (tag.starts_with(kCore)) {
      const std::string_view name = tag.substr(kCore.size());
      for (std::string_view known :
           {"str", "int", "float", "bool", "null", "map", "seq"}) {
        if (name == known) return true;
      }
    }
    reporter_.Error("T003", range, "unknown YAML tag " + Quoted(tag),
                    "put a value that starts with `!` into single quotes");
    return false;
  }

  bool CountNodes(int count, Range range) {
    nodes_ += count;
    if (nodes_ <= options_.max_nodes) return true;
    reporter_.Error("T005", range,
                    "more than " + std::to_string(options_.max_nodes) +
                        " values in one document",
                    "split the document");
    return false;
  }

  bool ReportDepth(Range range) {
    reporter_.Error("T005", range,
                    "maps and lists are nested more than " +
                        std::to_string(options_.max_depth) + " deep");
    return false;
  }

  void ReportSyntax() {
    const std::string problem =
        parser_.problem == nullptr ? "out of memory" : parser_.problem;
    Range range;
    if (parser_.error == YAML_READER_ERROR) {
      range = {source_.Locate(chunk_.begin + parser_.problem_offset), 1};
    } else if (parser_.context != nullptr &&
               problem.find("found unexpected") != std::string::npos) {
      // What is not closed, rather than where the text ends.
      range = {cursor_.MoveTo(parser_.context_mark.index), 1};
    } else {
      range = {cursor_.MoveTo(parser_.problem_mark.index), 1};
    }
    reporter_.Error("T003", range, "not valid YAML: " + problem,
                    HelpFor(problem));
  }

  Range RangeOf(const yaml_event_t& event) {
    const Position start = cursor_.MoveTo(event.start_mark.index);
    const int length =
        event.start_mark.line == event.end_mark.line
            ? static_cast<int>(event.end_mark.index - event.start_mark.index)
            : cursor_.RestOfLine();
    return {start, length};
  }

  std::string_view chunk_text_;
  Chunk chunk_;
  const Source& source_;
  const YamlOptions& options_;
  Cursor cursor_;
  Reporter reporter_;
  yaml_parser_t parser_;
  bool usable_ = false;

  std::vector<Frame> stack_;
  YamlNode root_;
  base::StringMap<Path> anchors_;
  int nodes_ = 0;
  int alias_nodes_ = 0;
};

// Reports the keys that `node` or a node below has twice.
bool CheckKeys(const YamlNode& node, Reporter* reporter) {
  bool good = true;
  for (const YamlNode& item : node.items) {
    good = CheckKeys(item, reporter) && good;
  }
  base::StringMap<int> lines;
  // A short map is searched faster than hashed.
  constexpr size_t kShort = 12;
  const bool is_short = node.entries.size() <= kShort;
  for (size_t i = 0; i < node.entries.size(); ++i) {
    const auto& [key, value] = node.entries[i];
    int first_line = 0;
    if (is_short) {
      for (size_t j = 0; j < i && first_line == 0; ++j) {
        const YamlNode& other = node.entries[j].first;
        if (other.value == key.value) first_line = other.range.start.line;
      }
    } else {
      const auto [place, is_new] =
          lines.try_emplace(key.value, key.range.start.line);
      if (!is_new) first_line = place->second;
    }
    if (first_line != 0) {
      good = false;
      reporter->Error("T004", key.range,
                      "key " + Quoted(key.value) +
                          " is repeated; it is first on line " +
                          std::to_string(first_line),
                      "a map holds each key once: merge the two, or put them "
                      "into maps of their own");
    }
    good = CheckKeys(value, reporter) && good;
  }
  return good;
}

// Reports text in another encoding. False: nothing can be read.
bool CheckEncoding(const Source& source, Reporter* reporter) {
  const std::string& text = source.text();
  const bool utf16 =
      text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
      (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
  if (!utf16) return true;
  reporter->Error("T002", {}, "the file is UTF-16, expected UTF-8",
                  "save the file as UTF-8");
  return false;
}

bool CheckUtf8(const Source& source, Chunk chunk, Reporter* reporter) {
  const std::string_view text =
      std::string_view(source.text())
          .substr(chunk.begin, chunk.end - chunk.begin);
  if (base::IsValidUtf8(text)) return true;
  size_t offset = 0;
  while (offset < text.size()) {
    const base::CodePoint c = base::DecodeUtf8(text.substr(offset));
    if (c.value == base::kReplacementCharacter && c.length == 1) break;
    offset += c.length;
  }
  reporter->Error("T002", {source.Locate(chunk.begin + offset), 1},
                  "this byte is not UTF-8", "save the file as UTF-8");
  return false;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, node] : entries) {
    if (name.value == key) return &node;
  }
  return nullptr;
}

bool YamlNode::is_null() const {
  if (!is_scalar() || quoted) return false;
  return value.empty() || value == "~" || value == "null" || value == "Null" ||
         value == "NULL";
}

std::optional<bool> YamlNode::AsBool() const {
  if (!is_scalar() || quoted) return std::nullopt;
  if (value == "true" || value == "True" || value == "TRUE") return true;
  if (value == "false" || value == "False" || value == "FALSE") return false;
  return std::nullopt;
}

std::optional<base::Number> YamlNode::AsNumber() const {
  if (!is_scalar() || quoted || value.empty()) return std::nullopt;
  const std::string_view text = value;
  if (text[0] == '+') {
    if (text.size() < 2 || text[1] == '-') return std::nullopt;
    return base::ParseNumber(text.substr(1));
  }
  return base::ParseNumber(text);
}

std::vector<YamlDocument> ParseYaml(const Source& source,
                                    Diagnostics* diagnostics, int* found,
                                    const YamlOptions& options) {
  *found = 0;
  std::vector<YamlDocument> documents;
  Reporter file_reporter(source, diagnostics);
  if (!CheckEncoding(source, &file_reporter)) {
    *found = 1;
    return documents;
  }
  const std::vector<Chunk> chunks = SplitDocuments(source);
  for (const Chunk& chunk : chunks) {
    // Counted by their `---`, empty ones included: each takes a parser.
    if (&chunk - chunks.data() >= kMaxDocuments) {
      ++*found;
      file_reporter.Error("T005", {source.Locate(chunk.begin), 0},
                          "more than " + std::to_string(kMaxDocuments) +
                              " documents in one file; the rest is not read",
                          "split the file");
      break;
    }
    Reporter reporter(source, diagnostics);
    if (!CheckUtf8(source, chunk, &reporter)) {
      ++*found;
      continue;
    }
    const size_t before = documents.size();
    ChunkParser(source, chunk, options, diagnostics).Run(&documents, found);
    // Documents with repeated keys are dropped here, already counted.
    const auto bad =
        std::remove_if(documents.begin() + before, documents.end(),
                       [&reporter](const YamlDocument& document) {
                         return !CheckKeys(document.root, &reporter);
                       });
    documents.erase(bad, documents.end());
  }
  return documents;
}

}  // namespace tocsin::text

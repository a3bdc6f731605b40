#include "src/frontend/kql/print.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/frontend/kql/words.h"

namespace tocsin::kql {
namespace {

// The field that all of a canonical tree is about; null if there is none.
const Field* FieldOf(const Node& node) {
  if (node.kind == Node::kNot) return FieldOf(node.children[0]);
  return node.kind == Node::kIs || node.is_list ? node.field.get() : nullptr;
}

bool IsJoined(const Node& node) {
  return node.kind == Node::kAnd || node.kind == Node::kOr;
}

// `node`, or the parts of it if it is of this kind.
void Flatten(Node node, Node::Kind kind, std::vector<Node>* into) {
  if (node.kind != kind) {
    into->push_back(std::move(node));
    return;
  }
  for (Node& child : node.children) into->push_back(std::move(child));
}

Node Joined(Node::Kind kind, std::vector<Node> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  Node node;
  node.kind = kind;
  node.children = std::move(parts);
  return node;
}

Node Negated(Node node) {
  if (node.kind == Node::kNot) return Node(std::move(node.children[0]));
  Node negated;
  negated.kind = Node::kNot;
  negated.children.push_back(std::move(node));
  return negated;
}

// Tests of one field as one list: values come before what is made of several,
// and `not` stands around all values it can stand around.
Node ToList(Node::Kind kind, std::vector<Node> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  const std::shared_ptr<const Field> field = [&] {
    const Node* node = parts.data();
    while (node->kind == Node::kNot) node = node->children.data();
    return node->field;
  }();
  std::vector<Node> plain;
  std::vector<Node> negated;
  const Node::Kind opposite = kind == Node::kAnd ? Node::kOr : Node::kAnd;
  for (Node& part : parts) {
    if (part.kind == Node::kNot) {
      Flatten(std::move(part.children[0]), opposite, &negated);
    } else {
      plain.push_back(std::move(part));
    }
  }
  const auto sorted = [](std::vector<Node>* nodes) {
    std::stable_partition(nodes->begin(), nodes->end(),
                          [](const Node& node) { return !IsJoined(node); });
  };
  const auto list = [&](Node::Kind of, std::vector<Node> nodes) {
    sorted(&nodes);
    Node joined = Joined(of, std::move(nodes));
    if (IsJoined(joined)) {
      joined.is_list = true;
      joined.field = field;
    }
    return joined;
  };
  if (negated.empty()) return list(kind, std::move(plain));
  Node inner = Negated(list(opposite, std::move(negated)));
  if (plain.empty()) return inner;
  sorted(&plain);
  plain.push_back(std::move(inner));
  Node joined = Joined(kind, std::move(plain));
  joined.is_list = true;
  joined.field = field;
  return joined;
}

// At the beginning of a text it is no part of it.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsSpecial(char c) {
  return std::string_view("\\():<>\"*{}").find(c) != std::string_view::npos;
}

bool IsSpace(char c) {
  return absl::ascii_isspace(static_cast<unsigned char>(c));
}

class Printer {
 public:
  explicit Printer(const FieldTypes& types) : types_(types) {}

  std::string Print(const Node& node) const {
    switch (node.kind) {
      case Node::kAll:
      case Node::kError:
        return {};
      case Node::kAnd:
      case Node::kOr:
        return node.is_list ? List(node) : Join(node, false);
      case Node::kNot: {
        const Node& child = node.children[0];
        const bool brackets = IsJoined(child) && !child.is_list;
        return "not " + (brackets ? "(" + Print(child) + ")" : Print(child));
      }
      case Node::kIs:
        return Unquoted(node.field->name) + ":" + Text(node);
      case Node::kRange:
        return Unquoted(node.field->name) + " " +
               std::string(Spelling(node.op)) + " " + Text(node);
      case Node::kFree:
        return Text(node);
      case Node::kNested:
        return Unquoted(node.field->name) + ":{ " + Print(node.children[0]) +
               " }";
    }
    return {};
  }

  // Words without quotes; keywords among them are escaped.
  static std::string Unquoted(const WildText& text) {
    std::string out;
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      if (i > 0) out += '*';
      const std::string& piece = text.pieces[i];
      size_t at = 0;
      if (i == 0 && piece.starts_with(kByteOrderMark)) {
        out += "\\uFEFF";
        at = kByteOrderMark.size();
      }
      while (at < piece.size()) {
        size_t end = at;
        while (end < piece.size() &&
               absl::ascii_isalnum(static_cast<unsigned char>(piece[end]))) {
          ++end;
        }
        if (end > at) {
          const std::string_view word =
              std::string_view(piece).substr(at, end - at);
          if (IsKeyword(word) &&
              (end == piece.size() || IsSpecial(piece[end]) ||
               IsSpace(piece[end]))) {
            out += '\\';
          }
          out += word;
          at = end;
          continue;
        }
        const char c = piece[at++];
        // Spaces at the ends would be lost, and `\n` might begin `\not`.
        const bool at_end = (i == 0 && at == 1) ||
                            (i + 1 == text.pieces.size() && at == piece.size());
        if (IsSpace(c) && (c != ' ' || at_end)) {
          absl::StrAppend(&out, "\\u", absl::Hex(c, absl::kZeroPad4));
        } else {
          if (IsSpecial(c)) out += '\\';
          out += c;
        }
      }
    }
    return out;
  }

 private:
  std::string List(const Node& node) const {
    return Unquoted(node.field->name) + ":(" + Join(node, true) + ")";
  }

  // In a list only the values are written.
  std::string Join(const Node& node, bool in_list) const {
    const bool is_or = node.kind == Node::kOr;
    std::string text;
    for (const Node& child : node.children) {
      if (!text.empty()) text += is_or ? " or " : " and ";
      const bool brackets = IsJoined(child) && (in_list || !child.is_list) &&
                            (!is_or || child.kind == Node::kOr);
      const std::string part = in_list ? Values(child) : Print(child);
      text += brackets ? "(" + part + ")" : part;
    }
    return text;
  }

  std::string Values(const Node& node) const {
    if (IsJoined(node)) return Join(node, true);
    if (node.kind != Node::kNot) return Text(node);
    const Node& child = node.children[0];
    return "not " +
           (IsJoined(child) ? "(" + Join(child, true) + ")" : Values(child));
  }

  std::string Text(const Node& node) const {
    const Value& value = node.value;
    if (value.kind == Value::kWild) return Unquoted(value.text);
    const std::string& text = value.text.pieces[0];
    // Between quotes words make a phrase where words are what is looked for.
    const bool words = node.kind == Node::kFree ||
                       (node.kind == Node::kIs &&
                        types_.Of(node.field->name.Text()) == FieldType::kText);
    if (words && WordsOf(text).size() > 1) {
      return value.quoted ? Quoted(text) : Unquoted(value.text);
    }
    const bool literal = text == "true" || text == "false" || text == "null";
    return (literal && value.quoted) || NeedsQuotes(text) ? Quoted(text) : text;
  }

  static bool IsKeyword(std::string_view text) {
    const std::string lower =
        absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
    return lower == "and" || lower == "or" || lower == "not";
  }

  static bool NeedsQuotes(std::string_view text) {
    return text.empty() || IsKeyword(text) ||
           text.starts_with(kByteOrderMark) ||
           std::any_of(text.begin(), text.end(),
                       [](char c) { return IsSpace(c) || IsSpecial(c); });
  }

  static std::string Quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (const char letter = SpaceLetter(c)) {
        out += '\\';
        out += letter;
      } else {
        out += c;
      }
    }
    return out + '"';
  }

  static char SpaceLetter(char c) {
    return c == '\t' ? 't' : c == '\r' ? 'r' : c == '\n' ? 'n' : '\0';
  }

  const FieldTypes& types_;
};

void PrintTree(const Node& node, int depth, std::string* out) {
  constexpr std::string_view kKinds[] = {
      "all", "and", "or", "not", "is", "range", "free", "nested", "error"};
  constexpr std::string_view kValues[] = {"text", "number", "bool", "null",
                                          "wild"};
  out->append(static_cast<size_t>(depth) * 2, ' ');
  *out += kKinds[node.kind];
  if (node.field != nullptr && !node.is_list) {
    *out += " " + node.field->name.Text();
  }
  if (node.kind == Node::kRange) *out += " " + std::string(Spelling(node.op));
  if (node.kind == Node::kIs || node.kind == Node::kRange ||
      node.kind == Node::kFree) {
    *out += " " + std::string(kValues[node.value.kind]) +
            (node.value.quoted ? " quoted " : " ") + "`" +
            node.value.text.Text() + "`";
  }
  *out += '\n';
  for (const Node& child : node.children) PrintTree(child, depth + 1, out);
}

}  // namespace

Node ToCanonical(Node node) {
  if (node.kind == Node::kNested) {
    node.children[0] = ToCanonical(std::move(node.children[0]));
    return node;
  }
  if (node.kind == Node::kNot) {
    return Negated(ToCanonical(std::move(node.children[0])));
  }
  if (!IsJoined(node)) return node;
  std::vector<Node> parts;
  for (Node& child : node.children) {
    Flatten(ToCanonical(std::move(child)), node.kind, &parts);
  }
  // By field, in the order in which the fields come.
  std::vector<std::vector<Node>> groups;
  base::StringMap<size_t> group_of;
  for (Node& part : parts) {
    const Field* const field = FieldOf(part);
    const auto [it, added] =
        field == nullptr ? std::pair(group_of.end(), true)
                         : group_of.try_emplace(Printer::Unquoted(field->name),
                                                groups.size());
    if (added) groups.emplace_back();
    (added ? groups.back() : groups[it->second]).push_back(std::move(part));
  }
  std::vector<Node> lists;
  lists.reserve(groups.size());
  for (std::vector<Node>& group : groups) {
    lists.push_back(ToList(node.kind, std::move(group)));
  }
  return Joined(node.kind, std::move(lists));
}

std::string Print(const Node& node, const FieldTypes& types) {
  return Printer(types).Print(node);
}

std::string PrintTree(const Node& node) {
  std::string out;
  PrintTree(node, 0, &out);
  return out;
}

}  // namespace tocsin::kql

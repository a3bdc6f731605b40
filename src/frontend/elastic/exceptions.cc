#include "src/frontend/elastic/exceptions.h"

#include <memory>
#include <optional>
#include <utility>

#include "src/frontend/elastic/filter.h"
#include "src/frontend/elastic/members.h"
#include "src/frontend/kql/ast.h"
#include "src/frontend/kql/lower.h"

namespace tocsin::elastic {
namespace {

using ir::Expr;
using text::Quoted;

class ItemLowerer {
 public:
  ItemLowerer(const kql::FieldTypes& types, text::Reporter* reporter)
      : types_(types), reporter_(*reporter), filters_(types, reporter) {}

  Expr Item(const Value& object) {
    const Members item(object, &reporter_);
    const std::vector<const Value*> entries = item.Objects("entries");
    if (entries.empty()) {
      reporter_.Error("T608", item.PlaceOfObject(),
                      "an exception needs `entries`");
    }
    std::vector<Expr> all;
    for (const Value* entry : entries) all.push_back(Entry(*entry));
    std::vector<Expr> systems;
    for (const std::string& system : item.Texts("os_types")) {
      systems.push_back(filters_.Is("host.os.type", system, true, object.span));
    }
    if (!systems.empty()) all.push_back(Expr::Or(std::move(systems)));
    if (const Value* end = item.Find("expire_time", Value::kString)) {
      // There is no clock but that of the events.
      all.push_back(filters_.Compare("@timestamp", kql::RangeOp::kLt, end->text,
                                     end->span));
    }
    return Expr::And(std::move(all));
  }

 private:
  Expr Refuse(const Members& entry, std::string message,
              std::string help = {}) {
    reporter_.Error("T608", entry.PlaceOfObject(), std::move(message),
                    std::move(help));
    return Expr::False();
  }

  Expr Entry(const Value& object) {
    const Members entry(object, &reporter_);
    const std::string field = entry.RequiredText("field");
    const std::string type = entry.RequiredText("type");
    if (field.empty() || type.empty()) return Expr::False();
    if (type == "nested") return Nested(entry, field);
    const std::string op = entry.Text("operator");
    if (!op.empty() && op != "included" && op != "excluded") {
      return Refuse(entry,
                    "`operator` is included or excluded, found " + Quoted(op));
    }
    Expr expr = Plain(entry, field, type);
    return op == "excluded" ? Expr::Not(std::move(expr)) : expr;
  }

  Expr Plain(const Members& entry, const std::string& field,
             const std::string& type) {
    const text::Span span = entry.object().span;
    if (type == "exists") return filters_.Exists(field, span);
    if (type == "list") {
      return Refuse(entry, "an exception by a value list is not covered",
                    "write the values as entries of type `match_any`");
    }
    const Value* value = entry.Find("value");
    if (value == nullptr) return Refuse(entry, "the entry has no `value`");
    if (type == "match" || type == "wildcard") {
      const std::optional<std::string> text = FilterLowerer::ScalarText(*value);
      if (!text) return Refuse(entry, "`value` is one text");
      return type == "match"
                 ? filters_.Is(field, *text, true, span)
                 : filters_.Wildcard(field, *text, false, value->span);
    }
    if (type == "match_any") {
      std::vector<Expr> any;
      for (const std::string& text : entry.Texts("value")) {
        any.push_back(filters_.Is(field, text, true, span));
      }
      return any.empty() ? Refuse(entry, "`value` is a list of texts")
                         : Expr::Or(std::move(any));
    }
    return Refuse(entry, "there is no entry of type " + Quoted(type),
                  "types are match, match_any, exists, wildcard and nested");
  }

  // One object of a field satisfies all entries.
  Expr Nested(const Members& entry, const std::string& field) {
    kql::Node all;
    all.kind = kql::Node::kAnd;
    all.span = entry.object().span;
    for (const Value* inner : entry.Objects("entries")) {
      std::optional<kql::Node> node = NestedEntry(*inner);
      if (!node) return Expr::False();
      all.children.push_back(*std::move(node));
    }
    if (all.children.empty()) {
      return Refuse(entry, "a nested entry needs `entries`");
    }
    kql::Node node = NodeOf(kql::Node::kNested, field, all.span);
    if (all.children.size() == 1) {
      node.children.push_back(std::move(all.children[0]));
    } else {
      node.children.push_back(std::move(all));
    }
    return kql::Lower(node, types_, &reporter_);
  }

  std::optional<kql::Node> NestedEntry(const Value& object) {
    const Members entry(object, &reporter_);
    const std::string field = entry.RequiredText("field");
    const std::string type = entry.RequiredText("type");
    if (field.empty() || type.empty()) return std::nullopt;
    std::optional<kql::Node> node;
    if (type == "exists") {
      node = NodeOf(kql::Node::kIs, field, object.span);
      node->value.kind = kql::Value::kWild;
      node->value.text.pieces = {"", ""};
    } else if (type == "match" || type == "match_any") {
      const std::vector<std::string> texts = entry.Texts("value");
      kql::Node any;
      any.kind = kql::Node::kOr;
      any.span = object.span;
      for (const std::string& text : texts) {
        kql::Node is = NodeOf(kql::Node::kIs, field, object.span);
        is.value.quoted = true;
        is.value.text.pieces = {text};
        any.children.push_back(std::move(is));
      }
      if (any.children.empty()) {
        Refuse(entry, "the entry has no `value`");
        return std::nullopt;
      }
      if (any.children.size() == 1) {
        node = std::move(any.children[0]);
      } else {
        node = std::move(any);
      }
    } else {
      Refuse(entry, "an entry of type " + Quoted(type) + " cannot be nested",
             "match, match_any and exists can");
      return std::nullopt;
    }
    if (entry.Text("operator") != "excluded") return node;
    kql::Node no;
    no.kind = kql::Node::kNot;
    no.span = object.span;
    no.children.push_back(*std::move(node));
    return no;
  }

  static kql::Node NodeOf(kql::Node::Kind kind, const std::string& field,
                          text::Span span) {
    auto name = std::make_shared<kql::Field>();
    name->name.pieces = {field};
    name->span = span;
    kql::Node node;
    node.kind = kind;
    node.field = std::move(name);
    node.span = span;
    node.value.span = span;
    return node;
  }

  const kql::FieldTypes& types_;
  text::Reporter& reporter_;
  FilterLowerer filters_;
};

// Rules of other files use the condition too: it has no place in theirs.
void DropPlaces(Expr* expr) {
  expr->range = {};
  for (Expr& child : expr->children) DropPlaces(&child);
}

int64_t CountNodes(const Expr& expr) {
  int64_t count = 1;
  for (const Expr& child : expr.children) count += CountNodes(child);
  return count;
}

}  // namespace

bool IsExceptionItem(const Value& object) {
  return object.is_object() && object.Find("list_id") != nullptr &&
         object.Find("entries") != nullptr;
}

bool IsExceptionList(const Value& object) {
  return object.is_object() && object.Find("list_id") != nullptr &&
         object.Find("entries") == nullptr && object.Find("rule_id") == nullptr;
}

void ExceptionLists::AddItem(const Value& object, const kql::FieldTypes& types,
                             text::Reporter* reporter) {
  const int before = reporter->errors();
  const std::string id = Members(object, reporter).RequiredText("list_id");
  Expr expr = ItemLowerer(types, reporter).Item(object);
  List& list = lists_[id];
  if (reporter->errors() > before) {
    list.is_broken = true;
    return;
  }
  DropPlaces(&expr);
  list.nodes += CountNodes(expr);
  list.items.push_back(std::move(expr));
}

void ExceptionLists::AddList(const Value& object) {
  const Value* id = object.Find("list_id");
  if (id != nullptr) lists_.try_emplace(id->text);
}

const ExceptionLists::List* ExceptionLists::Find(std::string_view id) const {
  const auto it = lists_.find(id);
  return it == lists_.end() ? nullptr : &it->second;
}

}  // namespace tocsin::elastic

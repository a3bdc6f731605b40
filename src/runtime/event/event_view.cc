#include "src/runtime/event/event_view.h"

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>

namespace tocsin::runtime {
namespace {

// A member of an EVTX event as rules name it: `name`, or `name_attribute`, both
// without their spaces.
struct Lifted {
  std::string_view name;
  std::string_view attribute;
  uint32_t node = 0;     // 0: an element without text, the empty string.
  uint32_t hash = 0;     // Of the name that rules use.
  uint32_t next = 0;     // The next of its bucket, by index + 1.
  bool is_data = false;  // From EventData or UserData.
};

// Where winlogbeat keeps what EVTX calls `name`.
struct WinlogName {
  std::string_view name;
  std::string_view path;
};
constexpr std::array<WinlogName, 11> kWinlogNames = {{
    {"Channel", "winlog.channel"},
    {"EventID", "winlog.event_id"},
    {"Provider_Name", "winlog.provider_name"},
    {"Provider_Name", "event.provider"},
    {"Provider_Guid", "winlog.provider_guid"},
    {"Computer", "winlog.computer_name"},
    {"EventRecordID", "winlog.record_id"},
    {"Execution_ProcessID", "winlog.process.pid"},
    {"Execution_ThreadID", "winlog.process.thread.id"},
    {"Correlation_ActivityID", "winlog.activity_id"},
    {"Security_UserID", "winlog.user.identifier"},
}};
constexpr std::array<std::string_view, 2> kWinlogData = {"winlog.event_data.",
                                                         "winlog.user_data."};

// FNV-1a over what rules write: the name without its spaces.
constexpr uint32_t kHashStart = 2166136261;
uint32_t HashWithoutSpaces(std::string_view text, uint32_t hash) {
  for (const char c : text) {
    if (c != ' ') hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

// Takes `part`, without its spaces, from the front of `*rest`.
bool ConsumeWithoutSpaces(std::string_view part, std::string_view* rest) {
  for (const char c : part) {
    if (c == ' ') continue;
    if (rest->empty() || rest->front() != c) return false;
    rest->remove_prefix(1);
  }
  return true;
}

bool Names(const Lifted& lifted, std::string_view field) {
  if (!ConsumeWithoutSpaces(lifted.name, &field)) return false;
  if (lifted.attribute.empty()) return field.empty();
  if (field.empty() || field.front() != '_') return false;
  field.remove_prefix(1);
  return ConsumeWithoutSpaces(lifted.attribute, &field) && field.empty();
}

// Windows writes lists of codes with a line break and tabs behind each. What
// trails the last one is layout.
std::string_view TrimListLayout(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n");
  const size_t behind = last == std::string_view::npos ? 0 : last + 1;
  const size_t layout = text.find_first_of("\t\r\n", behind);
  return text.substr(0, layout);
}

bool IsAttributes(std::string_view key) {
  return key == "#attributes" || key == "attributes";
}

bool IsScalar(const FieldValue& value) {
  return !value.is_null() && value.kind() != FieldKind::kObject;
}

}  // namespace

struct EventView::Impl {
  enum class Shape { kPlain, kEvtx, kWinlog };

  LoadResult Load(const Event& event);
  bool Find(std::string_view field, std::vector<FieldValue>* values) const;
  bool FindWhole(std::string_view field,
                 std::vector<base::Value>* values) const;
  void ForEachScalar(
      absl::FunctionRef<void(std::string_view, const FieldValue&)> visit) const;

 private:
  void RecogniseShape();
  bool IsWinlog() const;

  // Offers the members of an EVTX event as its fields.
  void LiftEvent(uint32_t event);
  void IndexLifted();
  void LiftSystem(uint32_t system);
  void LiftData(uint32_t section);
  void LiftDataMember(std::string_view name, uint32_t member);
  void LiftElement(std::string_view name, uint32_t element);
  void Add(std::string_view name, std::string_view attribute, uint32_t node,
           bool is_data);
  // The `Name` attribute of an element; 0 if it has none.
  uint32_t NameAttribute(uint32_t element) const;
  bool IsElement(uint32_t object) const;

  void Append(uint32_t node, std::vector<FieldValue>* values) const;
  void AppendLifted(const Lifted& lifted,
                    std::vector<FieldValue>* values) const;
  bool FindPath(uint32_t node, std::string_view field,
                std::vector<FieldValue>* values) const {
    return FindNodes(node, field, [&](uint32_t i) { Append(i, values); });
  }
  bool FindNodes(uint32_t node, std::string_view field,
                 absl::FunctionRef<void(uint32_t)> found) const;
  base::Value WholeOf(uint32_t node) const;
  bool FindLifted(std::string_view field,
                  std::vector<FieldValue>* values) const;
  bool FindInWinlog(std::string_view field,
                    std::vector<FieldValue>* values) const;
  void VisitFrom(
      uint32_t first, uint32_t end,
      absl::FunctionRef<void(std::string_view, const FieldValue&)> visit) const;

  bool IsObject(uint32_t index) const {
    return index != 0 && tree.node(index).kind == JsonKind::kObject;
  }
  std::string_view KeyOf(uint32_t index) const {
    return tree.key(tree.node(index));
  }

  const FieldLookup* lookup = nullptr;
  JsonTree tree;
  Shape shape = Shape::kPlain;
  std::vector<Lifted> lifted_fields;
  std::vector<uint32_t> buckets;  // Indices into lifted_fields, + 1; 0: none.
  // Parts of an EVTX event that are seen as lifted fields only, in order.
  std::vector<uint32_t> hidden;
  mutable std::string path;  // Scratch.
  mutable std::vector<FieldValue> scratch;
};

LoadResult EventView::Impl::Load(const Event& event) {
  lookup = event.lookup();
  shape = Shape::kPlain;
  lifted_fields.clear();
  hidden.clear();
  if (lookup != nullptr) return LoadResult();
  const LoadResult result = tree.Parse(event.json());
  if (result.ok()) RecogniseShape();
  return result;
}

void EventView::Impl::RecogniseShape() {
  uint32_t event = tree.FindMember(0, "Event");
  if (!IsObject(event)) event = 0;
  const uint32_t system = tree.FindMember(event, "System");
  const bool has_data = IsObject(tree.FindMember(event, "EventData")) ||
                        IsObject(tree.FindMember(event, "UserData"));
  // Outside `Event` the word System alone says little.
  if (IsObject(system) && (event != 0 || has_data)) {
    shape = Shape::kEvtx;
    LiftEvent(event);
  } else if (IsWinlog()) {
    shape = Shape::kWinlog;
  }
}

bool EventView::Impl::IsWinlog() const {
  if (IsObject(tree.FindMember(0, "winlog"))) return true;
  bool found = false;
  tree.ForEachChild(
      0, [&](uint32_t i) { found = found || KeyOf(i).starts_with("winlog."); });
  return found;
}

void EventView::Impl::LiftEvent(uint32_t event) {
  tree.ForEachChild(event, [&](uint32_t i) {
    const std::string_view key = KeyOf(i);
    if (key == "System" && IsObject(i)) {
      LiftSystem(i);
    } else if ((key == "EventData" || key == "UserData") && IsObject(i)) {
      LiftData(i);
    } else if (event == 0 || (!IsAttributes(key) && !key.starts_with('@') &&
                              key != "xmlns")) {
      return;
    }
    hidden.push_back(i);
  });
  IndexLifted();
}

// Names are found by hash: an event may hold a million of them.
void EventView::Impl::IndexLifted() {
  buckets.assign(std::bit_ceil(lifted_fields.size() + 1), 0);
  const auto mask = static_cast<uint32_t>(buckets.size() - 1);
  // From the last on, so that each bucket is in the order of the event.
  for (size_t i = lifted_fields.size(); i > 0; --i) {
    Lifted& lifted = lifted_fields[i - 1];
    uint32_t& bucket = buckets[lifted.hash & mask];
    lifted.next = bucket;
    bucket = static_cast<uint32_t>(i);
  }
}

void EventView::Impl::LiftSystem(uint32_t system) {
  constexpr std::string_view kSeparate = "_attributes";
  tree.ForEachChild(system, [&](uint32_t i) {
    std::string_view name = KeyOf(i);
    if (!IsObject(i)) {
      Add(name, {}, i, /*is_data=*/false);
      return;
    }
    if (name.ends_with(kSeparate)) name.remove_suffix(kSeparate.size());
    tree.ForEachChild(i, [&](uint32_t j) {
      const std::string_view member = KeyOf(j);
      if (member == "#text" || member == "Value") {
        Add(name, {}, j, /*is_data=*/false);
      } else if (IsAttributes(member) && IsObject(j)) {
        tree.ForEachChild(
            j, [&](uint32_t k) { Add(name, KeyOf(k), k, /*is_data=*/false); });
      } else {
        Add(name, member.substr(member.starts_with('@') ? 1 : 0), j,
            /*is_data=*/false);
      }
    });
  });
}

void EventView::Impl::LiftData(uint32_t section) {
  tree.ForEachChild(section, [&](uint32_t i) {
    const std::string_view name = KeyOf(i);
    if (name.starts_with('#') || name.starts_with('@')) return;
    if (IsAttributes(name) && IsObject(i)) return;
    if (tree.node(i).kind != JsonKind::kArray) {
      LiftDataMember(name, i);
      return;
    }
    bool is_empty = true;
    tree.ForEachChild(i, [&](uint32_t j) {
      is_empty = false;
      LiftDataMember(name, j);
    });
    if (is_empty) Add(name, {}, i, /*is_data=*/true);
  });
}

void EventView::Impl::LiftDataMember(std::string_view name, uint32_t member) {
  if (!IsObject(member)) {
    Add(name, {}, member, /*is_data=*/true);
  } else if (IsElement(member)) {
    LiftElement(name, member);
  } else {
    LiftData(member);  // The wrapper of UserData.
  }
}

bool EventView::Impl::IsElement(uint32_t object) const {
  return tree.FindMember(object, "#text") != 0 || NameAttribute(object) != 0;
}

uint32_t EventView::Impl::NameAttribute(uint32_t element) const {
  if (const uint32_t name = tree.FindMember(element, "@Name")) return name;
  for (const std::string_view key : {"#attributes", "attributes"}) {
    const uint32_t attributes = tree.FindMember(element, key);
    if (!IsObject(attributes)) continue;
    if (const uint32_t name = tree.FindMember(attributes, "Name")) return name;
  }
  return 0;
}

void EventView::Impl::LiftElement(std::string_view name, uint32_t element) {
  if (const uint32_t attribute = NameAttribute(element)) {
    const JsonNode& node = tree.node(attribute);
    if (node.kind == JsonKind::kString) name = tree.text(node);
  }
  Add(name, {}, tree.FindMember(element, "#text"), /*is_data=*/true);
}

void EventView::Impl::Add(std::string_view name, std::string_view attribute,
                          uint32_t node, bool is_data) {
  Lifted lifted{
      .name = name, .attribute = attribute, .node = node, .is_data = is_data};
  lifted.hash = HashWithoutSpaces(name, kHashStart);
  if (!attribute.empty()) {
    lifted.hash =
        HashWithoutSpaces(attribute, HashWithoutSpaces("_", lifted.hash));
  }
  lifted_fields.push_back(lifted);
}

void EventView::Impl::Append(uint32_t node,
                             std::vector<FieldValue>* values) const {
  if (tree.node(node).kind != JsonKind::kArray) {
    values->push_back(tree.value(tree.node(node)));
    return;
  }
  tree.ForEachChild(node, [&](uint32_t i) { Append(i, values); });
}

void EventView::Impl::AppendLifted(const Lifted& lifted,
                                   std::vector<FieldValue>* values) const {
  if (lifted.node == 0) {
    values->push_back(FieldValue::String(""));
    return;
  }
  const size_t before = values->size();
  Append(lifted.node, values);
  if (!lifted.is_data) return;
  for (size_t i = before; i < values->size(); ++i) {
    FieldValue& value = (*values)[i];
    if (value.is_string()) {
      value = FieldValue::String(TrimListLayout(value.text()));
    }
  }
}

// A node is reached by one path of keys only, so each is visited at most once
// for each dot of `field`.
bool EventView::Impl::FindNodes(uint32_t node, std::string_view field,
                                absl::FunctionRef<void(uint32_t)> found) const {
  if (tree.node(node).kind == JsonKind::kArray) {
    bool exists = false;
    tree.ForEachChild(node, [&](uint32_t i) {
      if (tree.node(i).is_container()) exists |= FindNodes(i, field, found);
    });
    return exists;
  }
  if (const uint32_t member = tree.FindMember(node, field)) {
    found(member);
    return true;
  }
  // No part of a path is empty: a dot at either end belongs to a key.
  for (size_t dot = field.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = field.rfind('.', dot - 1)) {
    if (dot + 1 == field.size()) continue;
    const uint32_t member = tree.FindMember(node, field.substr(0, dot));
    if (member != 0 && tree.node(member).is_container() &&
        FindNodes(member, field.substr(dot + 1), found)) {
      return true;
    }
  }
  return false;
}

// As deep as the tree is, which has a limit.
base::Value EventView::Impl::WholeOf(uint32_t node) const {
  const JsonNode& of = tree.node(node);
  if (!of.is_container()) return base::Value::Of(tree.value(of));
  const bool is_array = of.kind == JsonKind::kArray;
  base::Value whole{.kind = is_array ? base::ValueKind::kArray
                                     : base::ValueKind::kObject};
  tree.ForEachChild(node, [&](uint32_t i) {
    whole.items.push_back(WholeOf(i));
    if (!is_array) whole.item_names.emplace_back(KeyOf(i));
  });
  return whole;
}

bool EventView::Impl::FindWhole(std::string_view field,
                                std::vector<base::Value>* values) const {
  if (lookup == nullptr && !tree.empty()) {
    if (field.empty()) {
      values->push_back(WholeOf(0));
      return true;
    }
    const bool found = FindNodes(0, field, [&](uint32_t node) {
      base::Value whole = WholeOf(node);
      if (!whole.is_array()) {
        values->push_back(std::move(whole));
        return;
      }
      for (base::Value& item : whole.items) values->push_back(std::move(item));
    });
    if (found) return true;
  }
  std::vector<FieldValue> plain;
  if (!Find(field, &plain)) return false;
  for (const FieldValue& value : plain) {
    values->push_back(base::Value::Of(value));
  }
  return true;
}

bool EventView::Impl::FindLifted(std::string_view field,
                                 std::vector<FieldValue>* values) const {
  bool exists = false;
  const uint32_t hash = HashWithoutSpaces(field, kHashStart);
  uint32_t i = buckets[hash & static_cast<uint32_t>(buckets.size() - 1)];
  while (i != 0) {
    const Lifted& lifted = lifted_fields[i - 1];
    i = lifted.next;
    if (lifted.hash != hash || !Names(lifted, field)) continue;
    exists = true;
    AppendLifted(lifted, values);
  }
  return exists;
}

bool EventView::Impl::FindInWinlog(std::string_view field,
                                   std::vector<FieldValue>* values) const {
  for (const WinlogName& name : kWinlogNames) {
    if (name.name == field && FindPath(0, name.path, values)) return true;
  }
  for (const std::string_view data : kWinlogData) {
    path.assign(data).append(field);
    const size_t before = values->size();
    if (!FindPath(0, path, values)) continue;
    for (size_t i = before; i < values->size(); ++i) {
      FieldValue& value = (*values)[i];
      if (value.is_string()) {
        value = FieldValue::String(TrimListLayout(value.text()));
      }
    }
    return true;
  }
  return false;
}

bool EventView::Impl::Find(std::string_view field,
                           std::vector<FieldValue>* values) const {
  if (lookup != nullptr) return lookup->Find(field, *values);
  if (tree.empty()) return false;
  if (FindPath(0, field, values)) return true;
  switch (shape) {
    case Shape::kPlain:
      return false;
    case Shape::kEvtx:
      return FindLifted(field, values);
    case Shape::kWinlog:
      return FindInWinlog(field, values);
  }
  return false;
}

void EventView::Impl::VisitFrom(
    uint32_t first, uint32_t end,
    absl::FunctionRef<void(std::string_view, const FieldValue&)> visit) const {
  size_t next_hidden = 0;
  uint32_t i = first;
  while (i < end) {
    const JsonNode& node = tree.node(i);
    const bool is_hidden =
        next_hidden < hidden.size() && hidden[next_hidden] == i;
    if (is_hidden) ++next_hidden;
    if (is_hidden || node.shadowed) {
      i = node.end;
      continue;
    }
    const FieldValue value = tree.value(node);
    if (IsScalar(value)) visit(tree.key(node), value);
    ++i;
  }
}

void EventView::Impl::ForEachScalar(
    absl::FunctionRef<void(std::string_view, const FieldValue&)> visit) const {
  if (lookup != nullptr) {
    lookup->ForEachValue([&](std::string_view field, FieldValue value) {
      if (IsScalar(value)) visit(field, value);
    });
    return;
  }
  if (tree.empty()) return;
  VisitFrom(1, tree.node(0).end, visit);
  for (const Lifted& lifted : lifted_fields) {
    scratch.clear();
    AppendLifted(lifted, &scratch);
    for (const FieldValue& value : scratch) {
      if (IsScalar(value)) visit(lifted.name, value);
    }
  }
}

EventView::EventView() : impl_(std::make_unique<Impl>()) {}
EventView::~EventView() = default;
EventView::EventView(EventView&&) noexcept = default;
EventView& EventView::operator=(EventView&&) noexcept = default;

LoadResult EventView::Load(const Event& event) { return impl_->Load(event); }

bool EventView::FindWhole(std::string_view field,
                          std::vector<base::Value>* values) const {
  return impl_->FindWhole(field, values);
}

bool EventView::Find(std::string_view field,
                     std::vector<FieldValue>* values) const {
  return impl_->Find(field, values);
}

void EventView::ForEachScalar(
    absl::FunctionRef<void(std::string_view key, const FieldValue& value)>
        visit) const {
  impl_->ForEachScalar(visit);
}

}  // namespace tocsin::runtime

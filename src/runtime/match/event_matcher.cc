#include "src/runtime/match/event_matcher.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/base/text_arena.h"
#include "src/runtime/event/derived_fields.h"
#include "src/runtime/event/field_index.h"
#include "src/runtime/event/raw_event.h"
#include "src/runtime/match/class_verdicts.h"
#include "src/runtime/match/event_class.h"
#include "src/runtime/match/matcher.h"
#include "src/runtime/match/rule_index.h"

namespace tocsin::runtime {
namespace {

using logsource::EventKind;

// Bounds on what is remembered of a stream, whatever it sends.
constexpr size_t kMaxShapes = 4096;
constexpr size_t kMaxSteps = 16384;
constexpr size_t kMaxValuesOfStep = 512;
constexpr size_t kMaxKeyBytes = 512;
constexpr size_t kMaxDateBytes = 64;

// A class is worth splitting by the values of a field if so many of its rules,
// and at least half of them, ask for some value there. Each value has to come
// so often before there is a class for it.
constexpr size_t kMinRulesSplit = 3;
constexpr uint32_t kMinEventsSplit = 8;

// An index for fewer rules is smaller and faster; to have one for each class
// would cost too much. So many rules may all of them hold together, in
// multiples of the rule set.
constexpr size_t kMaxTimesIndexed = 16;

// How many fields of classes may have their values remembered: some 200 KB
// each.
constexpr size_t kMaxVerdictFields = 64;

}  // namespace

struct EventMatcher::Impl {
  Impl(const program::Program& program_in, EventMatcherOptions options_in)
      : program(program_in),
        options(std::move(options_in)),
        classifier(options.recognizers, options.log_source),
        time_finder(options.time),
        names(AllNames()),
        field_index(names),
        raw(&field_index),
        derived(names, &raw, &tree),
        matcher(program, {.require_fields = options.require_fields}),
        verdict_context{&program, &matcher, &raw, &derived, kMaxVerdictFields} {
    for (uint32_t i = 0; i < names.size(); ++i) ids.emplace(names[i], i);
    for (const std::string& field : time_finder.fields()) {
      time_ids.push_back(ids.find(field)->second);
    }
    for (const auto* of_fields :
         {&program.mappings, &program.correlation_mappings}) {
      for (const std::vector<base::FieldMapping>& mappings : *of_fields) {
        for (const base::FieldMapping& mapping : mappings) AddWhen(mapping);
      }
    }
    matcher.set_event_time([this]() -> std::optional<int64_t> {
      if (given_time) return given_time->nanos();
      const std::optional<FoundTime> found = FindTime();
      if (!found) return std::nullopt;
      return found->time.nanos();
    });
  }

  // Fields of rules keep their FieldId; others follow.
  std::vector<std::string> AllNames() {
    std::vector<std::string> all = program.fields;
    base::StringSet seen(all.begin(), all.end());
    const auto add = [&](const std::vector<std::string>& more) {
      for (const std::string& name : more) {
        if (seen.insert(name).second) all.push_back(name);
      }
    };
    add(program.correlation_fields);
    for (const auto* of_fields :
         {&program.mappings, &program.correlation_mappings}) {
      for (const std::vector<base::FieldMapping>& mappings : *of_fields) {
        for (const base::FieldMapping& mapping : mappings) {
          add(mapping.from);
          if (!mapping.when_field.empty()) add({mapping.when_field});
        }
      }
    }
    if (options.routing) add(classifier.FieldNames());
    add(time_finder.fields());
    return all;
  }

  // --- Reading -------------------------------------------------------------

  LoadResult Load(const Event& event) {
    given_time = event.time();
    arena.Clear();
    if (event.lookup() == nullptr && raw.Load(event.json()) == RawEvent::kOk) {
      tree.Begin(event);
      raw.FetchAhead();
    } else {
      const LoadResult result = tree.view().Load(event);
      if (!result.ok()) return result;
      tree.BeginLoaded();
      FillFromTree();
      Route();
      return result;
    }
    Route();
    return LoadResult();
  }

  void FillFromTree() {
    raw.Clear();
    for (uint32_t field = 0; field < names.size(); ++field) {
      values.clear();
      if (!tree.view().Find(names[field], &values)) continue;
      raw.Mark(field);
      for (const FieldValue& value : values) AddValue(field, value);
    }
  }

  void AddValue(uint32_t field, const FieldValue& value) {
    switch (value.kind()) {
      case FieldKind::kNull:
        raw.Add(field, RawKind::kNull, {});
        return;
      case FieldKind::kObject:
        raw.Add(field, RawKind::kObject, {});
        return;
      case FieldKind::kBool:
        raw.Add(field, value.bool_value() ? RawKind::kTrue : RawKind::kFalse,
                {});
        return;
      case FieldKind::kString:
        raw.Add(field, RawKind::kText, value.text());
        return;
      case FieldKind::kInt:
      case FieldKind::kUint:
      case FieldKind::kDouble:
        scratch.clear();
        base::AppendNumberText(value, &scratch);
        raw.Add(field, RawKind::kNumber, arena.Copy(scratch));
        return;
    }
  }

  // As EventView::Find.
  bool Find(std::string_view name, std::vector<FieldValue>* found) {
    const auto id = ids.find(name);
    return id != ids.end() && FindById(id->second, found);
  }

  bool FindById(uint32_t field, std::vector<FieldValue>* found) {
    if (!raw.Has(field)) return false;
    for (const RawValue* value = raw.First(field); value != nullptr;
         value = raw.Next(*value)) {
      found->push_back(raw.Read(*value));
    }
    return true;
  }

  // --- From an event to its class ------------------------------------------

  void Route() {
    void** const note = raw.note();
    if (note != nullptr && *note != nullptr) {
      shape = static_cast<Shape*>(*note);
    } else {
      shape = FindShape();
      if (note != nullptr) *note = shape;
    }
    lone.reset();
    if (options.plain) {
      current = ClassOfOneEvent();
      return;
    }
    current = shape != nullptr ? FollowSteps(shape) : nullptr;
    if (current == nullptr) current = ClassOfOneEvent();
  }

  Shape* FindShape() {
    std::vector<Shape*>& same_hash = shapes_by_hash[raw.shape()];
    for (Shape* candidate : same_hash) {
      if (std::equal(candidate->present.begin(), candidate->present.end(),
                     raw.present().begin())) {
        return candidate;
      }
    }
    if (shapes.size() >= kMaxShapes) return nullptr;
    Shape& made = shapes.emplace_back();
    made.present.assign(raw.present().begin(), raw.present().end());
    for (uint32_t i = 0; i < time_ids.size(); ++i) {
      if (raw.Has(time_ids[i])) made.time_fields.push_back(i);
    }
    same_hash.push_back(&made);
    return &made;
  }

  // Whether the field has a value that is not null.
  bool HasValue(uint32_t field) const {
    for (const RawValue* value = raw.First(field); value != nullptr;
         value = raw.Next(*value)) {
      if (value->kind != RawKind::kNull) return true;
    }
    return false;
  }

  // All values of a field as bytes that differ if they differ. False: they are
  // too long to be remembered.
  bool MakeValueKey(uint32_t field) {
    key.clear();
    for (const RawValue* value = raw.First(field); value != nullptr;
         value = raw.Next(*value)) {
      key += static_cast<char>(value->kind);
      const uint32_t size = value->size;
      key.append(reinterpret_cast<const char*>(&size), sizeof(size));
      key += value->text();
    }
    return key.size() <= kMaxKeyBytes;
  }

  // Null where no class is known and none may be made.
  EventClass* FollowSteps(Shape* of) {
    const bool has_all =
        std::all_of(of->needed.begin(), of->needed.end(),
                    [this](uint32_t field) { return HasValue(field); });
    Step* step = has_all ? of->first_if_all : of->first;
    while (step != nullptr) {
      const uint32_t field = step->question.field;
      if (field == kNoField) return step->event_class;
      if (step->question.exists_only) {
        step = HasValue(field) ? step->if_there : step->if_not;
        continue;
      }
      const RawValue* const value = raw.First(field);
      const bool is_single = value != nullptr && value->next == 0;
      if (is_single) {
        if (Step* const leads = step->recent.Find(*value)) {
          step = leads;
          continue;
        }
      }
      if (!MakeValueKey(field)) return step->event_class;
      Step* leads = nullptr;
      if (const auto next = step->next.find(key); next != step->next.end()) {
        leads = next->second;
      } else if (step->event_class != nullptr) {
        leads = Split(step);
        if (leads == nullptr) return step->event_class;
      } else {
        if (step->next.size() >= kMaxValuesOfStep) return nullptr;
        break;
      }
      if (is_single) step->recent.Add(*value, leads);
      step = leads;
    }
    return MakeSteps(of);
  }

  // The step for the part of a class whose events answer its question, by the
  // value `key`, as the one at hand does; null if there is none.
  Step* Split(Step* step) {
    if (step->next.size() >= kMaxValuesOfStep || steps.size() >= kMaxSteps) {
      return nullptr;
    }
    if (step->seen.Add(key) < kMinEventsSplit) return nullptr;
    Step& part = steps.emplace_back();
    step->next.emplace(key, &part);
    Classify();
    EventClass& made = classes.emplace_back();
    made.split_by = step->event_class->split_by;
    made.split_by.push_back(step->question.field);
    part.event_class = &made;
    part.question.field = MakeClass(&made, step->event_class);
    return &part;
  }

  // Classifies the event, and lays the way that led to the answer.
  EventClass* MakeSteps(Shape* of) {
    if (steps.size() >= kMaxSteps) return nullptr;
    Classify();
    bool has_all = true;
    for (const Question& question : asked) {
      if (question.exists_only) {
        has_all = has_all && HasValue(question.field);
      } else if (!MakeValueKey(question.field)) {
        return nullptr;
      }
    }
    if (has_all) {
      for (const Question& question : asked) {
        if (question.exists_only) of->needed.push_back(question.field);
      }
      std::sort(of->needed.begin(), of->needed.end());
      of->needed.erase(std::unique(of->needed.begin(), of->needed.end()),
                       of->needed.end());
    }
    Step** link = has_all ? &of->first_if_all : &of->first;
    for (const Question& question : asked) {
      if (has_all && question.exists_only) continue;
      if (*link == nullptr) *link = &steps.emplace_back();
      Step& step = **link;
      step.question = question;
      if (question.exists_only) {
        link = HasValue(question.field) ? &step.if_there : &step.if_not;
      } else {
        MakeValueKey(question.field);
        link = &step.next[key];
      }
    }
    if (*link == nullptr) *link = &steps.emplace_back();
    Step& last = **link;
    if (last.event_class == nullptr) {
      last.event_class = &classes.emplace_back();
      last.question.field = MakeClass(last.event_class);
    }
    return last.event_class;
  }

  // Sets kind, and asked: the questions that the answer rests on. What is asked
  // of fields that the event lacks needs no mention: its shape tells.
  void Classify() {
    asked.clear();
    kind = nullptr;
    if (!options.routing) return;
    kind = classifier.Classify(
        [this](std::string_view name, std::vector<FieldValue>* found) {
          if (!Find(name, found)) return false;
          const uint32_t field = ids.find(name)->second;
          if (!IsFixed(field)) asked.push_back({.field = field});
          return true;
        },
        [this](std::string_view name) {
          const uint32_t field = ids.find(name)->second;
          if (!raw.Has(field)) return false;
          const bool is_known = std::any_of(
              asked.begin(), asked.end(),
              [field](const Question& q) { return q.field == field; });
          if (!is_known) asked.push_back({.field = field, .exists_only = true});
          return HasValue(field);
        });
    AskWhens();
  }

  Group* GroupOf(const EventKind* of) {
    const size_t place = of == nullptr ? 0 : of->id + 1;
    if (groups.size() <= place) groups.resize(place + 1);
    if (groups[place] == nullptr) {
      groups[place] = std::make_unique<Group>();
      for (uint32_t i = 0; i < program.rules.size(); ++i) {
        if (of == nullptr || of->Covers(program.infos[i].log_source,
                                        options.unknown_source_meets_all)) {
          groups[place]->rules.push_back(i);
        }
      }
    }
    return groups[place].get();
  }

  RuleIndex* IndexOfAll(Group* group) {
    if (group->all == nullptr) {
      group->all = std::make_unique<RuleIndex>(program, group->rules);
    }
    return group->all.get();
  }

  // An index for a group's rules of which `wanted` has bits; of these and
  // others, if it is not worth one of its own.
  RuleIndex* IndexOf(Group* group, const RuleBits& wanted) {
    const auto known = group->some.find(wanted);
    if (known != group->some.end()) return known->second.get();
    std::vector<uint32_t> rules;
    for (size_t i = 0; i < group->rules.size(); ++i) {
      if ((wanted[i >> 6] >> (i & 63) & 1) != 0) {
        rules.push_back(group->rules[i]);
      }
    }
    if (rules.size() * 2 > group->rules.size() ||
        rules_indexed + rules.size() >
            kMaxTimesIndexed * program.rules.size()) {
      return IndexOfAll(group);
    }
    rules_indexed += rules.size();
    std::unique_ptr<RuleIndex>& index = group->some[wanted];
    index = std::make_unique<RuleIndex>(program, std::move(rules));
    return index.get();
  }

  // Where the event at hand has what rules call `name`, without mappings.
  uint32_t SourceOf(std::string_view name) const {
    if (const auto own = ids.find(name);
        own != ids.end() && raw.Has(own->second)) {
      return own->second;
    }
    if (kind == nullptr) return kNoField;
    for (const FieldRename& rename : kind->renames) {
      if (rename.rule_field != name) continue;
      const auto id = ids.find(rename.event_field);
      if (id != ids.end() && raw.Has(id->second)) return id->second;
    }
    return kNoField;
  }

  // The same with mappings. Of a class, it is the same for all events.
  uint32_t SourceOf(program::FieldId field) {
    const uint32_t source = SourceOf(names[field]);
    if (source != kNoField || field >= program.mappings.size()) return source;
    return MappedSource(program.mappings[field]);
  }

  // Whether `mapping` is for events of the kind at hand, `when` aside.
  bool IsOfKind(const base::FieldMapping& mapping) const {
    if (kind == nullptr || kind->covers_every_rule) return false;
    return kind->Covers(mapping.source);
  }

  // Whether the event at hand has one of the values that `mapping` is for.
  bool MeetsWhen(const base::FieldMapping& mapping) {
    if (mapping.when_field.empty()) return true;
    const uint32_t source = SourceOf(mapping.when_field);
    if (source == kNoField) return false;
    for (const RawValue* value = raw.First(source); value != nullptr;
         value = raw.Next(*value)) {
      const std::string_view text = raw.Text(*value);
      for (const std::string& wanted : mapping.when_values) {
        if (absl::EqualsIgnoreCase(base::ToAbsl(text), wanted)) return true;
      }
    }
    return false;
  }

  uint32_t MappedSource(const std::vector<base::FieldMapping>& mappings) {
    for (const base::FieldMapping& mapping : mappings) {
      if (!IsOfKind(mapping) || !MeetsWhen(mapping)) continue;
      const bool wants_all = mapping.as == base::Derivation::kAll ||
                             mapping.as == base::Derivation::kPresent;
      std::vector<uint32_t> inputs;
      for (const std::string& from : mapping.from) {
        const uint32_t source = SourceOf(from);
        if (source == kNoField) continue;
        inputs.push_back(source);
        if (!wants_all) break;
      }
      const bool needs_input = mapping.as != base::Derivation::kValue &&
                               mapping.as != base::Derivation::kPresent;
      if (needs_input && inputs.empty()) continue;
      if (mapping.as == base::Derivation::kSame && mapping.words.empty()) {
        return inputs[0];
      }
      return derived.NumberOf(mapping, std::move(inputs));
    }
    return kNoField;
  }

  // Notes the field that decides for which events `mapping` is.
  void AddWhen(const base::FieldMapping& mapping) {
    if (mapping.when_field.empty()) return;
    const bool known = std::any_of(
        whens.begin(), whens.end(), [&](const base::FieldMapping* other) {
          return other->when_field == mapping.when_field &&
                 other->source == mapping.source;
        });
    if (!known) whens.push_back(&mapping);
  }

  // What decides which mappings are for an event belongs to its class.
  void AskWhens() {
    for (const base::FieldMapping* mapping : whens) {
      if (!IsOfKind(*mapping)) continue;
      const uint32_t source = SourceOf(mapping->when_field);
      if (source != kNoField && !IsFixed(source)) {
        asked.push_back({.field = source});
      }
    }
  }

  void FindSources(EventClass* made) {
    made->sources.resize(program.fields.size());
    bool renamed = false;
    for (program::FieldId i = 0; i < program.fields.size(); ++i) {
      made->sources[i] = SourceOf(i);
      renamed =
          renamed || (made->sources[i] != kNoField && made->sources[i] != i);
    }
    class_sources = made->sources;
    if (!renamed) made->sources.clear();
    made->key_sources.clear();
    for (uint32_t i = 0; i < program.correlation_mappings.size(); ++i) {
      made->key_sources.push_back(
          program.correlation_mappings[i].empty()
              ? kNoField
              : MappedSource(program.correlation_mappings[i]));
    }
  }

  // Whether all events of the class have the same values in this field.
  bool IsFixed(uint32_t source) const {
    if (raw.IsDerived(source)) {
      const std::span<const uint32_t> inputs = derived.InputsOf(source);
      return std::all_of(inputs.begin(), inputs.end(),
                         [this](uint32_t input) { return IsFixed(input); });
    }
    return std::any_of(asked.begin(), asked.end(), [&](const Question& q) {
      return q.field == source && !q.exists_only;
    });
  }

  // The one field whose values tell those of a field that is made; kNoField for
  // others.
  uint32_t MadeOf(uint32_t source) const {
    return raw.IsDerived(source) ? derived.OnlyInputOf(source) : kNoField;
  }

  // What holds for all events that agree with the one at hand in the presence
  // of all fields and the values of the fields asked for, and of those that it
  // is split by. Returns the field by which to split it further.
  // `whole` is the class that it is a part of, if it is one: what that excludes
  // need not be asked again.
  uint32_t MakeClass(EventClass* made, const EventClass* whole = nullptr) {
    for (const uint32_t field : made->split_by) {
      asked.push_back({.field = field});
    }
    for (const Question& question : asked) {
      if (!question.exists_only) made->fixed.push_back(question.field);
    }
    Group* const made_group = GroupOf(kind);
    made->kind = kind;
    made->group = made_group;
    FindSources(made);
    std::vector<bool> is_fixed(program.fields.size());
    for (program::FieldId i = 0; i < program.fields.size(); ++i) {
      const uint32_t source = class_sources[i];
      is_fixed[i] = source == kNoField || IsFixed(source);
    }
    matcher.Begin(raw, made->sources, &tree, nullptr);
    const std::vector<uint32_t>& rules = made_group->rules;
    const std::vector<uint32_t> open =
        whole != nullptr ? RulesLeft(*whole) : rules;
    RuleBits wanted((rules.size() + 63) / 64);
    std::vector<uint32_t> always;
    for (size_t i = 0, next = 0; next < open.size(); ++i) {
      if (rules[i] != open[next]) continue;
      ++next;
      const Matcher::Outlook outlook = matcher.Foresee(rules[i], is_fixed);
      if (outlook == Matcher::Outlook::kNone) continue;
      wanted[i >> 6] |= uint64_t{1} << (i & 63);
      if (outlook == Matcher::Outlook::kAll) always.push_back(rules[i]);
    }
    made->index = IndexOf(made_group, wanted);
    RuleIndex& index = *made->index;
    made->plan.start.assign(index.words(), 0);
    made->always.assign(index.words(), 0);
    for (size_t i = 0, all = 0; i < index.rules().size(); ++i) {
      while (rules[all] != index.rules()[i]) ++all;
      if ((wanted[all >> 6] >> (all & 63) & 1) == 0) continue;
      const bool holds =
          std::binary_search(always.begin(), always.end(), index.rules()[i]);
      RuleBits& bits = holds ? made->always : made->plan.start;
      bits[i >> 6] |= uint64_t{1} << (i & 63);
    }
    index.Finish(
        raw, [this](uint32_t field) { return class_sources[field]; },
        [this](uint32_t source) { return MadeOf(source); },
        [this](uint32_t source) { return IsFixed(source); }, &made->plan);
    return SplitFieldOf(*made);
  }

  // Rules that some event of the class may match, ascending.
  static std::vector<uint32_t> RulesLeft(const EventClass& of) {
    std::vector<uint32_t> rules;
    for (size_t i = 0; i < of.index->rules().size(); ++i) {
      if (((of.plan.start[i >> 6] | of.always[i >> 6]) >> (i & 63) & 1) != 0) {
        rules.push_back(of.index->rules()[i]);
      }
    }
    return rules;
  }

  // The field for whose value most rules of a class ask; kNoField if it is not
  // worth splitting.
  uint32_t SplitFieldOf(const EventClass& made) {
    std::vector<size_t> asking(names.size());
    size_t rules = 0;
    const std::span<const uint32_t> numbers = made.index->rules();
    for (size_t i = 0; i < numbers.size(); ++i) {
      if ((made.plan.start[i >> 6] >> (i & 63) & 1) == 0) continue;
      ++rules;
      for (const uint32_t source : AskedForValue(program.rules[numbers[i]])) {
        ++asking[source];
      }
    }
    const auto most = std::max_element(asking.begin(), asking.end());
    if (*most < kMinRulesSplit || *most * 2 < rules) return kNoField;
    return static_cast<uint32_t>(most - asking.begin());
  }

  // The fields of the event at hand for which a rule asks whether they have one
  // of some values, but for those that all events of the class have alike.
  std::vector<uint32_t> AskedForValue(const program::Rule& rule) {
    std::vector<uint32_t> sources;
    for (uint32_t g = 0; g < rule.guard_count; ++g) {
      const program::Guard& guard = program.guards[rule.first_guard + g];
      const std::span<const uint32_t> literals =
          std::span(program.guard_literals).subspan(guard.first, guard.count);
      const program::FieldId field = program.literals[literals[0]].field;
      if (field == program::kAnyField ||
          !std::all_of(literals.begin(), literals.end(), [&](uint32_t number) {
            const program::Literal& literal = program.literals[number];
            return literal.field == field &&
                   (literal.anchor == program::Literal::kWhole ||
                    literal.anchor == program::Literal::kNumber);
          })) {
        continue;
      }
      uint32_t source = class_sources[field];
      if (source != kNoField && raw.IsDerived(source)) {
        source = derived.KeyOf(source);
      }
      if (source == kNoField || IsFixed(source) ||
          std::count(sources.begin(), sources.end(), source) != 0) {
        continue;
      }
      sources.push_back(source);
    }
    return sources;
  }

  // A class for the event at hand only, for want of space to remember one.
  EventClass* ClassOfOneEvent() {
    Classify();
    EventClass& made = lone.emplace();
    made.kind = kind;
    Group* const group = GroupOf(kind);
    made.group = group;
    FindSources(&made);
    if (options.plain) return &made;
    made.index = IndexOfAll(group);
    RuleIndex& index = *made.index;
    made.always.assign(index.words(), 0);
    made.plan.start.assign(index.words(), ~uint64_t{0});
    if (index.rules().size() % 64 != 0) {
      made.plan.start.back() = (uint64_t{1} << (index.rules().size() % 64)) - 1;
    }
    index.Finish(
        raw, [this](uint32_t field) { return class_sources[field]; },
        [this](uint32_t source) { return MadeOf(source); },
        [](uint32_t) { return false; }, &made.plan);
    return &made;
  }

  // --- From a class to matches ---------------------------------------------

  // `passes(rule, always)` tells whether a candidate matches.
  template <typename Passes>
  std::span<const uint32_t> Match(const Passes& passes) {
    matches.clear();
    if (options.plain) {
      matcher.Begin(raw, current->sources, &tree, nullptr);
      for (const uint32_t rule : current->group->rules) {
        if (passes(rule, false)) matches.push_back(rule);
      }
      return matches;
    }
    RuleIndex& index = *current->index;
    raw.FetchAhead();
    const std::span<uint64_t> candidates = index.Begin(current->plan, raw);
    matcher.Begin(raw, current->sources, &tree, &index);
    matching = current->always;
    ClassVerdicts* verdicts = current->verdicts.get();
    if (verdicts != nullptr) verdicts->Narrow(candidates, &matching);
    index.Narrow(current->plan, raw);
    raw.FetchAhead();
    for (size_t i = 0; i < candidates.size(); ++i) {
      for (uint64_t bits = candidates[i] | matching[i]; bits != 0;
           bits &= bits - 1) {
        const auto bit = static_cast<size_t>(__builtin_ctzll(bits));
        const uint32_t rule = index.rules()[i * 64 + bit];
        const bool is_known = (matching[i] >> bit & 1) != 0;
        const bool passed = passes(rule, is_known);
        if (passed) matches.push_back(rule);
        if (is_known || lone) continue;
        if (verdicts == nullptr && !passed) verdicts = MakeVerdicts();
        if (verdicts != nullptr) verdicts->Learn(i * 64 + bit, passed);
      }
    }
    return matches;
  }

  ClassVerdicts* MakeVerdicts() {
    current->verdicts = std::make_unique<ClassVerdicts>(
        &verdict_context, current->index, current->plan.start, current->sources,
        current->fixed);
    return current->verdicts.get();
  }

  std::span<const uint32_t> Match() {
    return Match([this](uint32_t rule, bool always) {
      return always || matcher.Matches(rule);
    });
  }

  std::span<const uint32_t> MatchAndCount(
      std::span<RuleCost> costs, const std::function<int64_t()>& clock) {
    return Match([&](uint32_t rule, bool always) {
      RuleCost& cost = costs[rule];
      ++cost.candidates;
      bool passed = always;
      if (!always) {
        ++cost.evaluations;
        const int64_t begin = clock ? clock() : 0;
        passed = matcher.Matches(rule);
        if (clock) cost.nanos += clock() - begin;
      }
      if (passed) ++cost.matches;
      return passed;
    });
  }

  // As EventTimeFinder::InDate. Events of the same moment come together.
  std::optional<FoundTime> DateIn(uint32_t place, std::string_view text) {
    if (place != last_date_place || text != last_date_text) {
      last_date = time_finder.InDate(place, text);
      last_date_place = place;
      last_date_text.assign(text.substr(0, kMaxDateBytes));
    }
    return last_date;
  }

  std::optional<FoundTime> FindTime() {
    const auto find = [this](size_t place, std::vector<FieldValue>* found) {
      return FindById(time_ids[place], found);
    };
    if (shape != nullptr) {
      if (!shape->time_fields.empty()) {
        // Mostly the first that may hold it does, as one text.
        const uint32_t place = shape->time_fields[0];
        const RawValue* const value = raw.First(time_ids[place]);
        if (value != nullptr && value->next == 0 &&
            value->kind == RawKind::kString) {
          if (const auto found = DateIn(place, value->text())) return found;
        }
      }
      return time_finder.In(find, shape->time_fields);
    }
    std::vector<uint32_t> present;
    for (uint32_t i = 0; i < time_ids.size(); ++i) {
      if (raw.Has(time_ids[i])) present.push_back(i);
    }
    return time_finder.In(find, present);
  }

  const program::Program& program;
  EventMatcherOptions options;
  logsource::Classifier classifier;
  EventTimeFinder time_finder;
  std::vector<std::string> names;
  base::StringMap<uint32_t> ids;
  std::vector<uint32_t> time_ids;  // Ids of time_finder.fields().
  FieldIndex field_index;
  RawEvent raw;
  LazyEventView tree;
  DerivedFields derived;
  Matcher matcher;
  VerdictContext verdict_context;
  // Mappings that look at the value of a field, one for each field and source.
  std::vector<const base::FieldMapping*> whens;

  std::vector<std::unique_ptr<Group>> groups;  // By kind; 0: all rules.
  size_t rules_indexed = 0;                    // In all Group::some together.
  std::deque<Shape> shapes;
  absl::flat_hash_map<uint64_t, std::vector<Shape*>> shapes_by_hash;
  std::deque<Step> steps;
  std::deque<EventClass> classes;

  // Of the event at hand.
  std::optional<Timestamp> given_time;
  base::TextArena arena;
  Shape* shape = nullptr;
  EventClass* current = nullptr;
  std::optional<EventClass> lone;
  const EventKind* kind = nullptr;  // Set by Classify only.
  std::vector<Question> asked;
  std::vector<uint32_t> class_sources;  // By FieldId. Set by FindSources only.
  RuleBits matching;                    // Rules that match for sure.
  std::vector<uint32_t> matches;

  // The date that was read last.
  uint32_t last_date_place = kNoField;
  std::string last_date_text;
  std::optional<FoundTime> last_date;

  std::vector<FieldValue> values;  // Scratch, as are the two below.
  std::string scratch;
  std::string key;
};

EventMatcher::EventMatcher(const program::Program& program,
                           EventMatcherOptions options)
    : impl_(std::make_unique<Impl>(program, std::move(options))) {}
EventMatcher::~EventMatcher() = default;

LoadResult EventMatcher::Load(const Event& event) { return impl_->Load(event); }

const EventKind* EventMatcher::kind() const { return impl_->current->kind; }

size_t EventMatcher::rules_met() const {
  return impl_->current->group->rules.size();
}

std::optional<FoundTime> EventMatcher::FindTime() { return impl_->FindTime(); }

std::span<const uint32_t> EventMatcher::MatchAndCount(
    std::span<RuleCost> costs, const std::function<int64_t()>& clock) {
  return impl_->MatchAndCount(costs, clock);
}

std::span<const uint32_t> EventMatcher::Match() { return impl_->Match(); }

void EventMatcher::Explain(uint32_t rule, std::vector<MatchedField>* matched) {
  impl_->matcher.Explain(rule, matched);
}

uint32_t EventMatcher::FieldNumber(std::string_view name) const {
  const auto id = impl_->ids.find(name);
  return id != impl_->ids.end() ? id->second : kNoField;
}

bool EventMatcher::Find(uint32_t field, std::vector<FieldValue>* values) {
  return impl_->FindById(field, values);
}

bool EventMatcher::FindMapped(uint32_t correlation_field,
                              std::vector<FieldValue>* values) {
  const std::vector<uint32_t>& sources = impl_->current->key_sources;
  if (correlation_field >= sources.size()) return false;
  const uint32_t source = sources[correlation_field];
  if (source == kNoField) return false;
  impl_->raw.Prepare(source);
  return impl_->FindById(source, values);
}

void EventMatcher::ForEachScalar(
    absl::FunctionRef<void(std::string_view key, const FieldValue& value)>
        visit) {
  impl_->tree.Loaded().ForEachScalar(visit);
}

}  // namespace tocsin::runtime

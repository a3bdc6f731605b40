#include "src/runtime/match/rule_index.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "src/runtime/match/scan_text.h"

namespace tocsin::runtime {
namespace {

void Set(uint32_t bit, RuleBits* bits) {
  (*bits)[bit >> 6] |= uint64_t{1} << (bit & 63);
}

// A JSON number as its integers are usually written: no fraction, exponent or
// negative zero. Another form may equal a rule's number without looking like
// it.
bool IsPlainInteger(std::string_view number) {
  return !number.starts_with("-0") &&
         std::none_of(number.begin(), number.end(),
                      [](char c) { return c == '.' || c == 'e' || c == 'E'; });
}

}  // namespace

// Fills an index rule by rule.
class RuleIndex::Builder {
 public:
  Builder(const program::Program& program, RuleIndex* index)
      : program_(program), index_(*index) {}

  void Run() {
    CountSlots();
    for (uint32_t i = 0; i < index_.rules_.size(); ++i) {
      const program::Rule& rule = program_.rules[index_.rules_[i]];
      AddGuards(rule, i);
      AddAsked(rule, i);
    }
    for (Probe& probe : index_.probes_) {
      probe.anchored.Build();
      probe.inner.Build();
    }
    index_.keywords_.Build();
    for (const bool inner : {false, true}) {
      GuardsOf& guards = Of(inner);
      guards.begin.push_back(0);
      for (const std::vector<uint32_t>& bits : bits_[inner]) {
        guards.bits.insert(guards.bits.end(), bits.begin(), bits.end());
        guards.begin.push_back(static_cast<uint32_t>(guards.bits.size()));
      }
    }
  }

 private:
  GuardsOf& Of(bool inner) { return inner ? index_.inner_ : index_.anchored_; }

  void CountSlots() {
    for (const uint32_t number : index_.rules_) {
      const program::Rule& rule = program_.rules[number];
      uint32_t slots[2] = {0, 0};
      for (uint32_t i = 0; i < rule.guard_count; ++i) {
        ++slots[program_.guards[rule.first_guard + i].inner];
      }
      for (const bool inner : {false, true}) {
        Of(inner).slots = std::max(Of(inner).slots, slots[inner]);
      }
    }
    for (const bool inner : {false, true}) {
      Of(inner).without.assign(Of(inner).slots * index_.words_, ~uint64_t{0});
    }
    index_.keyword_guards_.resize(index_.inner_.slots * index_.words_);
  }

  // Rule number `i` of the index.
  void AddGuards(const program::Rule& rule, uint32_t i) {
    uint32_t slots[2] = {0, 0};
    for (uint32_t g = 0; g < rule.guard_count; ++g) {
      const program::Guard& guard = program_.guards[rule.first_guard + g];
      const uint32_t bit =
          slots[guard.inner]++ * 64 * static_cast<uint32_t>(index_.words_) + i;
      Of(guard.inner).without[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
      for (uint32_t l = 0; l < guard.count; ++l) {
        const uint32_t id = program_.guard_literals[guard.first + l];
        bits_[guard.inner][Need(id, guard.inner, i)].push_back(bit);
        if (program_.literals[id].field == program::kAnyField) {
          Set(bit, &index_.keyword_guards_);
        }
      }
    }
  }

  void AddAsked(const program::Rule& rule, uint32_t i) {
    for (uint32_t a = 0; a < rule.asked_count; ++a) {
      const uint32_t id = program_.guard_literals[rule.first_asked + a];
      Need(id, program_.literals[id].anchor == program::Literal::kAnywhere, i);
    }
  }

  // Has a literal of the program looked for, because of rule number `i`, and
  // returns its local number.
  uint32_t Need(uint32_t id, bool inner, uint32_t i) {
    const program::Literal& literal = program_.literals[id];
    Places& places = index_.places_[id];
    uint32_t& place = inner ? places.inner : places.anchored;
    const bool is_new = place == 0;
    if (is_new) {
      bits_[inner].emplace_back();
      Of(inner).known.emplace_back();
      place = static_cast<uint32_t>(bits_[inner].size());
    }
    const uint32_t number = place - 1;
    if (literal.field == program::kAnyField) {
      if (is_new) index_.AddKeyword(literal.text, number);
      Set(i, &index_.keyword_rules_);
      return number;
    }
    const uint32_t probe_number = ProbeFor(literal.field);
    Probe& probe = index_.probes_[probe_number];
    Set(i, inner ? &probe.inner_rules : &probe.anchored_rules);
    if (is_new) {
      (inner ? probe.inner : probe.anchored)
          .Add(literal.anchor, literal.text, number);
      (inner ? probe.has_inner : probe.has_anchored) = true;
      Of(inner).known.back().probe = probe_number;
    }
    return number;
  }

  uint32_t ProbeFor(program::FieldId field) {
    const auto [entry, is_new] = probe_of_.try_emplace(
        field, static_cast<uint32_t>(index_.probes_.size()));
    if (is_new) {
      Probe& probe = index_.probes_.emplace_back();
      probe.field = field;
      probe.anchored_rules.resize(index_.words_);
      probe.inner_rules.resize(index_.words_);
    }
    return entry->second;
  }

  const program::Program& program_;
  RuleIndex& index_;
  absl::flat_hash_map<program::FieldId, uint32_t> probe_of_;
  std::vector<std::vector<uint32_t>> bits_[2];  // By sort and local number.
};

RuleIndex::RuleIndex(const program::Program& program,
                     std::vector<uint32_t> rules)
    : rules_(std::move(rules)),
      words_((rules_.size() + 63) / 64),
      keyword_rules_(words_),
      candidates_(words_) {
  Builder(program, this).Run();
}

void RuleIndex::AddKeyword(std::string_view text, uint32_t number) {
  const std::string piece = LongestScanPiece(text);
  std::string whole;
  AppendScanText(text, &whole);
  inner_.known[number].probe = kKeywords;
  inner_.known[number].whole = piece == whole;
  if (piece.empty()) {
    unseen_keywords_.push_back(number);
  } else {
    keywords_.Add(piece, number);
  }
}

bool RuleIndex::Meet(const RuleBits& a, const RuleBits& b) const {
  const uint64_t* const first = a.data();
  const uint64_t* const second = b.data();
  uint64_t common = 0;
  for (size_t i = 0; i < words_; ++i) common |= first[i] & second[i];
  return common != 0;
}

RuleIndex::Standing RuleIndex::StandingOf(uint32_t literal) const {
  const auto entry = places_.find(literal);
  if (entry == places_.end()) return Standing::kUnknown;
  const Places& places = entry->second;
  for (const bool inner : {false, true}) {
    const uint32_t place = inner ? places.inner : places.anchored;
    if (place == 0) continue;
    const Known& known = (inner ? inner_ : anchored_).known[place - 1];
    const bool found = known.found_event == event_number_;
    if (known.probe == kKeywords) {
      if (keywords_event_ != event_number_) break;
      if (!found) return Standing::kNotThere;
      if (known.whole && keywords_count_once_) return Standing::kThere;
      break;
    }
    const Probe& probe = probes_[known.probe];
    if ((inner ? probe.inner_event : probe.anchored_event) == event_number_) {
      return found ? Standing::kThere : Standing::kNotThere;
    }
  }
  return Standing::kUnknown;
}

void RuleIndex::SetBits(GuardsOf& guards, std::span<const uint32_t> literals,
                        RuleBits* hits) {
  uint64_t* const words = hits->data();
  for (const uint32_t literal : literals) {
    guards.known[literal].found_event = event_number_;
    const uint32_t end = guards.begin[literal + 1];
    for (uint32_t i = guards.begin[literal]; i < end; ++i) {
      const uint32_t bit = guards.bits[i];
      words[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
  }
}

std::optional<RuleIndex::ScanText> RuleIndex::ScanTextOf(
    RawEvent& event, const RawValue& value) {
  switch (value.kind) {
    case RawKind::kNull:
    case RawKind::kObject:
      return std::nullopt;
    case RawKind::kTrue:
      return ScanText{"true", true};
    case RawKind::kFalse:
      return ScanText{"false", true};
    case RawKind::kNumber:
      return ScanText{value.text(), true};
    case RawKind::kString:
      if (IsPlain(value.text())) return ScanText{value.text(), true};
      break;
    case RawKind::kText:
      break;
  }
  scan_text_.clear();
  AppendScanText(event.Folded(value), &scan_text_);
  return ScanText{scan_text_, false};
}

// Whether `text`, part of the event, hides nothing.
bool RuleIndex::IsPlain(std::string_view text) const {
  switch (hidden_) {
    case Hidden::kNothing:
      return true;
    case Hidden::kNonAscii:
      return IsAscii(text);
    case Hidden::kAny:
      break;
  }
  return HiddenIn(text) == Hidden::kNothing;
}

// What is remembered of a value; null if it is not to be.
ValueMemo::Entry* RuleIndex::EntryOf(Probe& probe, const RawValue& value,
                                     uint8_t form) {
  if (probe.entry_event != event_number_ || probe.entry_value != &value) {
    constexpr uint8_t kKinds = 8;
    probe.entry = probe.memo.Find(
        value.text(),
        static_cast<uint8_t>(static_cast<uint8_t>(value.kind) + kKinds * form));
    probe.entry_value = &value;
    probe.entry_event = event_number_;
  }
  return probe.entry;
}

// The form of what is made in field `source`, from 1 on; 0 for want of numbers.
uint8_t RuleIndex::FormOf(Probe& probe, uint32_t source) {
  constexpr size_t kMaxForms = 31;
  const auto known = std::find(probe.made.begin(), probe.made.end(), source);
  const auto form = static_cast<size_t>(known - probe.made.begin()) + 1;
  if (form > kMaxForms) return 0;
  if (known == probe.made.end()) probe.made.push_back(source);
  return static_cast<uint8_t>(form);
}

void RuleIndex::Find(const Step& step, bool inner, RawEvent& event,
                     RuleBits* hits) {
  Probe& probe = probes_[step.probe];
  if (step.key != kNoField) {
    const RawValue* const value = event.First(step.key);
    if (value != nullptr && value->next == 0 &&
        value->kind != RawKind::kObject) {
      if (ValueMemo::Entry* const entry = EntryOf(probe, *value, step.form)) {
        (inner ? probe.inner_event : probe.anchored_event) = event_number_;
        uint32_t& list = inner ? entry->inner : entry->anchored;
        if (list == ValueMemo::kUnknown) {
          FindMade(probe, inner, event, step.source);
          list = probe.memo.Keep(all_found_);
        }
        if (list != 0) {
          SetBits(inner ? inner_ : anchored_, probe.memo.List(list), hits);
        }
        return;
      }
    }
  }
  event.Prepare(step.source);
  if (inner) {
    FindInner(probe, event, step.source, hits);
  } else {
    FindAnchored(probe, event, step.source, hits);
  }
}

// Puts what stands in the values of a field that has to be made into
// all_found_.
void RuleIndex::FindMade(Probe& probe, bool inner, RawEvent& event,
                         uint32_t source) {
  all_found_.clear();
  event.Prepare(source);
  for (const RawValue* value = event.First(source); value != nullptr;
       value = event.Next(*value)) {
    if (inner) {
      FindInnerInValue(probe, event, *value);
    } else {
      FindAnchoredInValue(probe, event, *value);
    }
    all_found_.insert(all_found_.end(), found_.begin(), found_.end());
  }
  std::sort(all_found_.begin(), all_found_.end());
  all_found_.erase(std::unique(all_found_.begin(), all_found_.end()),
                   all_found_.end());
}

void RuleIndex::FindAnchored(Probe& probe, RawEvent& event, uint32_t source,
                             RuleBits* hits) {
  probe.anchored_event = event_number_;
  for (const RawValue* value = event.First(source); value != nullptr;
       value = event.Next(*value)) {
    // To ask the memo takes as long as to look: that is worth it only where the
    // answer will be asked for inner literals, too.
    if (probe.has_inner) {
      ValueMemo::Entry* const entry = EntryOf(probe, *value);
      if (entry != nullptr) {
        if (entry->anchored == ValueMemo::kUnknown) {
          FindAnchoredInValue(probe, event, *value);
          entry->anchored = probe.memo.Keep(found_);
        }
        if (entry->anchored != 0) {
          SetBits(anchored_, probe.memo.List(entry->anchored), hits);
        }
        continue;
      }
    }
    FindAnchoredInValue(probe, event, *value);
    SetBits(anchored_, found_, hits);
  }
}

void RuleIndex::FindAnchoredInValue(Probe& probe, RawEvent& event,
                                    const RawValue& value) {
  found_.clear();
  const std::optional<ScanText> text = ScanTextOf(event, value);
  if (!text) return;
  if (value.kind == RawKind::kNumber && probe.anchored.has_numbers() &&
      !IsPlainInteger(text->text)) {
    found_ = probe.anchored.numbers();
  }
  probe.anchored.FindAnchored(text->text, &found_);
}

// Puts the literals of inner guards that stand in `value` into found_.
void RuleIndex::FindInnerInValue(Probe& probe, RawEvent& event,
                                 const RawValue& value) {
  found_.clear();
  const std::optional<ScanText> text = ScanTextOf(event, value);
  if (!text) return;
  if (value.kind == RawKind::kNumber && probe.inner.has_numbers() &&
      !IsPlainInteger(text->text)) {
    found_ = probe.inner.numbers();
  }
  probe.inner.FindAnchored(text->text, &found_);
  probe.inner.FindInner(text->text, text->is_ascii, &found_);
}

void RuleIndex::FindInner(Probe& probe, RawEvent& event, uint32_t source,
                          RuleBits* hits) {
  probe.inner_event = event_number_;
  for (const RawValue* value = event.First(source); value != nullptr;
       value = event.Next(*value)) {
    ValueMemo::Entry* const entry = EntryOf(probe, *value);
    if (entry == nullptr) {
      FindInnerInValue(probe, event, *value);
      SetBits(inner_, found_, hits);
      continue;
    }
    if (entry->inner == ValueMemo::kUnknown) {
      FindInnerInValue(probe, event, *value);
      entry->inner = probe.memo.Keep(found_);
    }
    if (entry->inner != 0) {
      SetBits(inner_, probe.memo.List(entry->inner), hits);
    }
  }
}

void RuleIndex::Finish(RawEvent& event,
                       absl::FunctionRef<uint32_t(program::FieldId)> source_of,
                       absl::FunctionRef<uint32_t(uint32_t)> key_of,
                       absl::FunctionRef<bool(uint32_t)> is_fixed, Plan* plan) {
  ++event_number_;
  hidden_ = Hidden::kAny;
  plan->anchored_hits = anchored_.without;
  plan->inner_hits = inner_.without;
  for (uint32_t i = 0; i < probes_.size(); ++i) {
    Probe& probe = probes_[i];
    const uint32_t source = source_of(probe.field);
    if (source == kNoField) continue;
    if (is_fixed(source)) {
      event.Prepare(source);
      FindAnchored(probe, event, source, &plan->anchored_hits);
      FindInner(probe, event, source, &plan->inner_hits);
      continue;
    }
    Step step = {.probe = i, .source = source, .key = key_of(source)};
    if (step.key != kNoField) step.form = FormOf(probe, source);
    if (step.form == 0) step.key = kNoField;
    if (probe.has_anchored && Meet(probe.anchored_rules, plan->start)) {
      plan->anchored.push_back(step);
    }
    if (probe.has_inner && Meet(probe.inner_rules, plan->start)) {
      plan->inner.push_back(step);
    }
  }
}

namespace {

// Whether the `size` bytes at `begin` of a well-formed text are part of a
// value that has a text, rather than of a key or of what is between them.
bool IsInValue(const IndexedText& text, size_t begin, size_t size) {
  const uint32_t* const next =
      std::upper_bound(text.places, text.places + text.count, begin);
  // The first place is that of the opening bracket, the last of the closing.
  if (next == text.places || next == text.places + text.count) return false;
  const char* const json = text.json.data();
  const char* const first = json + next[-1];
  const char* last = json + *next;  // Behind the value and what blanks follow.
  while (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\n' ||
         last[-1] == '\r') {
    --last;
  }
  switch (*first) {
    case '"':
      return json[*next] != ':' && json + begin > first &&
             json + begin + size < last;
    case '{':
    case '}':
    case '[':
    case ']':
    case ',':
    case ':':
    case 'n':  // null
      return false;
    default:
      return json + begin + size <= last;
  }
}

}  // namespace

void RuleIndex::FindKeywords(RawEvent& event, RuleBits* hits) {
  if (hidden_ == Hidden::kAny) {
    for (size_t i = 0; i < hits->size(); ++i) {
      (*hits)[i] |= keyword_guards_[i];
    }
    return;
  }
  keywords_event_ = event_number_;
  keywords_count_once_ = event.keys_once();
  const IndexedText& text = *event.indexed_text();
  found_ = unseen_keywords_;
  keywords_.FindIf(
      text.json,
      [&](size_t begin, size_t size) { return IsInValue(text, begin, size); },
      &found_);
  SetBits(inner_, found_, hits);
}

// Takes the rules that lack a hit in some slot out of candidates_.
void RuleIndex::TakeOut(const GuardsOf& guards, const RuleBits& hits) {
  uint64_t* const candidates = candidates_.data();
  const uint64_t* of_slot = hits.data();
  for (uint32_t slot = 0; slot < guards.slots; ++slot, of_slot += words_) {
    for (size_t i = 0; i < words_; ++i) candidates[i] &= of_slot[i];
  }
}

std::span<uint64_t> RuleIndex::Begin(const Plan& plan, RawEvent& event) {
  ++event_number_;
  const bool has_keywords = !keywords_.empty() || !unseen_keywords_.empty();
  const IndexedText* const text = event.indexed_text();
  hidden_ =
      has_keywords && text != nullptr ? HiddenIn(text->json) : Hidden::kAny;
  candidates_ = plan.start;
  return {candidates_.data(), candidates_.size()};
}

void RuleIndex::Narrow(const Plan& plan, RawEvent& event) {
  if (std::all_of(candidates_.begin(), candidates_.end(),
                  [](uint64_t word) { return word == 0; })) {
    return;
  }
  hits_ = plan.anchored_hits;
  for (const Step& step : plan.anchored) {
    if (!Meet(probes_[step.probe].anchored_rules, candidates_)) continue;
    Find(step, false, event, &hits_);
  }
  TakeOut(anchored_, hits_);

  hits_ = plan.inner_hits;
  for (const Step& step : plan.inner) {
    if (!Meet(probes_[step.probe].inner_rules, candidates_)) continue;
    Find(step, true, event, &hits_);
  }
  const bool has_keywords = !keywords_.empty() || !unseen_keywords_.empty();
  if (has_keywords && Meet(keyword_rules_, candidates_)) {
    FindKeywords(event, &hits_);
  }
  TakeOut(inner_, hits_);
}

}  // namespace tocsin::runtime

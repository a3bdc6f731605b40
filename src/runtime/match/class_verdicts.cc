#include "src/runtime/match/class_verdicts.h"

#include <algorithm>
#include <compare>
#include <utility>

namespace tocsin::runtime {
namespace {

using program::TestOp;

bool IsLess(const base::Number& a, const base::Number& b) {
  return base::Compare(a, b) == std::partial_ordering::less;
}

}  // namespace

ClassVerdicts::ClassVerdicts(VerdictContext* context, const RuleIndex* index,
                             std::span<const uint64_t> start,
                             std::span<const uint32_t> sources,
                             std::span<const uint32_t> fixed)
    : context_(*context),
      index_(*index),
      start_(start),
      sources_(sources),
      fixed_(fixed) {
  size_t rules = 0;
  for (const uint64_t word : start) {
    rules += static_cast<size_t>(__builtin_popcountll(word));
  }
  has_few_rules_ = rules <= kFewRules;
}

// The value of a field that has one, and no more; null otherwise. What objects
// hold is not told by it.
const RawValue* ClassVerdicts::SingleValue(uint32_t source) const {
  const RawValue* const value = context_.raw->First(source);
  return value != nullptr && value->next == 0 && value->kind != RawKind::kObject
             ? value
             : nullptr;
}

// Clauses of candidates.
uint64_t ClassVerdicts::AskedClauses(
    std::span<const uint64_t> candidates) const {
  uint64_t asked = 0;
  for (size_t i = 0; i < clauses_.size(); ++i) {
    const uint32_t bit = clauses_[i].bit;
    asked |= (candidates[bit >> 6] >> (bit & 63) & 1) << i;
  }
  return asked;
}

void ClassVerdicts::Narrow(std::span<uint64_t> candidates, RuleBits* decided) {
  if (++events_ % kPeriod == kFirstWatched + kWatched) Choose();
  const uint64_t asked = AskedClauses(candidates);
  uint64_t false_clauses = asked;
  for (Field& field : fields_) {
    field.of_event = nullptr;
    const bool is_asked =
        (field.clauses & false_clauses) != 0 ||
        std::any_of(field.words.begin(), field.words.end(), [&](const Word& w) {
          return (candidates[w.word] & w.rules) != 0;
        });
    if (is_asked) LookUp(field);
    if (field.of_event == nullptr) {
      false_clauses &= ~field.clauses;
      continue;
    }
    for (size_t i = 0; i < field.words.size(); ++i) {
      const Verdict& verdict = field.of_event[i];
      const uint32_t word = field.words[i].word;
      (*decided)[word] |= candidates[word] & verdict.all;
      candidates[word] &= ~(verdict.none | verdict.all);
    }
    false_clauses &= ~field.clauses | field.of_event[field.words.size()].none;
  }
  for (; false_clauses != 0; false_clauses &= false_clauses - 1) {
    const uint32_t bit =
        clauses_[static_cast<size_t>(__builtin_ctzll(false_clauses))].bit;
    candidates[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
  }
}

ValueMemo::Entry* ClassVerdicts::EntryOf(Field& field,
                                         const RawValue& value) const {
  if (value.kind == RawKind::kNumber && field.bounds) {
    constexpr uint8_t kPlace = 0xFF;  // No kind of value.
    const std::optional<FieldValue> read = base::ParseNumberValue(value.text());
    if (const auto number = read ? base::ToNumber(*read) : std::nullopt) {
      const auto bound = std::lower_bound(field.bounds->begin(),
                                          field.bounds->end(), *number, IsLess);
      const bool is_bound =
          bound != field.bounds->end() && !IsLess(*number, *bound);
      const auto place = static_cast<uint32_t>(
          2 * (bound - field.bounds->begin()) + (is_bound ? 1 : 0));
      return field.memo.Find(
          {reinterpret_cast<const char*>(&place), sizeof(place)}, kPlace);
    }
  }
  return field.memo.Find(value.text(), static_cast<uint8_t>(value.kind));
}

void ClassVerdicts::LookUp(Field& field) {
  const RawValue* const value = SingleValue(field.source);
  if (value == nullptr) return;
  ValueMemo::Entry* const entry = EntryOf(field, *value);
  if (entry == nullptr) return;
  const size_t size = field.words.size() + 1;
  if (field.verdicts.empty()) field.verdicts.resize(kMemoRoom.entries * size);
  field.of_event = field.verdicts.data() + field.memo.PlaceOf(*entry) * size;
  if (entry->inner == ValueMemo::kUnknown) {  // It is new.
    std::fill_n(field.of_event, size, Verdict());
    entry->inner = 0;
  } else if (entry->inner < kTimesSeen && ++entry->inner == kTimesSeen) {
    if (has_few_rules_) DecideRules(field);
    DecideClauses(field);
  }
}

// What the value at hand says of some rules of a word.
void ClassVerdicts::Decide(Field& field, size_t word, uint64_t mask) {
  Verdict& verdict = field.of_event[word];
  verdict.known |= mask;
  for (; mask != 0; mask &= mask - 1) {
    const uint64_t one = mask & -mask;
    const size_t bit = field.words[word].word * size_t{64} +
                       static_cast<size_t>(__builtin_ctzll(mask));
    switch (context_.matcher->Foresee(index_.rules()[bit], field.is_fixed)) {
      case Matcher::Outlook::kNone:
        verdict.none |= one;
        break;
      case Matcher::Outlook::kAll:
        verdict.all |= one;
        break;
      case Matcher::Outlook::kSome:
        break;
    }
  }
}

void ClassVerdicts::DecideRules(Field& field) {
  for (size_t i = 0; i < field.words.size(); ++i) {
    Decide(field, i, field.words[i].rules & ~field.of_event[i].known);
  }
}

void ClassVerdicts::DecideClauses(Field& field) {
  Verdict& verdict = field.of_event[field.words.size()];
  for (size_t i = 0; i < clauses_.size(); ++i) {
    const uint64_t mask = uint64_t{1} << i;
    if ((field.clauses & mask) == 0) continue;
    const bool is_false = std::all_of(
        clauses_[i].parts.begin(), clauses_[i].parts.end(),
        [&](const Clause::Part& part) {
          return part.source != field.source ||
                 context_.matcher->ForeseeNode(part.node, field.is_fixed) ==
                     Matcher::Outlook::kNone;
        });
    if (is_false) verdict.none |= mask;
  }
}

void ClassVerdicts::Learn(size_t bit, bool passed) {
  const uint64_t mask = uint64_t{1} << (bit & 63);
  for (Field& field : fields_) {
    if (field.of_event == nullptr) continue;
    for (size_t i = 0; i < field.words.size(); ++i) {
      if (field.words[i].word != bit >> 6) continue;
      Decide(field, i, field.words[i].rules & ~field.of_event[i].known & mask);
    }
  }
  if (!passed && IsWatching()) Watch(bit);
}

// The field of the event whose value tells all of a rule's field; kNoField if
// there is none such, or it is the same for the class.
uint32_t ClassVerdicts::KeyOf(program::FieldId field) const {
  if (field == program::kAnyField) return kNoField;
  uint32_t source = sources_.empty() ? field : sources_[field];
  if (source == kNoField) return kNoField;
  if (context_.raw->IsDerived(source)) {
    const std::span<const uint32_t> inputs = context_.derived->InputsOf(source);
    if (inputs.size() != 1) return kNoField;
    source = inputs[0];
  }
  const bool is_fixed =
      std::find(fixed_.begin(), fixed_.end(), source) != fixed_.end();
  return is_fixed || !context_.raw->Has(source) ? kNoField : source;
}

const std::vector<bool>& ClassVerdicts::FixedWith(uint32_t source) {
  const auto [fixed, is_new] = fixed_with_.try_emplace(source);
  if (is_new) fixed->second = MakeFixedWith(source);
  return fixed->second;
}

std::vector<bool> ClassVerdicts::MakeFixedWith(uint32_t source) const {
  const auto is_told = [&](uint32_t input) {
    return input == source ||
           std::find(fixed_.begin(), fixed_.end(), input) != fixed_.end();
  };
  std::vector<bool> told(context_.matcher->field_count());
  for (program::FieldId field = 0; field < told.size(); ++field) {
    const uint32_t of = sources_.empty() ? field : sources_[field];
    if (of == kNoField) {
      told[field] = true;
    } else if (context_.raw->IsDerived(of)) {
      const auto inputs = context_.derived->InputsOf(of);
      told[field] = std::all_of(inputs.begin(), inputs.end(), is_told);
    } else {
      told[field] = is_told(of) || !context_.raw->Has(of);
    }
  }
  return told;
}

// A candidate failed. Which field alone would have told?
void ClassVerdicts::Watch(size_t bit) {
  const uint32_t rule = index_.rules()[bit];
  absl::InlinedVector<uint32_t, 16> asked;
  bool is_told = false;
  for (const program::FieldId field : context_.matcher->FieldsOf(rule)) {
    const uint32_t source = KeyOf(field);
    if (source == kNoField || SingleValue(source) == nullptr ||
        std::find(asked.begin(), asked.end(), source) != asked.end()) {
      continue;
    }
    asked.push_back(source);
    if (context_.matcher->Foresee(rule, FixedWith(source)) !=
        Matcher::Outlook::kNone) {
      continue;
    }
    is_told = true;
    const auto vote =
        std::find_if(votes_.begin(), votes_.end(), [&](const Vote& other) {
          return other.source == source && other.bit == bit;
        });
    if (vote != votes_.end()) {
      ++vote->count;
    } else {
      votes_.push_back({source, static_cast<uint32_t>(bit), 1});
    }
  }
  if (!is_told) WatchClauses(static_cast<uint32_t>(bit));
}

// No field alone tells. Do several that are joined by `or`?
void ClassVerdicts::WatchClauses(uint32_t bit) {
  const program::Program& program = *context_.program;
  const program::NodeId root = program.rules[index_.rules()[bit]].root;
  std::span<const program::NodeId> nodes(&root, 1);
  if (program.nodes[root].kind == program::Node::kAnd) {
    nodes = std::span(program.children)
                .subspan(program.nodes[root].first, program.nodes[root].count);
  }
  for (const program::NodeId node : nodes) {
    if (program.nodes[node].kind != program::Node::kOr) continue;
    const auto known = std::find_if(
        clause_votes_.begin(), clause_votes_.end(), [&](const Clause& other) {
          return other.node == node && other.bit == bit;
        });
    Clause clause = {.bit = bit, .node = node};
    if (!SplitClause(&clause)) continue;
    if (known != clause_votes_.end()) {
      ++known->votes;
    } else {
      clause.votes = 1;
      clause_votes_.push_back(std::move(clause));
    }
  }
}

// Finds on which field each part of a clause rests. False: that of some part is
// not one, or it is not false in the event at hand.
bool ClassVerdicts::SplitClause(Clause* clause) {
  const program::Program& program = *context_.program;
  const program::Node& node = program.nodes[clause->node];
  if (node.count > kMaxParts) return false;
  for (uint32_t i = 0; i < node.count; ++i) {
    const program::NodeId part = program.children[node.first + i];
    uint32_t source = kNoField;
    for (const program::FieldId field : context_.matcher->FieldsOfNode(part)) {
      const uint32_t of = KeyOf(field);
      if (of == kNoField) continue;
      if (source != kNoField && source != of) return false;
      source = of;
    }
    // A part that rests on nothing but the class is false in all its events, or
    // the clause is no use.
    if ((source != kNoField && SingleValue(source) == nullptr) ||
        context_.matcher->ForeseeNode(part, FixedWith(source)) !=
            Matcher::Outlook::kNone) {
      return false;
    }
    if (source != kNoField) clause->parts.push_back({part, source});
  }
  return !clause->parts.empty();
}

// Takes on the fields that would have spared most, one after the other; what
// one spares another cannot.
void ClassVerdicts::Choose() {
  while (true) {
    uint32_t best = kNoField;
    uint32_t most = 0;
    for (const Vote& vote : votes_) {
      uint32_t spared = 0;
      for (const Vote& other : votes_) {
        if (other.source == vote.source) spared += other.count;
      }
      if (spared > most) {
        most = spared;
        best = vote.source;
      }
    }
    if (most < kMinSpared) break;
    AddRules(best);
    for (const Vote& chosen : votes_) {
      if (chosen.source != best) continue;
      for (Vote& vote : votes_) {
        if (vote.source == best || vote.bit != chosen.bit) continue;
        vote.count -= std::min(vote.count, chosen.count);
      }
    }
    std::erase_if(votes_, [&](const Vote& vote) {
      return vote.source == best || vote.count == 0;
    });
  }
  votes_.clear();
  AddClauses();
  clause_votes_.clear();
}

// The field with this source, a new one if there is none; null for want of
// room.
ClassVerdicts::Field* ClassVerdicts::FieldOf(uint32_t source) {
  for (Field& field : fields_) {
    if (field.source == source) return &field;
  }
  if (fields_.size() == kMaxFields || context_.memos_left == 0) return nullptr;
  --context_.memos_left;
  return &fields_.emplace_back(source, FixedWith(source));
}

void ClassVerdicts::AddClauses() {
  for (Clause& clause : clause_votes_) {
    if (clause.votes < kMinSpared || clauses_.size() == kMaxClauses ||
        std::any_of(
            clauses_.begin(), clauses_.end(),
            [&](const Clause& c) {
              return c.bit == clause.bit && c.node == clause.node;
            })) {
      continue;
    }
    const uint64_t mask = uint64_t{1} << clauses_.size();
    const bool has_room =
        std::all_of(clause.parts.begin(), clause.parts.end(),
                    [&](const auto& part) { return FieldOf(part.source); });
    if (!has_room) continue;
    for (const Clause::Part& part : clause.parts) {
      Field& field = *FieldOf(part.source);
      field.clauses |= mask;
    }
    clauses_.push_back(std::move(clause));
    for (Field& field : fields_) {
      if ((field.clauses & mask) != 0) Forget(&field);
    }
  }
}

// Has a field decide the rules that votes name, and others where they are few.
void ClassVerdicts::AddRules(uint32_t source) {
  Field* const field = FieldOf(source);
  if (field == nullptr) return;
  const auto takes_part = [&](uint32_t bit) {
    return std::any_of(
        field->words.begin(), field->words.end(), [&](const Word& w) {
          return w.word == bit >> 6 && (w.rules >> (bit & 63) & 1) != 0;
        });
  };
  if (std::all_of(votes_.begin(), votes_.end(), [&](const Vote& vote) {
        return vote.source != source || takes_part(vote.bit);
      })) {
    return;  // Its values do not repeat.
  }
  const auto add = [&](uint32_t bit) {
    const uint32_t number = bit >> 6;
    auto word = std::find_if(field->words.begin(), field->words.end(),
                             [&](const Word& w) { return w.word == number; });
    if (word == field->words.end()) {
      field->words.push_back({number, 0});
      word = field->words.end() - 1;
    }
    word->rules |= uint64_t{1} << (bit & 63);
  };
  for (const Vote& vote : votes_) {
    if (vote.source == source) add(vote.bit);
  }
  for (uint32_t bit = 0; has_few_rules_ && bit < index_.rules().size(); ++bit) {
    if ((start_[bit >> 6] >> (bit & 63) & 1) == 0) continue;
    const auto asked = context_.matcher->FieldsOf(index_.rules()[bit]);
    if (std::any_of(asked.begin(), asked.end(),
                    [&](program::FieldId f) { return KeyOf(f) == source; })) {
      add(bit);
    }
  }
  Forget(field);
}

// What was known is of fewer rules.
void ClassVerdicts::Forget(Field* field) const {
  field->memo = ValueMemo(kMemoRoom);
  field->verdicts.clear();
  field->of_event = nullptr;
  FindBounds(field);
}

void ClassVerdicts::FindBounds(Field* field) const {
  field->bounds.emplace();
  bool only_bounds = true;
  for (const Word& word : field->words) {
    for (uint64_t rules = word.rules; rules != 0; rules &= rules - 1) {
      const size_t bit =
          word.word * size_t{64} + static_cast<size_t>(__builtin_ctzll(rules));
      const uint32_t rule = index_.rules()[bit];
      only_bounds =
          only_bounds && AddBounds(context_.program->rules[rule].root, field);
    }
  }
  for (size_t i = 0; i < clauses_.size(); ++i) {
    if ((field->clauses >> i & 1) == 0) continue;
    only_bounds = only_bounds && AddBounds(clauses_[i].node, field);
  }
  if (!only_bounds) {
    field->bounds.reset();
    return;
  }
  std::sort(field->bounds->begin(), field->bounds->end(), IsLess);
}

// Adds what a node's tests hold numbers of the field against. False: they ask
// for more.
bool ClassVerdicts::AddBounds(program::NodeId id, Field* field) const {
  const program::Program& program = *context_.program;
  const program::Node& node = program.nodes[id];
  if (node.kind != program::Node::kTest) {
    for (uint32_t i = 0; i < node.count; ++i) {
      if (!AddBounds(program.children[node.first + i], field)) return false;
    }
    return true;
  }
  const program::Test& test = program.tests[node.first];
  const auto fields = context_.matcher->FieldsOfNode(id);
  if (std::none_of(fields.begin(), fields.end(), [&](program::FieldId of) {
        return KeyOf(of) == field->source;
      })) {
    return true;
  }
  // Not of what is made of it.
  if (test.op == TestOp::kExpression ||
      (sources_.empty() ? test.field : sources_[test.field]) != field->source) {
    return false;
  }
  switch (test.op) {
    case TestOp::kCompare:
      if (base::Compare(test.number, test.number) !=
          std::partial_ordering::equivalent) {
        return false;
      }
      field->bounds->push_back(test.number);
      return true;
    case TestOp::kPattern:  // Any text at all: all numbers, or none.
      return test.pattern.tokens.size() == 1 &&
             test.pattern.tokens[0].kind == base::PatternToken::kAnyRun;
    case TestOp::kBool:
    case TestOp::kNull:
    case TestOp::kExists:
      return true;
    default:
      return false;
  }
}

}  // namespace tocsin::runtime

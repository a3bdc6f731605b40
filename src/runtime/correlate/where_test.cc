#include "src/runtime/correlate/where_test.h"

#include <bit>
#include <cstring>
#include <optional>

#include "src/base/json_writer.h"
#include "src/base/value.h"

namespace tocsin::runtime {
namespace {

size_t WordsOf(size_t bytes) { return (bytes + 7) / 8; }

// Line number `i` of what was captured.
std::string_view LineOf(std::string_view captured, uint32_t i) {
  for (; i > 0; --i) {
    const size_t end = captured.find('\n');
    if (end == std::string_view::npos) return {};
    captured.remove_prefix(end + 1);
  }
  return captured.substr(0, captured.find('\n'));
}

}  // namespace

bool Capture(const program::Correlation& rule, program::StepMask steps,
             int64_t time, EventFields& fields, std::string* captured) {
  captured->clear();
  bool fits = true;
  // Room for the ends of all lines is left.
  const size_t most = kMostCaptured - rule.captured.size();
  for (const program::CapturedField& field : rule.captured) {
    const size_t before = captured->size();
    if ((field.steps & steps) != 0 &&
        !fields.AppendJson(field.field, captured) && field.is_time) {
      base::AppendJsonString(*base::TextOf(base::Value::Time(time)), captured);
    }
    if (captured->size() > most) {
      fits = false;
      captured->resize(before);
    }
    *captured += '\n';
  }
  return fits;
}

void AppendCaptured(std::string_view captured, std::vector<uint64_t>* columns) {
  columns->push_back(captured.size());
  const size_t at = columns->size();
  columns->resize(at + WordsOf(captured.size()), 0);
  std::memcpy(columns->data() + at, captured.data(), captured.size());
}

std::string_view CapturedBehind(const uint64_t* columns, size_t count) {
  return {reinterpret_cast<const char*>(columns + count + 1), columns[count]};
}

size_t EventWords(const program::Correlation& rule, const uint64_t* columns) {
  const size_t count = rule.columns.size();
  if (rule.captured.empty()) return count;
  return count + 1 + WordsOf(columns[count]);
}

bool AreEventWords(const program::Correlation& rule,
                   const std::vector<uint64_t>& words) {
  const size_t count = rule.columns.size();
  if (rule.captured.empty()) return words.size() == count;
  return words.size() > count && words[count] <= kMostCaptured &&
         words.size() == count + 1 + WordsOf(words[count]);
}

program::StepMask WhereTest::steps() const {
  program::StepMask mask = 0;
  for (const program::CapturedField& field : rule_.captured) {
    mask |= field.steps;
  }
  return mask;
}

void WhereTest::Choose(program::StepMask steps, std::string_view captured) {
  for (; steps != 0; steps &= steps - 1) {
    const auto step = static_cast<size_t>(std::countr_zero(steps));
    if (step < chosen_.size()) chosen_[step] = captured;
  }
}

bool WhereTest::Meets(uint32_t condition, int64_t time) {
  json_.clear();
  json_ += '{';
  for (const program::WhereField& field : rule_.where_fields) {
    const std::string_view value = LineOf(chosen_[field.step], field.captured);
    if (value.empty()) continue;
    if (json_.size() > 1) json_ += ',';
    json_ += field.key;
    json_ += value;
  }
  json_ += '}';
  return findings_ != nullptr && findings_->Holds(condition, json_, time);
}

}  // namespace tocsin::runtime

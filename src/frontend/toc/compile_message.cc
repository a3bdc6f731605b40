// What a message may say: `{user.name}`, `{failed.count}`, `{sum(x) of up}`.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

using text::Quoted;

void RuleCompiler::CheckMessages() {
  if (messages_checked_) return;
  messages_checked_ = true;
  for (const Clause& clause : rule_.clauses) {
    if (clause.kind != Clause::kMessage) continue;
    const Texts& texts = std::get<Texts>(clause.what);
    CheckMessage(texts.texts[0], texts.spans[0]);
  }
}

std::vector<std::string> RuleCompiler::KnownValues() const {
  std::vector<std::string> known;
  for (const ir::KeyPart& part : correlation_.group.parts) {
    known.push_back(part.name);
  }
  if (correlation_.group.any_of) {
    known.emplace_back("tie.field");
    known.emplace_back("tie.value");
  }
  for (const RuleStep& step : steps_) {
    if (!step.used) continue;
    known.push_back(step.name + ".count");
    known.push_back(step.name + ".*");
  }
  for (const Clause& clause : rule_.clauses) {
    const Show* const show = std::get_if<Show>(&clause.what);
    if (show == nullptr) continue;
    for (const Show::Item& item : show->items) {
      if (item.name) known.push_back(item.name->text);
    }
  }
  return known;
}

bool RuleCompiler::IsKnownValue(std::string_view name) const {
  for (const std::string& known : KnownValues()) {
    if (known == name) return true;
    const bool any =
        known.ends_with(".*") &&
        name.starts_with(std::string_view(known).substr(0, known.size() - 1));
    if (any) return true;
  }
  return false;
}

void RuleCompiler::CheckMessage(const Word& message, Span span) {
  // Places are known where the text stands as it is.
  const std::string_view written = module_.source().Slice(span);
  const std::string& text = message.text;
  for (size_t at = text.find('{'); at != std::string::npos;
       at = text.find('{', at + 1)) {
    const size_t close = text.find('}', at);
    Span place = span;
    const size_t shown = written.find(
        text.substr(at, close == std::string::npos ? 1 : close - at + 1));
    if (close == std::string::npos) {
      if (shown != std::string_view::npos) {
        place.begin += static_cast<uint32_t>(shown);
        place.end = place.begin + 1;
      }
      Error("T331", place, "this brace of the message is not closed");
      return;
    }
    std::string name = text.substr(at + 1, close - at - 1);
    if (shown != std::string_view::npos) {
      place.begin += static_cast<uint32_t>(shown) + 1;
      place.end = place.begin + static_cast<uint32_t>(name.size());
    }
    name = name.substr(0, name.find('|'));              // How it is written.
    if (name.find('(') != std::string::npos) continue;  // A measure.
    if (when_ == nullptr) continue;  // Any field of the event.
    if (correlation_.steps.empty() || IsKnownValue(name)) continue;
    std::string all;
    std::vector<std::string> known = KnownValues();
    for (const std::string& each : known) {
      absl::StrAppend(&all, all.empty() ? "" : ", ", each);
    }
    Error("T331", place, "the detection has no " + Quoted(name),
          "it has: " + all);
  }
}

}  // namespace tocsin::toc

// The words of the language: one table, from which parser, formatter, editor
// grammar and messages are made.

#ifndef TOCSIN_SRC_FRONTEND_TOC_KEYWORDS_H_
#define TOCSIN_SRC_FRONTEND_TOC_KEYWORDS_H_

#include <optional>
#include <span>
#include <string_view>

#include "src/frontend/toc/ast.h"

namespace tocsin::toc {

struct Keyword {
  enum Place : uint8_t {
    kFile,       // Begins an item of a file.
    kRule,       // Begins a clause of a rule.
    kPattern,    // Has meaning behind `when`.
    kCondition,  // Reserved inside conditions.
    kOther,      // Inside one clause.
  };
  std::string_view word;
  Place place;
  std::string_view description;
};

std::span<const Keyword> Keywords();

// The clause that begins with `word`; nullopt if none does.
std::optional<Clause::Kind> ClauseOf(std::string_view word);
// The word it begins with; "" for a step.
std::string_view WordOf(Clause::Kind kind);

bool BeginsItem(std::string_view word);

// Names that no step may have.
bool IsReservedForSteps(std::string_view word);

std::span<const std::string_view> Levels();
std::span<const std::string_view> Statuses();
std::span<const std::string_view> ListTypes();

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_KEYWORDS_H_

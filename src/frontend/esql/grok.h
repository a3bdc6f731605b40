// Patterns of GROK and DISSECT as regular expressions of RE2, with a group for
// each column.

#ifndef TOCSIN_SRC_FRONTEND_ESQL_GROK_H_
#define TOCSIN_SRC_FRONTEND_ESQL_GROK_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::esql {

struct Extraction {
  struct Column {
    std::string name;
    std::vector<int> groups;  // Joined by `separator`.
    bool is_number = false;   // `%{NUMBER:x:int}`.
  };

  std::string regex;  // To be found anywhere in the text.
  std::vector<Column> columns;
  std::string problem;  // Why there is none; "" if there is.
};

// `%{WORD:name}`, `(?<name>...)` and what regular expressions have.
Extraction ReadGrok(std::string_view pattern);

// `%{name} - %{?skipped} %{+name}`. A part reaches up to where the text behind
// it first stands.
Extraction ReadDissect(std::string_view pattern);

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_GROK_H_

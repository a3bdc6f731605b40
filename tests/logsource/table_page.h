// The tables of docs/log-sources.md, made from the built-in table.

#ifndef TOCSIN_TESTS_LOGSOURCE_TABLE_PAGE_H_
#define TOCSIN_TESTS_LOGSOURCE_TABLE_PAGE_H_

#include <string>

namespace tocsin::logsource {

std::string TableMarkdown();

}  // namespace tocsin::logsource

#endif  // TOCSIN_TESTS_LOGSOURCE_TABLE_PAGE_H_

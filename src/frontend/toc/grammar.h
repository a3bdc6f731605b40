// A grammar for editors, made from the table of keywords.

#ifndef TOCSIN_SRC_FRONTEND_TOC_GRAMMAR_H_
#define TOCSIN_SRC_FRONTEND_TOC_GRAMMAR_H_

#include <string>

namespace tocsin::toc {

std::string TextMateGrammar();

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_GRAMMAR_H_

// The pages of diagnostics (docs/diagnostics/): what stands under "Wrong:" has
// the messages of the page, what stands under "Right:" has none, and each code
// has a page and a line of the index.

#ifndef TOCSIN_TESTS_FRONTEND_PAGES_H_
#define TOCSIN_TESTS_FRONTEND_PAGES_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::testing {

// The codes from `first` to `last` that have a page, as "T300".
std::vector<std::string> PagesOf(int first, int last);

// `messages` compiles a text and says what is wrong with it. Blocks of the page
// have one of `fences`. With TOCSIN_UPDATE_GOLDENS=1 in the environment the
// messages are written anew.
void ExpectPage(const std::string& code,
                const std::vector<std::string_view>& fences,
                const std::function<std::string(const std::string&)>& messages);

// Of the codes from `first` to `last` those have a page, and a line of the
// index with its title, that sources below `folder` of the repository tell.
void ExpectPagesOf(int first, int last, std::string_view folder);

}  // namespace tocsin::testing

#endif  // TOCSIN_TESTS_FRONTEND_PAGES_H_

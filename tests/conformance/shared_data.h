// Where outside test data lies: the folder that TOCSIN_CORPUS names, or
// `shared` beside the repository.

#ifndef TOCSIN_TESTS_CONFORMANCE_SHARED_DATA_H_
#define TOCSIN_TESTS_CONFORMANCE_SHARED_DATA_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::conformance {

// The folder; empty if there is none.
std::string SharedFolder();

// Calls `line` for each line of a .ndjson or .tsv file, .zst or not, below the
// folder, with its number from 0. False if it cannot be read.
bool ForEachLine(const std::string& name,
                 const std::function<void(long, std::string_view)>& line);

// Unpacks a .tar.zst below the folder once, below the build folder; returns
// where, or empty: with a message on stderr unless it is not there.
std::string UnpackedFolder(const std::string& name);

// The same of corpora/sigma-rules.tar.zst once, below the build folder; returns
// the folder, or empty with a message on stderr.
std::string SigmaRulesFolder();

// The rule folders that hold active rules, in a fixed order.
inline constexpr std::string_view kActiveRuleFolders[] = {
    "rules",      "rules-compliance",     "rules-emerging-threats",
    "rules-dfir", "rules-threat-hunting", "rules-placeholder"};

}  // namespace tocsin::conformance

#endif  // TOCSIN_TESTS_CONFORMANCE_SHARED_DATA_H_

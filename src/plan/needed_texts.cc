#include "src/plan/needed_texts.h"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "src/base/regex.h"

namespace tocsin::plan {
namespace {

// Expressions that need more different texts are guarded by any of them.
constexpr size_t kMaxAtoms = 48;

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

// In an order that does not depend on RE2's.
std::vector<std::vector<std::string>> Sorted(
    std::vector<std::vector<std::string>> sets) {
  for (std::vector<std::string>& set : sets) std::sort(set.begin(), set.end());
  std::sort(sets.begin(), sets.end());
  return sets;
}

// RE2's filter of one expression: a monotone function of which atoms, texts it
// asks for, stand in a text.
class Filter {
 public:
  explicit Filter(std::string_view regex) : filter_(kMinAtom) {
    int id;
    if (filter_.Add(re2::StringPiece(regex.data(), regex.size()),
                    base::RegexOptions(), &id) == RE2::NoError) {
      filter_.Compile(&atoms_);
    }
  }

  const std::vector<std::string>& atoms() const { return atoms_; }

  // Whether a text that holds all atoms but those in `missing` could match.
  bool PassesWithout(const std::vector<bool>& missing) const {
    std::vector<int> there;
    for (size_t i = 0; i < atoms_.size(); ++i) {
      if (!missing[i]) there.push_back(static_cast<int>(i));
    }
    std::vector<int> passing;
    filter_.AllPotentials(there, &passing);
    return !passing.empty();
  }

 private:
  // Single signs too: a backquote tells more than a common word.
  static constexpr int kMinAtom = 1;

  re2::FilteredRE2 filter_;
  std::vector<std::string> atoms_;
};

}  // namespace

std::vector<std::vector<std::string>> NeededTexts(std::string_view regex) {
  const Filter filter(regex);
  const std::vector<std::string>& atoms = filter.atoms();
  // Beyond ASCII, RE2's lower case and case folding may differ.
  if (atoms.empty() || !std::all_of(atoms.begin(), atoms.end(), IsAscii)) {
    return {};
  }
  std::vector<bool> missing(atoms.size(), true);
  if (filter.PassesWithout(missing)) return {};
  if (atoms.size() > kMaxAtoms) return Sorted({atoms});

  std::vector<std::vector<std::string>> needed;
  // Atoms without which nothing matches, each for itself.
  for (size_t i = 0; i < atoms.size(); ++i) {
    missing.assign(atoms.size(), false);
    missing[i] = true;
    if (!filter.PassesWithout(missing)) needed.push_back({atoms[i]});
  }
  // Of the others a smallest set of which one is needed, if they have one. The
  // shortest are left out first.
  std::vector<size_t> others;
  missing.assign(atoms.size(), false);
  for (size_t i = 0; i < atoms.size(); ++i) {
    const bool alone =
        std::find(needed.begin(), needed.end(),
                  std::vector<std::string>{atoms[i]}) != needed.end();
    if (alone) continue;
    others.push_back(i);
    missing[i] = true;
  }
  if (others.empty() || filter.PassesWithout(missing)) {
    return Sorted(std::move(needed));
  }
  std::stable_sort(others.begin(), others.end(), [&](size_t a, size_t b) {
    return atoms[a].size() < atoms[b].size();
  });
  for (const size_t i : others) {
    missing[i] = false;
    if (filter.PassesWithout(missing)) missing[i] = true;
  }
  std::vector<std::string> set;
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (missing[i]) set.push_back(atoms[i]);
  }
  needed.push_back(std::move(set));
  return Sorted(std::move(needed));
}

}  // namespace tocsin::plan

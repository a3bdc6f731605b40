// The functions of detectors: names, and which fields they need or may have.

#ifndef TOCSIN_SRC_FRONTEND_MLJOB_FUNCTIONS_H_
#define TOCSIN_SRC_FRONTEND_MLJOB_FUNCTIONS_H_

#include <string_view>
#include <vector>

#include "src/base/detector_kinds.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::mljob {

enum class Need : uint8_t { kMustNot, kMay, kMust };

struct Function {
  std::string_view name;
  base::DetectorFunction function;
  detectors::Side side;
  Need field;
  Need by;
  Need over;
};

// Null if there is none of that name.
const Function* FindFunction(std::string_view name);

// All names, for suggestions.
std::vector<std::string_view> FunctionNames();

}  // namespace tocsin::mljob

#endif  // TOCSIN_SRC_FRONTEND_MLJOB_FUNCTIONS_H_

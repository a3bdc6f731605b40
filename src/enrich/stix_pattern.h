// Patterns of STIX 2 indicators, as far as they are lists of values.

#ifndef TOCSIN_SRC_ENRICH_STIX_PATTERN_H_
#define TOCSIN_SRC_ENRICH_STIX_PATTERN_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::enrich {

// The values of "[ipv4-addr:value = '192.0.2.1' OR url:value = '...']", also of
// several brackets joined by OR; none if the pattern says more than `one of
// these`.
std::vector<std::string> StixPatternValues(std::string_view pattern);

}  // namespace tocsin::enrich

#endif  // TOCSIN_SRC_ENRICH_STIX_PATTERN_H_

#include "tocsin/timestamp.h"

int main() {
  const tocsin::Timestamp start(1'768'472'430'000'000'000);
  return start + absl::Minutes(5) - start == absl::Minutes(5) ? 0 : 1;
}

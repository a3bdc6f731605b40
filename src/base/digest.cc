#include "src/base/digest.h"

#include <sodium.h>

#include <cstdint>

namespace tocsin::base {
namespace {

crypto_generichash_state* State(unsigned char* storage) {
  return reinterpret_cast<crypto_generichash_state*>(storage);
}

void Update(unsigned char* storage, const void* data, size_t size) {
  crypto_generichash_update(State(storage),
                            static_cast<const unsigned char*>(data), size);
}

}  // namespace

static_assert(sizeof(crypto_generichash_state) <= 512);

Digest::Digest() {
  // Sets up nothing but CPU dispatch; safe to repeat and from any thread.
  [[maybe_unused]] const int status = sodium_init();
  crypto_generichash_init(State(state_), nullptr, 0, 16);
}

Digest& Digest::Add(std::string_view part) {
  unsigned char length[8];
  uint64_t n = part.size();
  for (unsigned char& byte : length) {
    byte = static_cast<unsigned char>(n);
    n >>= 8;
  }
  Update(state_, length, sizeof(length));
  Update(state_, part.data(), part.size());
  return *this;
}

Digest& Digest::AddInt(long long value) { return Add(std::to_string(value)); }

std::string Digest::Bytes() {
  std::string bytes(16, '\0');
  crypto_generichash_final(State(state_),
                           reinterpret_cast<unsigned char*>(bytes.data()),
                           bytes.size());
  return bytes;
}

std::string Digest::Hex() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : Bytes()) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace tocsin::base

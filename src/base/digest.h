// Digest: identities that outlive a process.
//
// BLAKE2b from libsodium. Detection ids are dedup keys downstream; with a
// weaker hash a sender could make two events collide and so hide one.

#ifndef TOCSIN_SRC_BASE_DIGEST_H_
#define TOCSIN_SRC_BASE_DIGEST_H_

#include <string>
#include <string_view>

namespace tocsin::base {

// Collects parts; each is hashed with its length, so ("ab","c") and ("a","bc")
// differ. One of Bytes() and Hex() may be called, once.
class Digest {
 public:
  Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  Digest& Add(std::string_view part);
  Digest& AddInt(long long value);

  // 16 bytes (128 bits), and these as 32 lower-case hex digits.
  std::string Bytes();
  std::string Hex();

 private:
  alignas(64) unsigned char state_[512];
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_DIGEST_H_

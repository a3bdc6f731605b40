// KeywordScanner: whether literals stand anywhere in the JSON text of an event.
//
// Works on the raw text, before escapes are resolved, so it errs on the side of
// finding: each keyword is looked for by a piece of it that a JSON writer can
// only hide by \u, and a text that holds \u, or letters beyond ASCII that fold
// to ASCII, counts as holding every keyword.
//
// A piece of seven bytes or more has four bytes that begin at a multiple of
// four, wherever it stands: four lookups for each 16 bytes of text find all
// of them. Shorter pieces are looked up at every byte. Lookups go to a bitmap
// in the first-level cache, eight at once where the processor can (AVX2, found
// at run time).

#ifndef TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace tocsin::runtime {

class KeywordScanner {
 public:
  // `text` is folded.
  void Add(std::string_view text, uint32_t number);
  void Build();

  bool empty() const { return always_.empty() && pieces_.empty(); }

  // Appends the numbers of keywords that may stand in `json`, perhaps more than
  // once. False: any of them may.
  bool Find(std::string_view json, std::vector<uint32_t>* numbers) const;

  // As Find, without the processor's vector instructions: its twin in tests.
  bool FindPortably(std::string_view json,
                    std::vector<uint32_t>* numbers) const;

 private:
  struct Piece {
    std::string text;
    uint32_t number = 0;
  };
  // A place in a piece by which it is found.
  struct Mark {
    uint32_t piece = 0;
    uint32_t offset = 0;
  };
  struct Marks {
    std::vector<uint32_t> bitmap;  // kBitmapBits bits.
    absl::flat_hash_map<uint32_t, std::vector<Mark>> by_gram;
    bool empty() const { return by_gram.empty(); }
  };

  static constexpr int kBitmapBits = 16;
  static constexpr uint32_t kMultiplier = 0x9E3779B1u;
  static constexpr uint32_t kLowerCase = 0x20202020u;

  static uint32_t Hash(uint32_t gram) {
    return (gram * kMultiplier) >> (32 - kBitmapBits);
  }
  static void AddMark(uint32_t gram, Mark mark, Marks* marks);
  static bool HasUnseenLetters(bool vector, std::string_view json);

  template <int kWidth>
  void Look(const Marks& marks, std::string_view json, size_t at,
            std::vector<uint32_t>* numbers) const;
  template <int kWidth, int kStride>
  void Scan(const Marks& marks, std::string_view json, size_t from,
            std::vector<uint32_t>* numbers) const;
#if defined(__x86_64__)
  template <int kWidth, int kStride>
  size_t ScanAvx2(const Marks& marks, std::string_view json,
                  std::vector<uint32_t>* numbers) const;
#endif
  bool FindWith(bool vector, std::string_view json,
                std::vector<uint32_t>* numbers) const;

  std::vector<Piece> pieces_;
  std::vector<uint32_t> always_;  // Keywords with no piece worth looking for.
  Marks long_;                    // 4 bytes, at multiples of 4.
  Marks short_;                   // 3 bytes, anywhere.
  bool vector_ = false;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_

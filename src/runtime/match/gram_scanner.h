// GramScanner: which of many literals stand anywhere in a text.
//
// A literal of seven bytes or more has four bytes that begin at a multiple of
// four, wherever it stands: one lookup for every four bytes of text finds all
// of them. If there are many shorter ones, there is one at every place. Lookups
// go to a bitmap that fits the first-level cache, eight at once where the
// processor can (AVX2, found at run time); what the bitmap lets through is
// looked up in a table and compared. Literals under seven bytes, if they are
// few, are found by the halves of three neighbouring bytes instead, looked up
// in registers at 32 places at once. Cost of Find: 0.1 ns a byte or less for
// each of these, and some ns for each place where something may stand.
//
// By which of its bytes a literal is found is guessed at first, and then what
// texts hold decides: now and then some are counted, and marks placed anew,
// which takes about 1 us a literal.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_GRAM_SCANNER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_GRAM_SCANNER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/runtime/match/gram_census.h"

namespace tocsin::runtime {

class GramScanner {
 public:
  enum class Form {
    kPlain,  // Texts and literals as they are.
    // Scan texts, see scan_text.h: ASCII letters of either case are the same
    // (literals are folded), and a literal stands where a character begins.
    kScanText,
  };

  explicit GramScanner(Form form = Form::kPlain)
      : lower_(form == Form::kScanText ? 0x20202020u : 0) {}

  // `literal` is not empty.
  void Add(std::string_view literal, uint32_t id);

  // Call once, after the last Add and before Find.
  void Build();

  bool empty() const { return literals_.empty(); }

  // Appends the id of each literal that stands in `text`, and no other.
  void Find(std::string_view text, std::vector<uint32_t>* ids) {
    FindWith(has_avx2_, text, ids);
  }

  // As Find, but a literal stands only where `accepts(begin, size)`.
  using Accepts = absl::FunctionRef<bool(size_t begin, size_t size)>;
  void FindIf(std::string_view text, Accepts accepts,
              std::vector<uint32_t>* ids) {
    accepts_ = &accepts;
    FindWith(has_avx2_, text, ids);
    accepts_ = nullptr;
  }

  // As Find, without vector instructions: the twin that tests compare with.
  void FindPortably(std::string_view text, std::vector<uint32_t>* ids) {
    FindWith(false, text, ids);
  }

 private:
  struct Literal {
    uint32_t begin = 0;  // In texts_.
    uint32_t size = 0;
    uint32_t id = 0;
    uint32_t found_in = 0;  // Number of the last text it was found in.
  };
  // A place in a literal by which it is found.
  struct Mark {
    uint32_t literal = 0;
    uint16_t offset = 0;
    // Where four other bytes of it are, and they, as Gram; 0: it is too short.
    uint16_t near = 0;
    uint32_t near_bytes = 0;
  };
  static constexpr size_t kNear = 4;
  struct Range {
    uint32_t first = 0;
    uint32_t count = 0;
  };
  // Literals that are found by grams of one width.
  struct Marks {
    // A gram's bit is set if it may be a mark's. Bits are taken out while a
    // text is searched, once all they stand for has been found in it.
    std::vector<uint32_t> bitmap;
    int bits = 0;  // Size of the bitmap, as a power of two.
    // The bitmap as it was built, and by word how many bits are set before it:
    // a bit's number among those that are set is its place in `ranges`.
    struct Word {
      uint32_t bits = 0;
      uint32_t before = 0;
    };
    std::vector<Word> words;
    std::vector<Range> ranges;
    std::vector<Mark> marks;
    std::vector<std::pair<uint32_t, Mark>> added;  // Until Build.
    std::vector<uint32_t> done;                    // Bits taken out.
    bool empty() const { return marks.empty(); }
  };

  // Few short literals, in eight buckets: for each of up to three of their
  // bytes, the buckets in which a literal has it, by the low and the high half
  // of the byte. A literal may stand at a place if some bucket has all halves.
  struct Halves {
    size_t width = 0;  // How many bytes; 0: there are no literals.
    std::array<std::array<uint8_t, 16>, 3> low{};
    std::array<std::array<uint8_t, 16>, 3> high{};
    std::array<std::vector<Mark>, 8> buckets;
    uint8_t open = 0;  // Buckets of which not all has been found in this text.
  };

  static uint32_t Hash(uint32_t gram, int bits) {
    return (gram * 0x9E3779B1u) >> (32 - bits);
  }

  // Texts are counted when so many bytes have been searched, and later when
  // there have been so many times more; then the first bytes of each until they
  // are enough. Marks are placed anew if there is a look for so many bytes.
  static constexpr size_t kFirstCensus = size_t{64} << 10;
  static constexpr size_t kCensusGrowth = 16;
  static constexpr size_t kMaxCensusText = 4096;
  static constexpr size_t kCensusBytes = size_t{64} << 10;
  static constexpr size_t kBytesPerLook = 512;

  Mark MarkAt(uint32_t literal, size_t offset) const;
  void PlaceMarks(const GramCensus* census);
  void TakeCensus(std::string_view text);
  static void BuildMarks(Marks* marks);
  void BuildHalves(size_t width, std::vector<Mark> marks, Halves* halves);
  std::string_view TextOf(const Literal& literal) const {
    return std::string_view(texts_).substr(literal.begin, literal.size);
  }
  bool StandsAt(const Literal& literal, std::string_view text,
                size_t begin) const;
  bool Check(const Mark& mark, std::string_view text, size_t at,
             std::vector<uint32_t>* ids);
  void LookInBuckets(Halves& halves, uint32_t buckets, std::string_view text,
                     size_t at, std::vector<uint32_t>* ids);
  void FindHalves(Halves& halves, bool avx2, std::string_view text,
                  std::vector<uint32_t>* ids);
  template <int kWidth>
  uint32_t Gram(const char* data) const;
  void Look(Marks& marks, uint32_t bit, std::string_view text, size_t at,
            std::vector<uint32_t>* ids);
  template <int kWidth, int kStep>
  void Scan(Marks& marks, std::string_view text, size_t from,
            std::vector<uint32_t>* ids);
#if defined(__x86_64__)
  template <int kWidth, int kStep>
  size_t ScanAvx2(Marks& marks, std::string_view text,
                  std::vector<uint32_t>* ids);
  size_t ScanHalvesAvx2(Halves& halves, std::string_view text,
                        std::vector<uint32_t>* ids);
#endif
  template <int kWidth, int kStep>
  void FindMarks(Marks& marks, bool avx2, std::string_view text,
                 std::vector<uint32_t>* ids);
  void FindWith(bool avx2, std::string_view text, std::vector<uint32_t>* ids);

  uint32_t lower_;
  bool has_avx2_ = false;
  uint32_t text_number_ = 0;
  const Accepts* accepts_ = nullptr;
  std::string texts_;
  std::vector<Literal> literals_;
  Marks by_four_;       // 4 bytes at multiples of 4,
  Marks by_each_four_;  // or at every place.
  Marks by_three_;      // 3 bytes at every place,
  Marks by_two_;        // and 2.
  Halves by_halves_;
  Halves by_byte_;
  // Literals by number that the first two find.
  std::vector<uint32_t> in_strides_;
  std::vector<uint32_t> in_each_;

  std::unique_ptr<GramCensus> census_;  // While one is taken.
  size_t bytes_ = 0;                    // That were searched.
  size_t next_census_ = kFirstCensus;   // When they are so many.
  size_t bytes_at_census_ = 0;
  size_t looks_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_GRAM_SCANNER_H_

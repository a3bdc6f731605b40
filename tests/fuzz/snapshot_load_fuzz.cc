// Snapshots that nobody saved. An input that begins with 'p' is a list of
// patches of a true snapshot: place, count of bytes, bytes. Any other is a
// snapshot itself. Digests are made to fit, so that what lies behind them is
// reached.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/digest.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"
#include "tocsin/snapshot.h"

namespace tocsin {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

constexpr char kRules[] = R"toc(
a = any where kind == "a"
b = any where kind == "b"
rule count { when a >= 3 within 20s by u }
rule count_every { when a >= 3 within 20s by u fire every }
rule throttled { when a >= 2 within 10s by u fire throttle 30s }
rule chain { when a >= 2 then b in 8s within 30s by u }
rule absence { when a then not b within 10s by u }
rule values { when distinct(n) of a >= 3 within 30s by h }
rule sums { when sum(n) of a >= 9 within 20s by u }
rule behind { when a with b >= 2 within 15s after by u }
rule fixed { when a >= 2 per 20s offset 5s by u }
rule session { when a >= 2 idle 8s max 40s by u }
rule ties { when a with b >= 2 within 15s by any of u, h }
rule unseen { when new (n) of a learn 20s within 60s by u }
rule rises { when spike a >= 2x past 60s min 2 per 15s by h }
rule same_chain { when a >= 2 then b within 30s by u where a.n != b.n }
rule same_absence { when a then not b within 10s by u where a.n > 1 }
rule same_newest { when a and b within 15s by u where a.n < b.n fire every }
rule again { first = rule "count_every" when first >= 2 within 40s by u }
)toc";

struct Fixture {
  Fixture() {
    Compiler compiler;
    compiler.AddText(kRules, "rules.toc");
    rules = compiler.Compile().rules;
    if (rules->rules().size() != 17) std::abort();
    options.lateness = absl::Seconds(20);
    options.state_budget_bytes = 1 << 20;
    options.state_secret = "known";
    Engine engine(rules, sink, options);
    for (int i = 0; i < 40; ++i) Feed(i, &engine);
    engine.SaveTo(&snapshot, "note");
    engine.SaveKey({{{.name = "u", .value = "u1"}}}, &key);
  }

  static void Feed(int i, Engine* engine) {
    const std::string json =
        std::string(R"({"kind":")") + (i % 3 == 0 ? "b" : "a") + R"(","u":"u)" +
        std::to_string(i % 2) + R"(","h":"h)" + std::to_string(i % 3) +
        R"(","n":)" + std::to_string(i % 5) + "}";
    engine->Feed(Event::Json(json).set_time(Timestamp(kStart + i * kSecond)));
  }

  std::shared_ptr<const RuleSet> rules;
  CallbackSink sink{[](const Detection&) {}};
  EngineOptions options;
  std::string snapshot;
  std::string key;
};

// Gives each section the digest that it should have, as far as there are any.
void Seal(std::string* bytes) {
  constexpr size_t kFirst = 16;
  constexpr size_t kHead = 4 + 8;
  constexpr size_t kDigest = 16;
  uint32_t sections = 0;
  for (size_t at = kFirst; at + kHead + kDigest <= bytes->size();) {
    const std::string_view head = std::string_view(*bytes).substr(at, kHead);
    state::SnapshotReader reader(head.substr(4));
    const uint64_t size = reader.Get64();
    const size_t body_at = at + kHead + kDigest;
    if (size > bytes->size() - body_at) break;
    const std::string digest =
        base::Digest()
            .Add(head)
            .Add(std::string_view(*bytes).substr(body_at, size))
            .Bytes();
    bytes->replace(at + kHead, kDigest, digest);
    at = body_at + size;
    ++sections;
  }
  if (bytes->size() >= kFirst) {
    state::SnapshotWriter(bytes).Set32(12, sections);
  }
}

std::string Patch(std::string bytes, std::string_view patches) {
  while (patches.size() >= 4) {
    const size_t at = (static_cast<unsigned char>(patches[0]) |
                       static_cast<unsigned char>(patches[1]) << 8 |
                       static_cast<unsigned char>(patches[2]) << 16) %
                      bytes.size();
    size_t count = static_cast<unsigned char>(patches[3]) % 9;
    patches.remove_prefix(4);
    count = std::min({count, patches.size(), bytes.size() - at});
    bytes.replace(at, count, patches.substr(0, count));
    patches.remove_prefix(count);
  }
  return bytes;
}

std::string Saved(const Engine& engine) {
  std::string bytes;
  engine.SaveTo(&bytes);
  return bytes;
}

// Loading replaces all that an engine keeps, so two are enough for all inputs.
class Trial {
 public:
  // What was loaded can be saved, loaded again and fed; what was not leaves the
  // engine as it was.
  void Load(const std::string& bytes) {
    const std::string before = Saved(engine_);
    if (!engine_.LoadFrom(bytes).ok()) {
      if (Saved(engine_) != before) std::abort();
      return;
    }
    const std::string saved = Saved(engine_);
    if (!other_.LoadFrom(saved).ok() || Saved(other_) != saved) std::abort();
    GoOn();
  }

  void LoadKey(const std::string& bytes) {
    if (!engine_.LoadFrom(fixture_.snapshot).ok()) std::abort();
    (void)engine_.LoadKey(bytes);
    GoOn();
  }

  const Fixture& fixture() const { return fixture_; }

 private:
  void GoOn() {
    for (int i = 40; i < 60; ++i) Fixture::Feed(i, &engine_);
    engine_.AdvanceTo(Timestamp(kStart + 1000 * kSecond));
  }

  Fixture fixture_;
  Engine engine_{fixture_.rules, fixture_.sink, fixture_.options};
  Engine other_{fixture_.rules, fixture_.sink, fixture_.options};
};

}  // namespace
}  // namespace tocsin

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static tocsin::Trial* const trial = new tocsin::Trial();
  const std::string input(reinterpret_cast<const char*>(data), size);
  std::string snapshot = input;
  std::string key = input;
  if (input.starts_with("p")) {
    const std::string_view patches = std::string_view(input).substr(1);
    snapshot = tocsin::Patch(trial->fixture().snapshot, patches);
    key = tocsin::Patch(trial->fixture().key, patches);
  }
  tocsin::Seal(&snapshot);
  tocsin::Seal(&key);
  trial->Load(snapshot);
  trial->LoadKey(key);
  return 0;
}

// Keys that were not seen in the span before.

#include <algorithm>
#include <cstdint>
#include <memory>

#include "src/runtime/correlate/machine.h"
#include "src/runtime/correlate/window_machine.h"

namespace tocsin::runtime {
namespace {

// Each key is a group that knows when it was seen last. What is known counts
// from where the rule began to look at the stream, events of it or not: a rule
// with few events has learnt all the same.
class NewKeyMachine final : public GroupMachine {
 public:
  NewKeyMachine(const program::Correlation& rule, uint32_t index,
                CorrelateContext* context)
      : GroupMachine(rule, index, context, rule.span) {}

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    const int64_t time = event.at.time;
    uint32_t* place = Find(event.hash, event.key);
    const bool is_made = place == nullptr;
    if (is_made) place = Create(event.hash, event.key, time, sizeof(int64_t));
    if (place == nullptr) return;
    GroupHead* const head = HeadOf(*place);
    head->last_time = std::max(head->last_time, time);
    int64_t* const last = StateOf<int64_t>(head);
    const bool is_new =
        is_made || (*last < WindowStart(rule_, time) && *last <= time);
    *last = is_made ? time : std::max(*last, time);
    if (!is_new || time < AddTime(Began(), rule_.learn)) return;
    Fired fired(index_, event.key, event.at, time);
    fired.exact = IsExact(head, time);
    Report(fired);
  }

 private:
  int64_t Began() const { return std::min(began_, context_.began); }

  void SaveRest(state::SnapshotWriter* out) const override {
    out->PutInt(Began());
  }
  void LoadRest(state::SnapshotReader* in) override {
    const int64_t began = in->GetInt();
    if (!is_moving_) began_ = began;
  }

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    out->PutInt(*StateOf<int64_t>(head));
  }
  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    const int64_t time = in->GetInt();
    if (!in->ok()) return;
    GroupHead* const head = CreateSaved(saved, sizeof(int64_t));
    if (head != nullptr) *StateOf<int64_t>(head) = time;
  }

  int64_t began_ = INT64_MAX;  // Of a rule that was loaded.
};

}  // namespace

std::unique_ptr<Machine> MakeNewKeyMachine(const program::Correlation& rule,
                                           uint32_t index,
                                           CorrelateContext* context) {
  return std::make_unique<NewKeyMachine>(rule, index, context);
}

}  // namespace tocsin::runtime

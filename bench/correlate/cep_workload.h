// The correlation workloads W1 to W5: events, rules, and what rules must find.
//
// Events are made here, bit for bit those that the shared generator makes from
// the same numbers; who uses them checks their digest. Rules are given in the
// IR. What they must find is worked out the plain way from events in order:
// lists for each key, and no state that is shared or forgotten.

#ifndef TOCSIN_BENCH_CORRELATE_CEP_WORKLOAD_H_
#define TOCSIN_BENCH_CORRELATE_CEP_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/correlation_kinds.h"
#include "src/ir/correlation.h"

namespace tocsin::cep {

// The record of the shared files: 32 bytes, little endian.
struct Record {
  int64_t ts_ms = 0;
  uint32_t id = 0;
  uint32_t src = 0;
  uint32_t user = 0;
  uint32_t host = 0;
  uint8_t kind = 0;
  uint8_t severity = 0;
  uint8_t padding[6] = {};
};
static_assert(sizeof(Record) == 32);

enum Kind : uint8_t {
  kAlert,
  kLoginFail,
  kLoginOk,
  kProc,
  kDns,
  kNet,
  kReq,
  kAck,
};

struct WorkloadOptions {
  int64_t events = 1'000'000;
  uint32_t keys = 100'000;
  int64_t rate = 500;  // Events a second.
  uint64_t seed = 1;
  bool late = false;  // One in twenty arrives up to 30 s late.
  bool plant = true;  // Probes of boundaries, on keys of their own.
};

std::vector<Record> Generate(const WorkloadOptions& options);

// The first 16 hex digits of the SHA-256 of the records.
std::string DigestOf(const std::vector<Record>& records);

// Rules over one event that the workloads' steps are; RuleId is their number.
enum RuleId : uint32_t {
  kAny,
  kSevereAlert,
  kFailed,
  kSucceeded,
  kProcess,
  kQuery,
  kConnection,
  kRequest,
  kAcknowledge,
  kRuleCount,
};

// Appends the rules of `record`.
void MatchedRules(const Record& record, std::vector<uint32_t>* rules);

// Fields: their FieldIds are in this order.
enum FieldNumber : uint32_t { kSource, kUser, kHost };
uint32_t NumberOfField(const std::string& name);

struct RuleOptions {
  base::FirePolicy fire = base::FirePolicy::kEvery;
  bool closed = false;  // Else half open.
  bool strict = false;
};

// Workload number 1 to 5.
ir::Correlation WorkloadRule(int workload, const RuleOptions& options);

// Ids of the events at which workload number 1 to 5 fires, in the order of
// time.
std::vector<uint32_t> Expected(int workload, const RuleOptions& options,
                               std::vector<Record> records);

// The checksum that identifies a set of ids whatever its order.
uint64_t IdSum(const std::vector<uint32_t>& ids);

}  // namespace tocsin::cep

#endif  // TOCSIN_BENCH_CORRELATE_CEP_WORKLOAD_H_

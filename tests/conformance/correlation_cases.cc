#include "tests/conformance/correlation_cases.h"

namespace tocsin::conformance {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();

const CorrelationCase kCases[] = {
    // --- Late events, and clocks that are wrong ---------------------------
    {"B008", "rule r { when a >= 3 within 5m }", "0 a; 100 a; 200 a", "200 r"},
    {"B010", "rule r { when a >= 2 within 5s }",
     "380073600 a; 380073601 a; 380073607 a", "380073601 r"},
    {"B011", "rule r { when a >= 3 within 10s by host }",
     "100 a host=h; 5 a host=h; 101 a host=h", ""},
    {"B011", "rule r { when a >= 3 within 10s by host }",
     "100 a host=h; 5 a host=h; 101 a host=h", "", absl::Seconds(30), 1},
    {"B013", "rule r { when a >= 3 within 5m }", "0 a; 60 a; 720 a; 120 a",
     "120 r revised", absl::Minutes(15)},
    {"B013", "rule r { when a >= 3 within 5m }", "0 a; 60 a; 720 x; 120 a", "",
     absl::Minutes(1), 1},
    {"B014", "rule r { when a >= 2 within 24h }", "97200 x; 0 a; 1 a", "",
     absl::Minutes(5), 2},
    {"B015", "rule r { when a >= 2 within 5h }", "691200 a; 0 a", "",
     absl::Hours(5), 1},
    {"B016", "rule r { when a >= 3 within 1m by host }",
     "0 a host=h; 2303596800 a host=h; 5 a host=h; 6 a host=h", "6 r host=h"},
    {"B017", "rule r { when a >= 3 within 2m }", "0 a; 80 a; 1 a",
     "80 r revised"},
    {"B018", "rule r { when a then not b within 10m }",
     "0 a; advance 175; 360 b; advance 4000", "|; |", kNone},
    {"B018", "rule r { when a then not b within 10m }",
     "0 a; advance 175; advance 600; advance 601", "|; |; 0 r; |", kNone},
    {"B019", "rule r { when a >= 3 within 1h }", "0 a; 600 a; 1200 a; 169200 a",
     "1200 r"},
    {"B020", "rule r { when distinct(event.id) of a >= 3 within 1h }",
     "0 a event.id=1; 1 a event.id=2; 2 a event.id=1", ""},

    // --- Thresholds -------------------------------------------------------
    {"B022", "rule r { when a >= 2 within 300s fire reset }",
     "0 a; 10 a; 20 a; 30 a", "10 r; 30 r"},
    {"B022", "rule r { when a >= 2 within 300s }", "0 a; 10 a; 20 a; 30 a",
     "10 r"},
    {"B023", "rule r { when a >= 3 within 60s by user fire reset }",
     "0 a user=kim; 1 a user=kim; 2 a user=kim; 3 a user=kim; 4 a user=kim; "
     "5 a user=kim; 6 a user=kim",
     "2 r user=kim; 5 r user=kim"},
    {"B024", "rule r { when a >= 3 within 60s by ip fire throttle 60s }",
     "0 a ip=192.0.2.1; 1 a ip=192.0.2.1; 2 a ip=192.0.2.1; "
     "3 a ip=192.0.2.2; 4 a ip=192.0.2.2; 5 a ip=192.0.2.2; 6 a ip=192.0.2.1",
     "2 r ip=192.0.2.1; 5 r ip=192.0.2.2"},
    {"B026", "rule r { when a >= 3 within 1m }", "0 a; 1 a; 2 a", "2 r"},
    {"B026", "rule r { when a > 3 within 1m }", "0 a; 1 a; 2 a", ""},
    {"B026", "rule r { when a > 3 within 1m }", "0 a; 1 a; 2 a; 3 a", "3 r"},
    {"B034",
     "rule three { when a >= 3 within 1m } rule five { when a >= 5 within 1m }",
     "0 a; 1 a; 2 a; 3 a; 4 a", "2 three; 4 five"},
    {"B129", "rule r { when a >= 2 within 1m by user }",
     "0 a user=1,2,3,4,5,6,7,8,9,10,11,12; "
     "1 a user=1,2,3,4,5,6,7,8,9,10,11,12; "
     "advance 2; advance 3; advance 4; advance 5; advance 1000",
     "1 r user=1; 1 r user=2; 1 r user=3; 1 r user=4; 1 r user=5; "
     "1 r user=6; 1 r user=7; 1 r user=8; 1 r user=9; 1 r user=10; "
     "1 r user=11; 1 r user=12; |; |; |; |; |"},
    {"B133",
     "rule r { when a >= 1 within 1m by user, action fire throttle 1m }",
     "0 a user=u1 action=a; 1 a user=u1 action=b; 2 a user=u2 action=a; "
     "3 a user=u1 action=a",
     "0 r user=u1 action=a; 1 r user=u1 action=b; 2 r user=u2 action=a"},

    // --- Sequences --------------------------------------------------------
    {"B028", "rule r { when a then b then c within 1m by key }",
     "1 a key=1; 2 b key=1; 3 c key=1; 4 a key=2; 5 b key=2; 5 c key=2",
     "3 r key=1; 5 r key=2"},
    // Without a tiebreaker the order is that of arrival.
    {"B029", "rule r { when a then b within 1m }", "5 a; 5 b", "5 r"},
    {"B029", "rule r { when a then b within 1m }", "5 b; 5 a", ""},
    {"B030", "rule r { when a then b within 1m by user.name }",
     "0 a; 1 b; 2 a user.name=null; 3 b user.name=null", ""},
    {"B031",
     "gone = b where host == \"h1\" "
     "rule r { when a then not gone within 1m by host }",
     "0 a host=h2; 1 b host=h2; advance 1000", "0 r host=h2; |"},

    // --- Values -----------------------------------------------------------
    {"B032", "rule r { when distinct(user, ip) of a >= 3 within 1m }",
     "0 a user=kim ip=192.0.2.1; 1 a user=kim ip=192.0.2.2; "
     "2 a user=kim ip=192.0.2.2; 3 a user=kim ip=192.0.2.3",
     "3 r"},
    {"B033", "rule r { when median(n) of a <= 0 within 1m }",
     "0 a; 1 a n=null; 2 a n=many; advance 1000", "|"},
    // A mean below one is taken for one, `min` keeps small bursts out, and
    // nothing fires before the past has been seen.
    {"B036", "rule r { when spike a >= 3x past 2m per 1m by host }",
     "0 a host=h; 1 a host=h; 2 a host=h; 3 a host=h; advance 100", "|"},
    {"B036", "rule r { when spike a >= 3x past 2m min 5 per 1m by host }",
     "0 x; 60 x; 120 x; 180 x; 240 a host=h; 241 a host=h; 242 a host=h; "
     "243 a host=h; advance 1000",
     "|"},
    {"B037",
     "rule r { when percentile(ms, 95) of a >= 100 within 1m by user, host "
     "fire every }",
     "0 a user=kim host=h1 ms=1; 1 a user=kim host=h2 ms=200; "
     "2 a user=lee host=h1 ms=2; 3 a user=kim host=h1 ms=3; advance 1000",
     "1 r user=kim host=h2; |"},
    {"B038", "rule r { when sum(count) of a >= 1 within 1m }",
     "0 a count=0; 1 a count=0; advance 1000", "|"},

    // --- Where engines were measured against each other --------------------
    {"M1", "rule r { when b with a >= 3 within 5m }",
     "0 a; 0.001 a; 0.002 a; 300 b", "300 r"},
    {"M1", "rule r { when b with a >= 3 within 5m half_open }",
     "0 a; 0.001 a; 0.002 a; 300 b", ""},
    // The event that asks is not among those it asks for.
    {"M2", "near = any rule r { when b with near >= 3 within 5m }",
     "0 a; 1 a; 2 b; 3 a; 4 b", "4 r"},
    {"M3", "rule r { when distinct(user) of a >= 2 within 10s fire every }",
     "0 a user=kim; 1 a user=lee; 30 x; advance 100", "1 r; |", kNone},
    {"M4", "rule r { when a >= 5 then b within 10m by ip }",
     "0 a ip=1; 1 a ip=1; 2 b ip=1; 3 a ip=1; 4 a ip=1; 5 a ip=1; 6 b ip=1",
     "6 r ip=1"},
    {"M4", "rule r { when a and b within 10m }", "0 b; 600 a", "600 r"},
    {"M6", "rule r { when a >= 5 then b within 10m fire every }",
     "0 a; 1 a; 2 a; 3 a; 4 a; 5 b; 6 b", "5 r; 6 r"},
    {"M6", "rule r { when a >= 5 then b within 10m }",
     "0 a; 1 a; 2 a; 3 a; 4 a; 5 b; 6 b", "5 r"},
    {"M7", "rule r { when a then not b within 1m by host }",
     "0 a host=h; 30 a host=h; 95 b host=h; advance 1000",
     "0 r host=h; 30 r host=h; |"},
    {"M8",
     "title: t\nid: 00000000-0000-4000-8000-000000000001\nname: base\n"
     "logsource: {product: example}\n"
     "detection: {s: {kind: base}, condition: s}\n---\n"
     "title: r\ncorrelation: {type: temporal, rules: [base, b], "
     "timespan: 1m}\n",
     "0 base; 1 b", "1 r"},

    // --- Trackers of stream processors -------------------------------------
    // Once for each event that completes, not for each that it might begin at.
    {"C1", "rule r { when a then b within 1m fire every }", "0 a; 1 a; 2 b",
     "2 r"},
    {"C1", "rule r { when a then b within 1m fire every }",
     "0 a; 1 b; 2 a; 3 b", "1 r; 3 r"},
    // Each event waits for itself alone, and is no answer to itself.
    {"C2", "again = a rule r { when a then not again within 1s by k }",
     "0 a k=1; 0.5 a k=1; 0.6 a k=2; advance 100", "0.5 r k=1; 0.6 r k=2; |"},
    {"C3", "rule r { when a then not b within 1m }", "0 a; 61 x", "0 r", kNone},
    {"C3", "rule r { when a then not b within 1m }", "0 a; 60 x; 60 b", "",
     kNone},
    {"C4", "rule r { when a and b within 1m by k }", "0 b k=1; 1 a k=1",
     "1 r k=1"},
    {"C5",
     "rule many { when a >= 2 within 1m by k } "
     "rule r { m = rule \"many\" when m then not b within 1m by k }",
     "0 a k=1; 1 a k=1; 2 a k=2; 3 a k=2; 4 b k=2; advance 1000",
     "1 many k=1; 3 many k=2; 1 r k=1; |"},
    {"C6", "rule r { when a >= 2 within 1m by k }", "0 a k=1,2,3; 1 a k=1,2,3",
     "1 r k=1; 1 r k=2; 1 r k=3"},
    {"C8", "rule r { when a then b within 1m by x, y }",
     "0 a x=1 y=2; 1 b x=1 y=3; 2 b x=2 y=2; 3 b x=1 y=2", "3 r x=1 y=2"},
    {"C11", "rule r { when avg(n) of a >= 0 within 10s fire every }",
     "0 a n=1; 1 a n=2; 30 x; advance 100", "0 r; 1 r; |", kNone},
    {"C12", "rule r { when a == 1 per 1m }", "0 a; advance 59; advance 60",
     "|; 0 r; |", kNone},
    {"C14", "rule r { when a then not b within 1m }", "0 a; 10 a; advance 1000",
     "0 r; 10 r; |"},
    {"C15", "rule r { when a >= 1 then b within 1m fire every }",
     "0 a; 1 a; 2 a; 3 b", "3 r"},
    {"C16", "rule r { when a >= 2 within 1m }", "0 a; 400 x; 1 a", "",
     absl::Minutes(5), 1},
    {"C17", "rule r { when a then b then c within 10s }", "0 a; 8 b; 16 c", ""},
    {"C17", "rule r { when a then b in 9s then c in 9s within 20s }",
     "0 a; 8 b; 16 c; 20 a; 30 b; 31 c", "16 r"},
    {"C21", "rule r { when a >= 2 within 1m }", "5 a; 5 a", "5 r"},
    {"C22", "rule r { when a and b within 1m by host }",
     "0 a host=h1; 1 b host=h2", ""},
    {"C22", "rule r { when a then b then c within 1m }", "0 a; 1 c; 2 b", ""},

    {"C18", "rule r { when a >= 2 within 1m by ip fire throttle 1h }",
     "0 a ip=1; 1 a ip=1; 2 a ip=2; 3 a ip=2; 4 a ip=1", "1 r ip=1; 3 r ip=2"},
    {"C19", "rule r { when a >= 3 within 1m by user }",
     "0 a user=1; 1 a user=1; 2 a user=1; 3 a user=1; 4 a user=1",
     "2 r user=1"},
    {"C19", "rule r { when a >= 3 within 1m by user fire every }",
     "0 a user=1; 1 a user=1; 2 a user=1; 3 a user=1; 4 a user=1",
     "2 r user=1; 3 r user=1; 4 r user=1"},
    {"C20",
     "rule one { when a >= 2 within 1m fire reset } "
     "rule two { when a >= 2 within 1m fire reset }",
     "0 a; 1 a", "1 one; 1 two"},
    // Looking more often changes nothing.
    {"C23", "rule r { when a >= 3 within 1m }",
     "0 a; advance 1; 20 a; advance 21; 40 a; advance 41; 50 a; advance 51",
     "|; |; 40 r; |; |"},

    // --- Trackers of Sigma engines ------------------------------------------
    {"S9",
     "title: r\ncorrelation: {type: temporal, rules: [a, b], "
     "group-by: [Host], timespan: 1m}\n",
     "0 a Host=h1; 1 b Host=h2", ""},
    {"S10",
     "title: r\ncorrelation: {type: temporal_ordered, rules: [a, b, c], "
     "timespan: 1m}\n",
     "0 a; 1 c; 2 b", ""},
    {"S10",
     "title: r\ncorrelation: {type: temporal_ordered, rules: [a, b, c], "
     "timespan: 1m}\n",
     "0 a; 1 b; 2 c", "2 r"},
    {"S11",
     "title: r\ncorrelation: {type: value_count, rules: [a], timespan: 5m, "
     "condition: {field: user, gte: 3}}\n",
     "0 a user=kim; 240 a user=lee; 360 a user=root", ""},
    {"S12",
     "title: two\nname: two\ncorrelation: {type: event_count, rules: [a], "
     "timespan: 1m, condition: {gte: 2}}\n---\n"
     "title: three\nname: three\ncorrelation: {type: event_count, "
     "rules: [a], timespan: 1m, condition: {gte: 3}}\n",
     "0 a; 1 a; 2 a", "1 two; 2 three"},
    {"S13",
     "title: r\ncorrelation: {type: event_count, rules: [a], timespan: 60s, "
     "condition: {gte: 3}}\n",
     "0 a; 100 a; 50 a", ""},
    {"S14",
     "title: r\ncorrelation: {type: value_count, rules: [a], timespan: 5m, "
     "condition: {field: [User, SrcIp], gte: 3}}\n",
     "0 a User=u SrcIp=1; 1 a User=u SrcIp=2; 2 a User=u SrcIp=3", "2 r"},
    {"S14",
     "title: r\ncorrelation: {type: value_median, rules: [a], timespan: 5m, "
     "condition: {field: n, lte: 0}}\n",
     "0 a; advance 1000", "|"},
};

}  // namespace

std::span<const CorrelationCase> CorrelationCases() { return kCases; }

}  // namespace tocsin::conformance

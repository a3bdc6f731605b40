#include "detectors.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules.h"
#include "tocsin/detectors/count_model.h"
#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/metric_series.h"
#include "tocsin/detectors/rarity.h"
#include "tocsin/detectors/score.h"
#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"
#include "tocsin/detectors/time_profile.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;
using detectors::CountModel;
using detectors::CountSeen;
using detectors::DistinctCounter;
using detectors::MetricSeries;
using detectors::Observation;
using detectors::Onset;
using detectors::Rare;
using detectors::ScoreMap;
using detectors::Side;
using detectors::TimeProfile;
using Rarity = detectors::Rarity<std::string>;

// Columns that the package's Python side has made: contiguous, of one length.
using Doubles = nb::ndarray<const double, nb::ndim<1>, nb::c_contig>;
using Ints = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig>;
using Table = nb::ndarray<double, nb::ndim<2>, nb::c_contig>;
using Column = nb::ndarray<double, nb::ndim<1>, nb::c_contig>;

void RequireLength(size_t found, size_t expected) {
  if (found != expected) throw nb::value_error("arrays differ in length");
}

std::chrono::sys_seconds Seconds(int64_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

template <typename Detector>
nb::bytes Save(const Detector& detector) {
  std::string bytes;
  detectors::StateWriter writer(&bytes);
  detector.Save(&writer);
  return nb::bytes(bytes.data(), bytes.size());
}

template <typename Detector>
void Load(Detector& detector, const nb::bytes& bytes) {
  detectors::StateReader reader({bytes.c_str(), bytes.size()});
  if (!detector.Load(&reader) || reader.remaining() > 0) {
    Raise(absl::DataLossError("not the state of such a detector"),
          "SnapshotError");
  }
}

template <typename Detector>
void BindState(nb::class_<Detector>& type) {
  type.def("save", &Save<Detector>, "Its state as bytes.");
  type.def("load", &Load<Detector>, nb::arg("state"),
           "Replaces its state; SnapshotError if the bytes are of none.");
}

// A row of `out` for each value: its width is that of what is seen.
template <typename Judge>
void Fill(const Doubles& values, const Ints& times, Table* out, Judge judge) {
  RequireLength(times.shape(0), values.shape(0));
  RequireLength(out->shape(0), values.shape(0));
  const double* value = values.data();
  const int64_t* time = times.data();
  double* row = out->data();
  const size_t width = out->shape(1);
  const nb::gil_scoped_release release;
  for (size_t i = 0; i < values.shape(0); ++i, row += width) {
    judge(value[i], Seconds(time[i]), row);
  }
}

void UpdateSeries(MetricSeries& series, const Doubles& values,
                  const Ints& times, Table out) {
  RequireLength(out.shape(1), 6);
  Fill(values, times, &out,
       [&](double value, std::chrono::sys_seconds time, double* row) {
         const Observation seen = series.Update(value, time);
         row[0] = seen.probability;
         row[1] = seen.window_probability;
         row[2] = seen.surprise;
         row[3] = seen.typical;
         row[4] = seen.lower;
         row[5] = seen.upper;
       });
}

void WriteCount(const CountSeen& seen, double* row) {
  row[0] = seen.probability;
  row[1] = seen.typical;
  row[2] = seen.lower;
  row[3] = seen.upper;
}

void UpdateCounts(CountModel& model, const Doubles& counts, const Ints& times,
                  Table out) {
  RequireLength(out.shape(1), 4);
  Fill(counts, times, &out,
       [&](double count, std::chrono::sys_seconds time, double* row) {
         WriteCount(model.Update(count, time), row);
       });
}

void JudgeCounts(const CountModel& model, const Doubles& counts,
                 const Ints& times, Table out) {
  RequireLength(out.shape(1), 4);
  Fill(counts, times, &out,
       [&](double count, std::chrono::sys_seconds time, double* row) {
         WriteCount(model.Judge(count, time), row);
       });
}

void UpdateTimes(TimeProfile& profile, const Ints& times, double half_life,
                 Column out) {
  RequireLength(out.shape(0), times.shape(0));
  for (size_t i = 0; i < times.shape(0); ++i) {
    out(i) = profile.Update(Seconds(times(i)), half_life);
  }
}

void JudgeTimes(const TimeProfile& profile, const Ints& times, Column out) {
  RequireLength(out.shape(0), times.shape(0));
  for (size_t i = 0; i < times.shape(0); ++i) {
    out(i) = profile.Probability(Seconds(times(i)));
  }
}

template <typename Map>
void FillColumn(const Doubles& in, Column* out, Map map) {
  RequireLength(out->shape(0), in.shape(0));
  for (size_t i = 0; i < in.shape(0); ++i) (*out)(i) = map(in(i));
}

// The bucket at hand lives from one call to the next.
struct RareValues {
  Rarity rarity;
  int64_t bucket = 0;
  bool is_open = false;

  void Enter(int64_t number) {
    if (is_open && number < bucket) {
      throw nb::value_error("buckets: a number is less than one before it");
    }
    if (is_open && number != bucket) rarity.CloseBucket();
    bucket = number;
    is_open = true;
  }

  void Update(const nb::list& values, const Ints& buckets, Table out) {
    const size_t rows = buckets.shape(0);
    RequireLength(values.size(), rows);
    RequireLength(out.shape(0), rows);
    RequireLength(out.shape(1), 4);
    std::vector<std::string> texts;
    texts.reserve(rows);
    for (nb::handle value : values) {
      texts.push_back(nb::cast<std::string>(value));
    }
    for (size_t begin = 0; begin < rows;) {
      Enter(buckets(begin));
      size_t end = begin;
      for (; end < rows && buckets(end) == bucket; ++end) {
        rarity.Add(texts[end], bucket);
      }
      for (; begin < end; ++begin) {
        const Rare rare = rarity.Find(texts[begin]);
        out(begin, 0) = rare.probability;
        out(begin, 1) = rare.first_occurrence ? 1 : 0;
        out(begin, 2) = rare.one_in;
        out(begin, 3) = rare.relative_rarity;
      }
    }
  }

  // Between buckets: the bucket at hand is over.
  void Close() {
    rarity.CloseBucket();
    is_open = false;
  }
};

void AddTexts(DistinctCounter& counter, const nb::list& values) {
  for (nb::handle value : values) {
    counter.Add(detectors::HashText(nb::cast<std::string_view>(value)));
  }
}

void AddNumbers(DistinctCounter& counter, const Ints& values) {
  for (size_t i = 0; i < values.shape(0); ++i) {
    counter.Add(detectors::MixBits(static_cast<uint64_t>(values(i))));
  }
}

void BindSeries(nb::module_& module) {
  auto series = nb::class_<MetricSeries>(module, "MetricSeriesState",
                                         "What MetricSeries stands on.");
  series.def(
      "__init__",
      [](MetricSeries* self, int side, double slow_half_life,
         double fast_half_life, int warm_up) {
        new (self) MetricSeries({.side = static_cast<Side>(side),
                                 .slow_half_life = slow_half_life,
                                 .fast_half_life = fast_half_life,
                                 .warm_up = warm_up});
      },
      nb::arg("side"), nb::arg("slow_half_life"), nb::arg("fast_half_life"),
      nb::arg("warm_up"));
  series.def("update", &UpdateSeries, nb::arg("values"), nb::arg("times"),
             nb::arg("out"),
             nb::sig("def update(self, values: Any, times: Any, out: Any) -> "
                     "None"),
             "Judges and learns; `out` is (n, 6).");
  BindState(series);

  auto counts = nb::class_<CountModel>(module, "CountModelState",
                                       "What CountModel stands on.");
  counts.def(
      "__init__",
      [](CountModel* self, int side, double half_life) {
        new (self) CountModel(
            {.side = static_cast<Side>(side), .half_life = half_life});
      },
      nb::arg("side"), nb::arg("half_life"));
  counts.def("update", &UpdateCounts, nb::arg("counts"), nb::arg("times"),
             nb::arg("out"),
             nb::sig("def update(self, counts: Any, times: Any, out: Any) -> "
                     "None"),
             "Judges and learns; `out` is (n, 4).");
  counts.def("judge", &JudgeCounts, nb::arg("counts"), nb::arg("times"),
             nb::arg("out"),
             nb::sig("def judge(self, counts: Any, times: Any, out: Any) -> "
                     "None"),
             "Judges; `out` is (n, 4).");
  BindState(counts);
}

void BindTimes(nb::module_& module) {
  auto times = nb::class_<TimeProfile>(module, "TimeProfileState",
                                       "What TimeProfile stands on.");
  times.def(
      "__init__",
      [](TimeProfile* self, bool week) {
        new (self) TimeProfile(week ? detectors::Cycle::kWeek
                                    : detectors::Cycle::kDay);
      },
      nb::arg("week"));
  times.def("update", &UpdateTimes, nb::arg("times"), nb::arg("half_life"),
            nb::arg("out"),
            nb::sig("def update(self, times: Any, half_life: float, out: Any) "
                    "-> None"),
            "Judges and learns.");
  times.def("judge", &JudgeTimes, nb::arg("times"), nb::arg("out"),
            nb::sig("def judge(self, times: Any, out: Any) -> None"),
            "Judges.");
  times.def_prop_ro("typical", &TimeProfile::Typical,
                    "The most frequent time, in seconds of the day or week.");
  BindState(times);
}

void BindScores(nb::module_& module) {
  auto scores =
      nb::class_<ScoreMap>(module, "ScoreMapState", "What ScoreMap stands on.");
  scores.def(
      "__init__",
      [](ScoreMap* self, double half_life) {
        new (self) ScoreMap({.half_life = half_life});
      },
      nb::arg("half_life"));
  scores.def(
      "update",
      [](ScoreMap& self, const Doubles& probabilities, Column out) {
        FillColumn(probabilities, &out, [&](double p) {
          const double score = self.Score(p);
          self.Learn(p);
          return score;
        });
      },
      nb::arg("probabilities"), nb::arg("out"),
      nb::sig("def update(self, probabilities: Any, out: Any) -> None"),
      "Scores, and learns.");
  BindState(scores);

  nb::class_<Onset>(module, "OnsetState", "What Onset stands on.")
      .def(nb::init<int>(), nb::arg("rows"))
      .def(
          "update",
          [](Onset& self, const Doubles& values, Column out) {
            FillColumn(values, &out,
                       [&](double score) { return self.Pass(score); });
          },
          nb::arg("scores"), nb::arg("out"),
          nb::sig("def update(self, scores: Any, out: Any) -> None"),
          "Passes onsets on.");

  module.def(
      "absolute_scores",
      [](const Doubles& probabilities, Column out) {
        FillColumn(probabilities, &out, detectors::AbsoluteScore);
      },
      nb::arg("probabilities"), nb::arg("out"),
      nb::sig("def absolute_scores(probabilities: Any, out: Any) -> None"),
      "The greatest score that each can have.");
}

void BindValues(nb::module_& module) {
  nb::class_<RareValues>(module, "RarityState", "What Rarity stands on.")
      .def(
          "__init__",
          [](RareValues* self, int64_t bucket_seconds) {
            new (self) RareValues{
                Rarity({.bucket_span = std::chrono::seconds(bucket_seconds)})};
          },
          nb::arg("bucket_seconds"))
      .def("update", &RareValues::Update, nb::arg("values"), nb::arg("buckets"),
           nb::arg("out"),
           nb::sig("def update(self, values: list[str], buckets: Any, out: "
                   "Any) -> None"),
           "Learns a bucket, then judges it; `out` is (n, 4).")
      .def("close", &RareValues::Close, "The bucket at hand is over.")
      .def(
          "prune",
          [](RareValues& self, int64_t bucket) { self.rarity.Prune(bucket); },
          nb::arg("bucket"), "Forgets values last seen before it.")
      .def("__len__", [](const RareValues& self) { return self.rarity.size(); })
      .def(
          "save",
          [](RareValues& self) {
            self.Close();
            return Save(self.rarity);
          },
          "Its state as bytes; the bucket at hand is over.")
      .def(
          "load",
          [](RareValues& self, const nb::bytes& state) {
            Load(self.rarity, state);
            self.is_open = false;
          },
          nb::arg("state"), "Replaces its state.");

  auto distinct = nb::class_<DistinctCounter>(module, "DistinctCounterState",
                                              "What DistinctCounter stands "
                                              "on.");
  distinct.def(nb::init<>())
      .def("add_texts", &AddTexts, nb::arg("values"),
           nb::sig("def add_texts(self, values: list[str]) -> None"), "Adds.")
      .def("add_numbers", &AddNumbers, nb::arg("values"),
           nb::sig("def add_numbers(self, values: Any) -> None"), "Adds.")
      .def("count", &DistinctCounter::Count, "How many there were.")
      .def("clear", &DistinctCounter::Clear, "Forgets all.");
  BindState(distinct);
}

}  // namespace

void BindDetectors(nb::module_& module) {
  BindSeries(module);
  BindTimes(module);
  BindScores(module);
  BindValues(module);
}

}  // namespace tocsin::python

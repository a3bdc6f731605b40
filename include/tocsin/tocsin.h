// Tocsin: the detection engine of a SIEM as a library, in one include.
//
//   tocsin::Compiler compiler;
//   if (absl::Status s = compiler.AddPath("rules"); !s.ok()) return Fail(s);
//   tocsin::CompileResult compiled = compiler.Compile();
//   tocsin::CallbackSink sink([](const tocsin::Detection& detection) {
//     std::cout << detection.rule().title << "\n";
//   });
//   tocsin::Engine engine(compiled.rules, sink);
//   engine.Feed(tocsin::Event::Json(line));
//
// The headers are the manual: compiler.h for rules, event.h and event_reader.h
// for input, engine.h, detection.h, incident.h, suppressed.h, anomaly.h and
// sink.h for what comes out. Those in detectors/ stand alone: what is unusual
// in numbers and values.

#ifndef TOCSIN_TOCSIN_H_
#define TOCSIN_TOCSIN_H_

#include "tocsin/anomaly.h"
#include "tocsin/authoring.h"
#include "tocsin/compiler.h"
#include "tocsin/detection.h"
#include "tocsin/detectors/bucket_values.h"
#include "tocsin/detectors/count_model.h"
#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/metric_series.h"
#include "tocsin/detectors/rarity.h"
#include "tocsin/detectors/score.h"
#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"
#include "tocsin/detectors/time_profile.h"
#include "tocsin/diagnostic.h"
#include "tocsin/engine.h"
#include "tocsin/enrich.h"
#include "tocsin/event.h"
#include "tocsin/event_reader.h"
#include "tocsin/field_value.h"
#include "tocsin/incident.h"
#include "tocsin/log_source.h"
#include "tocsin/payload.h"
#include "tocsin/response.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"
#include "tocsin/snapshot.h"
#include "tocsin/suppressed.h"
#include "tocsin/timestamp.h"

#endif  // TOCSIN_TOCSIN_H_

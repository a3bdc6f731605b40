// The compiled part of the package tocsin. What users see is in tocsin/.

#include <nanobind/nanobind.h>

#include "detectors.h"
#include "engine.h"
#include "enrich.h"
#include "payload.h"
#include "results.h"
#include "rules.h"
#include "times.h"

NB_MODULE(_core, module) {
  module.doc() = "The compiled part of tocsin: use the package.";
  module.attr("version") = TOCSIN_VERSION;
  tocsin::python::ImportDatetime();
  tocsin::python::BindRules(module);
  tocsin::python::BindResults(module);
  tocsin::python::BindEngine(module);
  tocsin::python::BindDetectors(module);
  tocsin::python::BindPayload(module);
  tocsin::python::BindEnrich(module);
}

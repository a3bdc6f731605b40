// A conformance suite: runs over data, prints details, returns its score.

#ifndef TOCSIN_TESTS_CONFORMANCE_SUITE_H_
#define TOCSIN_TESTS_CONFORMANCE_SUITE_H_

#include <map>
#include <string>

namespace tocsin::conformance {

struct Score {
  long passed = 0;
  long total = 0;
  bool skipped = false;  // The data it needs is not there.
  std::string note;      // Printed behind the score.
};

Score SigmaLoad();
Score SigmaRegression();
Score SigmaOracle();
Score PublicBugs();
Score CorrelationBugs();
Score EqlExpressions();
Score EqlQueries();
Score EqlSeries();
Score Kql();
Score ElasticRules();
Score MlJobs();
Score MlEngine();
Score Auth28d();
Score Nab();
Score EndpointRules();
Score Cep();       // A thousand keys.
Score CepLarge();  // A hundred thousand, and a million.

// By report: whether all its cases hold.
std::map<std::string, bool> PublicBugResults();

}  // namespace tocsin::conformance

#endif  // TOCSIN_TESTS_CONFORMANCE_SUITE_H_

// Tails of distributions, and probabilities made of several: the arithmetic
// that detectors have in common.
//
//   const double p = tocsin::detectors::StudentTail(z);       // One side.
//   const double joint = tocsin::detectors::JointProbability(ps);
//
// Pure functions of their arguments; no state, no random numbers, no
// allocation. Probabilities are never below kLeastProbability, so that their
// logarithms are numbers. Section numbers "DLMF" are those of the NIST Digital
// Library of Mathematical Functions, https://dlmf.nist.gov.

#ifndef TOCSIN_DETECTORS_TAILS_H_
#define TOCSIN_DETECTORS_TAILS_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

namespace tocsin::detectors {

inline constexpr double kLeastProbability = 1e-300;

// Which values of a measure are unusual.
enum class Side : unsigned char {
  kBoth,
  kHigh,
  kLow,
};

inline double ClampProbability(double p) {
  return std::clamp(p, kLeastProbability, 1.0);
}

// P(Z >= z) of a standard normal Z.
inline double NormalTail(double z) {
  return ClampProbability(0.5 * std::erfc(z / std::numbers::sqrt2));
}

// The z >= 0 of which P(|Z| >= z) is p. Newton's method on the tail; the first
// guess is the tail's leading term.
inline double NormalDeviate(double p) {
  p = ClampProbability(p);
  if (p >= 1) return 0;
  double z = p > 0.1 ? 0.5 : std::sqrt(-2 * std::log(p));
  for (int i = 0; i < 60; ++i) {
    const double tail = std::erfc(z / std::numbers::sqrt2);
    const double density =
        std::sqrt(2 / std::numbers::pi) * std::exp(-0.5 * z * z);
    if (tail <= 0 || density <= 0) break;
    // On the logarithm, which is nearly a parabola: a few steps do.
    const double step = std::log(tail / p) * tail / density;
    z += step;
    if (z < 0) z = 0;
    if (std::abs(step) < 1e-12 * (1 + z)) break;
  }
  return z;
}

// P(T >= t) of Student's t with 4 degrees of freedom, whose closed form needs
// no special function: heavy tails, as residuals of real series have them.
inline double StudentTail(double t) {
  const double u = t / std::sqrt(t * t + 4);
  double tail = 0.5 - u * (0.75 - 0.25 * u * u);
  if (t > 1 && tail < 1e-11) tail = 3 / (t * t * t * t);  // Its leading term.
  return ClampProbability(tail);
}

// -ln P(|T| >= |t|), and of one side; never negative.
inline double StudentSurprise(double t, Side side = Side::kBoth) {
  switch (side) {
    case Side::kHigh:
      return -std::log(StudentTail(t));
    case Side::kLow:
      return -std::log(StudentTail(-t));
    case Side::kBoth:
      break;
  }
  return std::max(0.0, -std::log(2 * StudentTail(std::abs(t))));
}

// The regularised upper incomplete gamma function Q(a, x), a > 0: the series of
// DLMF 8.7.1 below a + 1, the continued fraction of DLMF 8.9.2 above.
inline double GammaTail(double a, double x) {
  if (!(x > 0)) return 1;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (double n = a + 1; term > sum * 1e-16 && n < a + 10'000; ++n) {
      term *= x / n;
      sum += term;
    }
    return ClampProbability(1 - sum * front);
  }
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < 10'000; ++n) {
    const double numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= c * d;
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return ClampProbability(front * fraction);
}

// The regularised incomplete beta function I_x(a, b), by the continued fraction
// of DLMF 8.17.22. Its front is taken by logarithms, so a tail of 1e-200 is
// one.
inline double IncompleteBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(b, a, 1 - x);
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
               a * std::log(x) + b * std::log1p(-x)) /
      a;
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  if (std::abs(d) < kTiny) d = kTiny;
  d = 1 / d;
  double fraction = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (const double numerator : {even, odd}) {
      d = 1 + numerator * d;
      if (std::abs(d) < kTiny) d = kTiny;
      c = 1 + numerator / c;
      if (std::abs(c) < kTiny) c = kTiny;
      d = 1 / d;
      fraction *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return std::clamp(front * fraction, 0.0, 1.0);
}

// Tails of a count whose variance is `dispersion` times its mean: negative
// binomial where that is above 1, else Poisson. P(X >= count), P(X <= count).
struct CountTails {
  double high = 1;
  double low = 1;
};

inline CountTails CountTailsOf(double mean, double dispersion, double count) {
  CountTails tails;
  count = std::max(0.0, std::floor(count));
  mean = std::max(mean, 1e-9);
  // One of the two is found with all its digits, the other from it: a tail that
  // is far from 1 is never 1 less something.
  if (dispersion <= 1 + 1e-6) {
    // P(X <= k) of a Poisson is Q(k + 1, mean).
    tails.low = GammaTail(count + 1, mean);
    if (count > 0) {
      // P(X >= k) is P(k, mean), 1 less Q: its series is used where it is
      // small.
      double term =
          std::exp(count * std::log(mean) - mean - std::lgamma(count + 1));
      double sum = term;
      if (count > mean) {
        for (double n = count + 1; term > sum * 1e-16; ++n) {
          term *= mean / n;
          sum += term;
        }
        tails.high = sum;
      } else {
        tails.high = 1 - GammaTail(count, mean);
      }
    }
  } else {
    const double shape = mean / (dispersion - 1);
    const double success = 1 / dispersion;
    tails.low = IncompleteBeta(shape, count + 1, success);
    if (count > 0) tails.high = IncompleteBeta(count, shape, 1 - success);
  }
  tails.high = ClampProbability(tails.high);
  tails.low = ClampProbability(tails.low);
  return tails;
}

// The probability that independent ones are jointly as small as these: each is
// a normal deviate, and the sum of their squares is chi-square (after Fisher).
inline double JointProbability(std::span<const double> probabilities) {
  if (probabilities.empty()) return 1;
  double sum = 0;
  for (const double p : probabilities) {
    const double z = NormalDeviate(p);
    sum += z * z;
  }
  return GammaTail(0.5 * static_cast<double>(probabilities.size()), 0.5 * sum);
}

// The probability that the least of n independent ones is as small as this
// (Tippett): 1 - (1 - p)^n.
inline double ExtremeProbability(double least, size_t n) {
  const double p = std::min(ClampProbability(least), 1 - 1e-16);
  return ClampProbability(-std::expm1(static_cast<double>(n) * std::log1p(-p)));
}

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_TAILS_H_

#include "src/frontend/esql/terms.h"

#include <algorithm>
#include <utility>

namespace tocsin::esql {

using base::MeasureCompare;
using base::MeasureKind;
using ir::Term;
using ir::Truth;

Term NumberTerm(double number) {
  Term term;
  term.number = number;
  return term;
}

Term Both(Term::Kind kind, Term a, Term b) {
  Term term;
  term.kind = kind;
  term.children.push_back(std::move(a));
  term.children.push_back(std::move(b));
  return term;
}

Term Single(Term::Kind kind, Term a, double number) {
  Term term;
  term.kind = kind;
  term.number = number;
  term.children.push_back(std::move(a));
  return term;
}

Term NullTerm() { return Both(Term::kDiv, NumberTerm(1), NumberTerm(0)); }

Term If(Truth condition, Term then, Term otherwise) {
  Term term = Both(Term::kIf, std::move(then), std::move(otherwise));
  term.truths.push_back(std::move(condition));
  return term;
}

Truth Compare(MeasureCompare compare, Term a, Term b) {
  Truth truth;
  truth.compare = compare;
  truth.terms.push_back(std::move(a));
  truth.terms.push_back(std::move(b));
  return truth;
}

Truth Holds(Term term) {
  return Compare(MeasureCompare::kGe, std::move(term), NumberTerm(1));
}

size_t SizeOf(const Term& term) {
  size_t size = 1;
  for (const Truth& truth : term.truths) size += SizeOf(truth);
  for (const Term& child : term.children) size += SizeOf(child);
  return size;
}

size_t SizeOf(const Truth& truth) {
  size_t size = 1;
  for (const Term& term : truth.terms) size += SizeOf(term);
  for (const Truth& child : truth.children) size += SizeOf(child);
  return size;
}

int DepthOf(const Term& term) {
  int deepest = 0;
  for (const Truth& truth : term.truths) {
    deepest = std::max(deepest, DepthOf(truth));
  }
  for (const Term& child : term.children) {
    deepest = std::max(deepest, DepthOf(child));
  }
  return deepest + 1;
}

int DepthOf(const Truth& truth) {
  int deepest = 0;
  for (const Term& term : truth.terms) {
    deepest = std::max(deepest, DepthOf(term));
  }
  for (const Truth& child : truth.children) {
    deepest = std::max(deepest, DepthOf(child));
  }
  return deepest + 1;
}

Truth Not(Truth child) {
  Truth truth;
  truth.kind = Truth::kNot;
  truth.children.push_back(std::move(child));
  return truth;
}

bool OnlyGrows(const Truth& truth) {
  if (truth.kind == Truth::kAnd || truth.kind == Truth::kOr) {
    return std::all_of(truth.children.begin(), truth.children.end(), OnlyGrows);
  }
  if (truth.kind != Truth::kCompare) return false;
  const Term& left = truth.terms[0];
  const bool at_least = truth.compare == MeasureCompare::kGe ||
                        truth.compare == MeasureCompare::kGt;
  if (!at_least || left.kind != Term::kMeasure ||
      truth.terms[1].kind != Term::kNumber) {
    return false;
  }
  const MeasureKind kind = left.measure.kind;
  return kind == MeasureKind::kCount || kind == MeasureKind::kDistinct ||
         kind == MeasureKind::kMax ||
         (kind == MeasureKind::kSum && left.measure.never_negative);
}

bool SameMeasure(const ir::Measure& a, const ir::Measure& b) {
  return a.kind == b.kind && a.fields == b.fields &&
         a.parameter == b.parameter && a.never_negative == b.never_negative;
}

void Collect(const Term& term, std::vector<const ir::Measure*>* all) {
  if (term.kind == Term::kMeasure &&
      std::none_of(all->begin(), all->end(), [&](const ir::Measure* other) {
        return SameMeasure(*other, term.measure);
      })) {
    all->push_back(&term.measure);
  }
  for (const Truth& truth : term.truths) Collect(truth, all);
  for (const Term& child : term.children) Collect(child, all);
}

void Collect(const Truth& truth, std::vector<const ir::Measure*>* all) {
  for (const Term& term : truth.terms) Collect(term, all);
  for (const Truth& child : truth.children) Collect(child, all);
}

}  // namespace tocsin::esql

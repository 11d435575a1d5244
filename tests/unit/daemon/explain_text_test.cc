// How numbers are said: what was missing apart from what was not, plainly, and never rounded to its bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/explain/explanation.h"
#include "daemon/explain/words.h"

namespace tocsin::daemon {
namespace {

using detectors::IsMet;
using detectors::Measure;
using detectors::Needs;
using testing::HasSubstr;
using testing::Not;

// In one line.
std::string TextOf(const Explanation& explanation) {
  std::string flat;
  for (const char c : ExplanationsText({&explanation, 1})) {
    const char blank = c == '\n' ? ' ' : c;
    if (blank != ' ' || !flat.ends_with(' ')) flat += blank;
  }
  return flat;
}
Explanation Clear(std::vector<Measure> measures) {
  Explanation explanation;
  ExplainedVerdict& verdict = explanation.verdicts.emplace_back();
  verdict.detector = "concurrent_places";
  verdict.answer = "clear";
  verdict.measures = std::move(measures);
  return explanation;
}
Measure Of(std::string name, schemas::EvidenceValue value, Needs needs, schemas::EvidenceValue threshold) {
  Measure measure;
  measure.name = std::move(name);
  measure.value = std::move(value);
  measure.needs = needs;
  measure.threshold = std::move(threshold);
  return measure;
}

TEST(ExplainText, WhatWasReachedIsNotWhatWasMissing) {
  const Measure far = Of("km", 1829.4, Needs::kAtLeast, 300.0);
  const Measure device = Of("other_device", int64_t{0}, Needs::kAtLeast, int64_t{1});
  const std::string both = TextOf(Clear({far, device}));
  EXPECT_THAT(both, HasSubstr("not so: the device is another one met: km = 1829, at least 300"));
  EXPECT_THAT(both, Not(HasSubstr("excused")));
  const std::string only = TextOf(Clear({far}));
  EXPECT_THAT(only, HasSubstr("met: km = 1829, at least 300; what excused it is not among these numbers"));
  EXPECT_THAT(only, Not(HasSubstr("would be found")));
}

TEST(ExplainText, JsonSaysWhichWereMet) {
  const Explanation explanation =
      Clear({Of("km", 1829.4, Needs::kAtLeast, 300.0), Of("n", int64_t{0}, Needs::kAtLeast, int64_t{1})});
  const std::string json = ExplanationsJson({&explanation, 1});
  EXPECT_THAT(json, HasSubstr(R"("threshold":300,"met":true})"));
  EXPECT_THAT(json, HasSubstr(R"("threshold":1,"met":false})"));
}

TEST(ExplainText, AmountsAreComparedInTheirCurrency) {
  const auto met = [](std::string value, Needs needs, std::string threshold) {
    return IsMet(Of("sum", std::move(value), needs, std::move(threshold)));
  };
  EXPECT_EQ(met("EUR 2698.67", Needs::kAtLeast, "EUR 1777.78"), true);
  EXPECT_EQ(met("EUR 999.99", Needs::kAtLeast, "EUR 1000.00"), false);
  EXPECT_EQ(met("EUR 1000.00", Needs::kMoreThan, "EUR 1000.00"), false);
  EXPECT_EQ(met("JPY 900", Needs::kLessThan, "JPY 1000"), true);
  EXPECT_EQ(met("EUR 900.00", Needs::kAtLeast, "USD 1.00"), std::nullopt);
  EXPECT_EQ(met("much", Needs::kAtLeast, "more"), std::nullopt);
}

TEST(ExplainText, NumbersArePlain) {
  const auto said = [](schemas::EvidenceValue value, Needs needs, schemas::EvidenceValue threshold) {
    return TextOf(Clear({Of("n", std::move(value), needs, std::move(threshold))}));
  };
  EXPECT_THAT(said(10'490.3, Needs::kMoreThan, 20'250.7), HasSubstr("n = 10490, more than 20251"));
  EXPECT_THAT(said(1.25e12 + 0.5, Needs::kMoreThan, 3e14), HasSubstr("n = 1250000000000, more than"));
  EXPECT_THAT(said(0.12345, Needs::kMoreThan, 46.4567), HasSubstr("n = 0.1235, more than 46.46 "));
  EXPECT_THAT(said(299.99996, Needs::kAtLeast, 300.0), HasSubstr("n = 299.99996, at least 300 "));
  EXPECT_THAT(said(100.00004, Needs::kMoreThan, int64_t{100}),
              HasSubstr("met: n = 100.00004, more than 100;"));
  EXPECT_THAT(said(123'456.2, Needs::kAtLeast, 123'456.4), HasSubstr("n = 123456.2, at least 123456.4 "));
}

TEST(ExplainText, NoRiskIsCertain) {
  Explanation explanation;
  const auto odds = [&](double bias) {
    explanation.bias = bias;
    return TextOf(explanation);
  };
  EXPECT_THAT(odds(8.5), HasSubstr("in log-odds: more than 99 in 100 "));
  EXPECT_THAT(odds(4.5), HasSubstr("in log-odds: 99 in 100 "));
  EXPECT_THAT(odds(-6), HasSubstr("in log-odds: one in 404 "));
}

TEST(ExplainText, SentencesNameWhatTheyAreSaidOf) {
  EXPECT_THAT(WhyNotEvaluable("not_a_use"), HasSubstr("money that came in"));
  EXPECT_THAT(WhyNotEvaluable("not_counted"), Not(HasSubstr("limit")));
}

}  // namespace
}  // namespace tocsin::daemon

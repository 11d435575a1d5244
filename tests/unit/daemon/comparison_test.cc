// Two outcomes compared: what appears, vanishes and changes, volumes, and how right each is.
#include "daemon/compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "daemon/compare/report.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using schemas::AttackLabel;
using schemas::Severity;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);

KeptFinding Finding(const std::string& account, Timestamp at, std::string cause,
                    Severity severity = Severity::kHigh) {
  return {.detector = "d",
          .account = account,
          .case_id = "case-" + account,
          .severity = severity,
          .risk = 0.5,
          .occurred_at = at,
          .cause = {std::move(cause)}};
}

Outcome OutcomeOf(std::map<std::string, KeptFinding> findings) {
  Outcome outcome;
  outcome.findings = std::move(findings);
  outcome.accounts = {"a", "b", "c", "d"};
  outcome.first = kNoon;
  outcome.last = kNoon + 240h;
  outcome.events = 100;
  return outcome;
}

const FindingChange* Find(const Comparison& comparison, const std::string& id) {
  const auto found = std::ranges::find(comparison.changes, id, &FindingChange::finding_id);
  return found == comparison.changes.end() ? nullptr : &*found;
}

TEST(Comparison, SaysWhatAppearsVanishesAndChanges) {
  KeptFinding gone = Finding("a", kNoon, "e5");
  gone.superseded = true;
  const Outcome first = OutcomeOf({{"same", Finding("a", kNoon, "e1")},
                                   {"vanishes", Finding("b", kNoon, "e2")},
                                   {"changes", Finding("c", kNoon, "e3", Severity::kLow)},
                                   {"taken_back", Finding("a", kNoon, "e5")},
                                   {"never_stood", gone}});
  const Outcome second = OutcomeOf({{"same", Finding("a", kNoon, "e1")},
                                    {"changes", Finding("c", kNoon, "e3", Severity::kHigh)},
                                    {"appears", Finding("d", kNoon, "e4")},
                                    {"taken_back", gone}});
  const Comparison comparison = Compare(first, second, nullptr, {});
  EXPECT_EQ(comparison.changes.size(), 4U);
  EXPECT_EQ(Find(comparison, "same"), nullptr);
  EXPECT_EQ(Find(comparison, "never_stood"), nullptr);
  EXPECT_EQ(Find(comparison, "vanishes")->after, nullptr);
  EXPECT_EQ(Find(comparison, "taken_back")->after, nullptr);
  EXPECT_EQ(Find(comparison, "appears")->before, nullptr);
  ASSERT_NE(Find(comparison, "changes"), nullptr);
  const DetectorChange& row = comparison.detectors.at("d");
  EXPECT_EQ(row.before, 4);
  EXPECT_EQ(row.after, 3);
  EXPECT_EQ(row.appear, 1);
  EXPECT_EQ(row.vanish, 2);
  EXPECT_EQ(row.change, 1);
  EXPECT_FALSE(comparison.labelled);
}

TEST(Comparison, VolumesCountWhatIsTold) {
  KeptFinding shadow = Finding("b", kNoon, "e3");
  shadow.mode = schemas::Mode::kShadow;
  const Outcome outcome = OutcomeOf({{"1", Finding("a", kNoon, "e1")},
                                     {"2", Finding("a", kNoon, "e2")},
                                     {"3", shadow},
                                     {"4", Finding("c", kNoon, "e4", Severity::kLow)}});
  const Comparison comparison = Compare(outcome, outcome, nullptr, {});
  EXPECT_EQ(comparison.volume[0].findings, 2);
  EXPECT_EQ(comparison.volume[0].cases, 1);
  EXPECT_DOUBLE_EQ(comparison.thousand_account_days, 0.04);
  EXPECT_EQ(Compare(outcome, outcome, nullptr, {.severity = Severity::kLow}).volume[1].cases, 2);
}

TEST(Comparison, RightIsByCauseOrByTime) {
  const std::vector<AttackLabel> labels = {
      {"a", "takeover", kNoon, kNoon + 1h, {"theft"}},
      {"b", "takeover", kNoon, kNoon + 1h, {}},
      {"c", "guessing", kNoon, kNoon + 1h, {"guess"}},
  };
  const Outcome first = OutcomeOf({{"by_cause", Finding("a", kNoon + 200h, "theft")},
                                   {"in_time", Finding("b", kNoon + 25h, "x")},
                                   {"too_late", Finding("c", kNoon + 25h + 1ms, "y")},
                                   {"nobody", Finding("d", kNoon, "z")}});
  const Outcome second = OutcomeOf({{"by_cause", Finding("a", kNoon + 200h, "theft")},
                                    {"quiet", Finding("b", kNoon, "x", Severity::kLow)},
                                    {"guessed", Finding("c", kNoon, "guess")}});
  const Comparison comparison = Compare(first, second, &labels, {});
  const Quality& before = comparison.quality[0];
  EXPECT_EQ(before.recall.part, 2);
  EXPECT_EQ(before.recall.whole, 3);
  EXPECT_EQ(before.finding_precision.part, 2);
  EXPECT_EQ(before.finding_precision.whole, 4);
  EXPECT_EQ(before.recall_by_kind.at("takeover").part, 2);
  EXPECT_EQ(before.recall_by_kind.at("guessing").part, 0);
  EXPECT_EQ(comparison.quality[1].recall.part, 2);
  EXPECT_EQ(comparison.found_by_first_only, 1);
  EXPECT_EQ(comparison.found_by_second_only, 1);
}

TEST(Comparison, ReportsNameTheFindings) {
  const Outcome first = OutcomeOf({{"id-1", Finding("a", kNoon, "e1")}});
  const Outcome second = OutcomeOf({{"id-2", Finding("b", kNoon, "e2")}});
  const Comparison comparison = Compare(first, second, nullptr, {});
  const std::string text = ComparisonText(comparison, {}, 1);
  EXPECT_NE(text.find("2 findings differ; the first:"), std::string::npos);
  EXPECT_NE(text.find("id-1"), std::string::npos);
  EXPECT_EQ(text.find("id-2"), std::string::npos);
  const std::string json = ComparisonJson(comparison, {});
  EXPECT_NE(json.find("\"what\":\"vanishes\""), std::string::npos);
  EXPECT_NE(json.find("id-2"), std::string::npos);
}

struct Counted {
  Share share;
  double low;
  double high;
};
TEST(Share, WilsonIsWhatTablesSay) {
  for (const Counted& counted : {Counted{{0, 10}, 0, 0.2775}, Counted{{5, 10}, 0.2366, 0.7634},
                                 Counted{{10, 10}, 0.7225, 1}, Counted{{0, 0}, 0, 1}}) {
    EXPECT_NEAR(Wilson(counted.share).low, counted.low, 5e-4);
    EXPECT_NEAR(Wilson(counted.share).high, counted.high, 5e-4);
  }
}

TEST(Share, ChanceSplitsEvenly) {
  EXPECT_DOUBLE_EQ(SignTest(0, 0), 1);
  EXPECT_NEAR(SignTest(0, 5), 0.0625, 1e-9);
  EXPECT_NEAR(SignTest(5, 0), 0.0625, 1e-9);
  EXPECT_NEAR(SignTest(1, 9), 0.021484375, 1e-9);
  EXPECT_NEAR(SignTest(5, 5), 1, 1e-9);
}

}  // namespace
}  // namespace tocsin::daemon

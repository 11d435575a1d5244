// What detectors share, and what they pass over when nobody asks for measures, changes no verdict: each
// detector asked by itself, with measures, says what it says among all.
#include "detectors/asked.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "detectors/detector_set.h"
#include "detectors/learning/learning.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using schemas::TransactionStatus;
using test::EventBuilder;

constexpr Timestamp kBegin = FromMillis(1'772'323'200'000);  // 2026-03-01T00:00:00Z
constexpr int kEvents = 1500;

Currency Of(std::string_view code) { return *Currency::Find(code); }

LimitTable Limits() {
  LimitTable table;
  table.limits = {{.name = "single", .max = Money{40'000, Of("EUR")}},
                  {.name = "day",
                   .direction = schemas::Direction::kOut,
                   .window = Limit::Window::kRolling,
                   .rolling = 24h,
                   .max = Money{90'000, Of("EUR")},
                   .warn_at = 0.7},
                  {.name = "month",
                   .window = Limit::Window::kCalendar,
                   .unit = CalendarUnit::kMonth,
                   .max = Money{1'500'000, Of("EUR")},
                   .max_count = 60,
                   .warn_at = 0.9}};
  table.rates = {{.base = Of("SGD"), .quote = Of("EUR"), .mantissa = 68, .scale = 2},
                 {.base = Of("SGD"), .quote = Of("CNY"), .mantissa = 54, .scale = 1},
                 {.base = Of("SGD"), .quote = Of("USD"), .mantissa = 74, .scale = 2}};
  return table;
}

// An owner with bad company: now and then somebody else, much money, a refusal, an event that is late or that
// says more of a transaction before.
class Walk {
 public:
  explicit Walk(uint32_t seed) : random_(seed) {}

  Event Next(int nth) {
    at_ += std::chrono::minutes(1 + Below(400));
    const Timestamp at = Below(8) == 0 ? at_ - std::chrono::minutes(Below(3000)) : at_;
    EventBuilder event("e-" + std::to_string(nth), at);
    const bool stranger = Below(12) == 0;
    constexpr std::array kCities = {test::kBerlin, test::kPotsdam, test::kMunich, test::kKehl,
                                    test::kStrasbourg};
    constexpr std::array kDevices = {test::kPhone, test::kLaptop, test::kBrowser};
    event.From(stranger ? test::kTokyo : kCities[Below(Below(4) == 0 ? 5 : 1)]);
    event.Via(stranger ? (Below(2) == 0 ? test::kVpn : test::kOtherLine)
                       : (Below(3) == 0 ? test::kMobile : test::kHomeLine));
    event.With(stranger ? test::kStranger : kDevices[Below(3)]);
    if (Below(3) != 0) {
      Pay(nth, event);
    } else if (Below(10) == 0) {
      constexpr std::array kChanges = {schemas::ChangeKind::kPasswordReset, schemas::ChangeKind::kPayeeAdded,
                                       schemas::ChangeKind::kMfaMethodRemoved,
                                       schemas::ChangeKind::kEmailChanged};
      event.Changed(kChanges[Below(4)]);
    } else if (Below(6) == 0) {
      event.Failed();
    }
    event.event().session_id = "session-" + std::to_string(nth / 7);
    event.event().timezone = "Europe/Berlin";
    return event;
  }

 private:
  size_t Below(int bound) { return random_() % static_cast<uint32_t>(bound); }

  void Pay(int nth, EventBuilder& event) {
    constexpr std::array kStatuses = {TransactionStatus::kCompleted, TransactionStatus::kAuthorized,
                                      TransactionStatus::kDeclined, TransactionStatus::kReversed,
                                      TransactionStatus::kFailed};
    constexpr std::array<std::string_view, 3> kCurrencies = {"EUR", "USD", "JPY"};
    const int of = Below(5) == 0 ? nth - static_cast<int>(Below(20)) : nth;
    // Small change, a ladder that ends just under the limit, and more than there is.
    constexpr std::array<int64_t, 5> kLadder = {12'000, 16'000, 22'000, 30'000, 39'000};
    const size_t how = Below(10);
    const auto minor = how == 0  ? static_cast<int64_t>(30'000 + Below(600'000))
                       : how < 5 ? kLadder[static_cast<size_t>(nth) % kLadder.size()]
                                 : static_cast<int64_t>(500 + Below(4000));
    event.Paid("t-" + std::to_string(of), {minor, Of(kCurrencies[Below(8) == 0 ? Below(3) : 0])},
               kStatuses[Below(4) == 0 ? Below(5) : Below(2)],
               Below(9) == 0 ? schemas::TransactionKind::kTopUp : schemas::TransactionKind::kTransfer);
    event.To("friend-" + std::to_string(Below(Below(6) == 0 ? 200 : 5)), schemas::CounterpartyType::kPerson);
    auto& transaction = std::get<schemas::Transaction>(event.event().payload);
    if (Below(3) != 0)
      transaction.balance_after_minor = static_cast<int64_t>(Below(Below(2) == 0 ? 600'000 : 2'000)) - 500;
    if (transaction.status == TransactionStatus::kDeclined && Below(2) == 0)
      transaction.decline_reason = schemas::DeclineReason::kLimitExceeded;
  }

  std::mt19937 random_;
  Timestamp at_ = kBegin;
};

// But for what only a DetectorSet adds.
void ExpectSame(const Verdict& among, const Verdict& alone) {
  EXPECT_EQ(among.kind(), alone.kind());
  EXPECT_EQ(among.why(), alone.why());
  EXPECT_EQ(among.leaning(), alone.leaning());
  ASSERT_EQ(among.speaks(), alone.speaks());
  if (!among.speaks()) return;
  ASSERT_EQ(among.claims().size(), alone.claims().size());
  for (size_t i = 0; i < among.claims().size(); ++i) {
    const Claim& a = among.claims()[i];
    const Claim& b = alone.claims()[i];
    EXPECT_EQ(std::tie(a.severity, a.cause, a.occurred_at, a.transaction_id, a.discriminator, a.subject),
              std::tie(b.severity, b.cause, b.occurred_at, b.transaction_id, b.discriminator, b.subject));
    ASSERT_EQ(a.evidence.size(), b.evidence.size());
    for (size_t one = 0; one < a.evidence.size(); ++one) {
      EXPECT_EQ(a.evidence[one].name, b.evidence[one].name);
      EXPECT_EQ(a.evidence[one].value, b.evidence[one].value);
    }
  }
  ASSERT_EQ(among.retractions().size(), alone.retractions().size());
  for (size_t i = 0; i < among.retractions().size(); ++i)
    EXPECT_EQ(among.retractions()[i].cause, alone.retractions()[i].cause);
}

template <class... Detectors>
void CompareAll(const std::tuple<Configured<Detectors>...>& configs, const Event& event,
                const AccountState& state, const Context& context, const DetectionResult& among) {
  size_t index = 0;
  const auto compare = [&]<class Detector>(const Configured<Detector>& configured) {
    SCOPED_TRACE(Detector::kInfo.id);
    const Verdict& verdict = among.verdicts[index++];
    if ((Detector::kInfo.events & Mask(event.type)) == 0) return;
    ExpectSame(verdict, Detector(configured.config).Evaluate(event, state, context));
  };
  std::apply([&](const auto&... configured) { (compare(configured), ...); }, configs);
}

class AskedTest : public testing::TestWithParam<uint32_t> {};

TEST_P(AskedTest, WhatIsSharedChangesNoVerdict) {
  const DetectorConfigs configs;
  const DetectorSet set(configs);
  const LimitTable limits = Limits();
  const LearningConfig learning;
  Population population;
  AccountState state;
  DetectionResult result;
  Walk walk(GetParam());
  size_t alerts = 0;
  for (int nth = 0; nth < kEvents; ++nth) {
    const Event event = walk.Next(nth);
    SCOPED_TRACE(nth);
    const Context context{.population = population, .limits = limits, .learning = learning};
    set.Evaluate(event, state, context, result);
    alerts += result.AnyAlert() ? 1 : 0;
    Measures measures;
    Context measured = context;
    measured.measures = &measures;
    CompareAll(configs, event, state, measured, result);
    ASSERT_FALSE(HasFailure());
    Learn(event, result, context, state, population);
  }
  EXPECT_GT(alerts, 100U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AskedTest, testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace tocsin::detectors

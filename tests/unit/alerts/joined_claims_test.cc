// Claims that one event makes join one case, whatever their own times.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "alerts/decide.h"

namespace tocsin::alerts {
namespace {

using std::chrono::hours;

constexpr Timestamp kMonday = FromMillis(1'767'571'200'000);

schemas::Claim ClaimAt(Timestamp at, std::string cause,
                       schemas::Severity severity = schemas::Severity::kMedium) {
  schemas::Claim claim;
  claim.detector = "unusual_amount";
  claim.family = schemas::Family::kMoney;
  claim.severity = severity;
  claim.weight = 1;
  claim.cause = {std::move(cause)};
  claim.occurred_at = at;
  claim.reasons = {{.code = "unusual_amount", .observed = "CNY 9", .usual = "CNY 1"}};
  return claim;
}

class JoinedClaimsTest : public testing::Test {
 protected:
  void Decide(Timestamp at, const std::vector<schemas::Claim>& claims) {
    schemas::Event event;
    event.type = schemas::EventType::kTransaction;
    event.payload = schemas::Transaction{};
    event.event_id = EventId("e-" + std::to_string(++events_));
    event.account_id = AccountId("account-1");
    event.occurred_at = at;
    const schemas::AccountProfile owner;
    decider_.Decide({event, claims, {}, owner, {}}, at, file_, decision_);
  }

  const Decider decider_{
      AlertsConfig{}, [](std::string_view) { return std::span<const schemas::Technique>(); }, {}};
  CaseFile file_;
  Decision decision_;
  int events_ = 0;
};

TEST_F(JoinedClaimsTest, AnEarlierOneDoesNotLoseTheCaseToALaterOne) {
  Decide(kMonday, {ClaimAt(kMonday, "first")});
  const std::string old_case = decision_.findings.at(0).case_id;
  // The case has ended by the time of this event, and not by that of its first claim.
  const Timestamp later = kMonday + hours(24 * 20);
  Decide(later, {ClaimAt(kMonday + hours(1), "late"), ClaimAt(later, "new")});
  ASSERT_EQ(decision_.findings.size(), 2U);
  EXPECT_EQ(decision_.findings[0].case_id, decision_.findings[1].case_id);
  EXPECT_NE(decision_.findings[0].case_id, old_case);
}

TEST_F(JoinedClaimsTest, EachIsToldWhenTheCaseIsFull) {
  std::vector<schemas::Claim> many;
  for (size_t i = 0; i < Case::kFindingsMax; ++i) {
    many.push_back(ClaimAt(kMonday, "high-" + std::to_string(i), schemas::Severity::kHigh));
  }
  Decide(kMonday, many);
  EXPECT_EQ(decision_.findings.size(), Case::kFindingsMax);
  Decide(kMonday + hours(1), {ClaimAt(kMonday + hours(1), "least", schemas::Severity::kLow),
                              ClaimAt(kMonday + hours(1), "more", schemas::Severity::kHigh)});
  EXPECT_EQ(decision_.findings.size(), 2U);
  for (const Case& one : file_.cases()) EXPECT_LE(one.findings.size(), Case::kFindingsMax);
}

}  // namespace
}  // namespace tocsin::alerts

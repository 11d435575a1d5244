// What a ticket asks of a payment: of a limit only where the case has one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::Family;
using schemas::Severity;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kOrdered = "Did the owner order this payment?";
constexpr const char* kOverTheLimit = "Did the owner order this payment, and may it exceed the limit?";

schemas::Claim Unusual() { return MakeClaim("unusual_amount", Family::kMoney, Severity::kMedium, 1.0); }

schemas::Claim Heavier() { return MakeClaim("unusual_amount", Family::kMoney, Severity::kMedium, 2.0); }

struct Asked {
  const char* name;
  std::vector<schemas::Claim> claims;
  const char* question;
};
class TicketQuestionTest : public ::testing::TestWithParam<Asked> {};

TEST_P(TicketQuestionTest, AsksWhatTheCaseIsAbout) {
  Scenario s;
  const Decision& d = s.Decide(s.Transfer(kNoon), GetParam().claims);
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].decision, GetParam().question);
  EXPECT_THAT(d.tickets[0].body, HasSubstr(std::string("\n") + GetParam().question + "\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TicketQuestionTest,
    ::testing::Values(Asked{"NoLimit", {Unusual()}, kOrdered}, Asked{"ALimit", {Breach()}, kOverTheLimit},
                      Asked{"ALimitThatDoesNotLead", {Heavier(), Breach()}, kOverTheLimit}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(TicketDecisionTest, ALimitIsAskedForWhenItComesLater) {
  Scenario s;
  EXPECT_EQ(s.Decide(s.Transfer(kNoon), {Unusual()}).tickets.at(0).decision, kOrdered);
  EXPECT_EQ(s.Decide(s.Transfer(kNoon + 1min), {Breach()}).tickets.at(0).decision, kOverTheLimit);
}

TEST(TicketDecisionTest, InChineseTheSame) {
  AlertsConfig config;
  config.support.ticket_locale = "zh-CN";
  Scenario s(std::move(config));
  EXPECT_EQ(s.Decide(s.Transfer(kNoon), {Unusual()}).tickets.at(0).decision, "这笔交易是否为用户本人所为？");
  EXPECT_EQ(s.Decide(s.Transfer(kNoon + 1min), {Breach()}).tickets.at(0).decision,
            "这笔交易是否为用户本人所为，是否允许超出限额？");
}

}  // namespace
}  // namespace tocsin::alerts::testing

// The tickets agents get, for one account that is being taken over:
// tests/golden/tickets/<locale>/<operation>.md.
#include <gtest/gtest.h>

#include "schemas/enum_names.h"
#include "tests/unit/alerts/golden.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;

// From the first strange login to the analyst's verdict.
std::vector<schemas::Ticket> Story(const std::string& locale) {
  AlertsConfig config;
  config.support.ticket_locale = locale;
  Scenario s(std::move(config));
  std::vector<schemas::Ticket> tickets;
  const auto take = [&](const Decision& decision) {
    tickets.insert(tickets.end(), decision.tickets.begin(), decision.tickets.end());
    return decision;
  };
  const auto at_home = [](schemas::Event event) {
    event.facts.place.country = "CN";
    event.facts.place.city = "Kunming";
    event.facts.network = {.asn = 4134, .network_class = schemas::NetworkClass::kResidential};
    event.facts.device = {.missing = schemas::Missing::kNo, .model = "iPhone 15", .os_family = "iOS"};
    return event;
  };
  const auto abroad = [](schemas::Event event) {
    event.facts.network = {.asn = 9009,
                           .network_class = schemas::NetworkClass::kHosting,
                           .anonymiser = schemas::Anonymiser::kVpn};
    return event;
  };
  take(s.Decide(at_home(s.Login(kNoon - 20h))));
  schemas::Event refused = abroad(s.Login(kNoon - 6min));
  refused.payload = schemas::Login{.outcome = schemas::LoginOutcome::kFailure,
                                   .failure_reason = schemas::FailureReason::kBadCredentials};
  take(s.Decide(refused));
  schemas::Claim travel = Travel();
  travel.reasons = {{"impossible_travel", "Tokyo, JP", "Kunming, CN"}};
  const Decision first = take(s.Decide(abroad(s.Login(kNoon)), {travel, NewDevice()}));
  schemas::Event change = abroad(s.Login(kNoon + 4min));
  change.type = schemas::EventType::kAccountChange;
  change.payload = schemas::AccountChange{.change = schemas::ChangeKind::kPhoneChanged};
  take(s.Decide(change));
  schemas::Claim chain =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5, "chain");
  chain.reasons = {{"takeover_chain_money", "3 in 12 min", "< 2 in 72 h"}};
  take(s.Decide(abroad(s.Transfer(kNoon + 12min)), {chain}));
  using schemas::FeedbackBy;
  using schemas::FeedbackVerdict;
  take(s.Decide(
      s.Answer(kNoon + 30min, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, first.notices.at(0).notice_id),
      {Reported()}));
  take(s.Decide(s.Answer(kNoon + 5h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "",
                         first.findings.at(0).case_id)));
  return tickets;
}

class TicketGoldenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(TicketGoldenTest, ReadsAsWritten) {
  const std::string locale = GetParam();
  int number = 0;
  for (const schemas::Ticket& ticket : Story(locale)) {
    const std::string name =
        std::to_string(++number) + "-" + std::string(schemas::Name(ticket.operation)) + ".md";
    ExpectGolden("tickets/" + locale + "/" + name, "# " + ticket.subject + "\n\n" + ticket.body);
  }
  EXPECT_EQ(number, 4);
}

INSTANTIATE_TEST_SUITE_P(Locales, TicketGoldenTest, ::testing::Values("en", "zh-CN", "both"),
                         [](const auto& tested) { return std::string(tested.param).substr(0, 2); });

}  // namespace
}  // namespace tocsin::alerts::testing

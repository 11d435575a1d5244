// What has no notice of its own is told in one digest.
#include "alerts/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Noon in London is eight in the evening in Shanghai: the digest is due twelve hours later.
const Timestamp kDue = kNoon + 12h;

schemas::Claim Device(const char* name) {
  schemas::Claim claim = NewDevice();
  claim.reasons.front().observed = name;
  return claim;
}

// One device is told, two more of the same day are folded.
struct ThreeDevices : Scenario {
  ThreeDevices() {
    EXPECT_THAT(Decide(Login(kNoon), {Device("Chrome on Windows")}).notices, SizeIs(1));
    EXPECT_THAT(Decide(Login(kNoon + 1h), {Device("Firefox on Linux")}).notices, IsEmpty());
    EXPECT_THAT(Decide(Login(kNoon + 2h), {Device("Safari on macOS")}).notices, IsEmpty());
  }
};

TEST(DigestTest, TellsWhatWasNotToldOnTheOwnersNextDay) {
  ThreeDevices s;
  EXPECT_THAT(s.Decide(s.Login(kDue - 1ms)).notices, IsEmpty());
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  const schemas::Notice& digest = d.notices[0];
  EXPECT_EQ(digest.template_name, "digest");
  EXPECT_EQ(digest.severity, Severity::kLow);
  EXPECT_THAT(digest.text, HasSubstr("1 March 2026, 21:00 (UTC+8): Used on a device that is new"));
  EXPECT_THAT(digest.text, HasSubstr("Firefox on Linux"));
  EXPECT_THAT(digest.text, HasSubstr("Safari on macOS"));
  EXPECT_THAT(digest.text, Not(HasSubstr("Chrome on Windows"))) << "that was told";
  EXPECT_EQ(digest.reference, s.file.cases().at(0).reference);
  EXPECT_THAT(s.Decide(s.Login(kDue + 1h)).notices, IsEmpty()) << "once";
  EXPECT_EQ(s.file.cases().at(0).notices_held, 0u);
}

TEST(DigestTest, ALateEventDoesNotMakeItDue) {
  ThreeDevices s;
  EXPECT_THAT(s.Decide(s.Login(kNoon - 5h)).notices, IsEmpty());
  EXPECT_THAT(s.file.folded(), SizeIs(2));
}

TEST(DigestTest, TheSameAgainIsCounted) {
  ThreeDevices s;
  EXPECT_THAT(s.Decide(s.Login(kNoon + 3h), {Device("Firefox on Linux")}).notices, IsEmpty());
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.notices[0].text, HasSubstr("(2 times)"));
}

schemas::Event TransferOf(Scenario& s, Timestamp at, int64_t minor) {
  schemas::Event event = s.Transfer(at);
  std::get<schemas::Transaction>(event.payload).amount.minor = minor;
  return event;
}

TEST(DigestTest, NamesEachPaymentThatNoNoticeNamed) {
  Scenario s;
  std::string notices;
  for (int i = 0; i < 4; ++i) {
    const Decision& d = s.Decide(TransferOf(s, kNoon + i * 15min, 30'521 + i * 10'000), {Breach()});
    for (const schemas::Notice& notice : d.notices) notices += notice.text;
  }
  EXPECT_THAT(notices, HasSubstr("CNY 305.21"));
  EXPECT_THAT(notices, Not(HasSubstr("CNY 605.21"))) << "the same reason, the same day";
  const std::string digest = s.Decide(s.Login(kDue)).notices.at(0).text;
  EXPECT_THAT(digest, Not(HasSubstr("CNY 305.21"))) << "that was told";
  for (const char* const amount : {"CNY 405.21", "CNY 505.21", "CNY 605.21"})
    EXPECT_THAT(digest, HasSubstr("A transfer of " + std::string(amount) +
                                  " to 62…45: approved, but not completed yet."));
  EXPECT_THAT(digest, HasSubstr("1. Contact support first")) << "what is on its way may be stopped";
  EXPECT_THAT(digest, Not(HasSubstr("6222020200112233445"))) << "masked";
}

TEST(DigestTest, SaysWhatBecameOfAPayment) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Breach()});
  schemas::Event payment = s.Transfer(kNoon + 1h);
  EXPECT_THAT(s.Decide(payment, {Breach()}).notices, IsEmpty());
  auto& transaction = std::get<schemas::Transaction>(payment.payload);
  const auto report = [&](Timestamp at, schemas::TransactionStatus status) {
    payment.event_id = EventId("later" + std::to_string(++s.events));
    payment.occurred_at = at;
    transaction.status = status;
    return s.Decide(payment);
  };
  report(kNoon + 3h, schemas::TransactionStatus::kReversed);
  report(kNoon + 2h, schemas::TransactionStatus::kCompleted);  // It comes late.
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.notices[0].text, HasSubstr("A transfer of CNY 68,000.00 to 62…45: reversed."));
  EXPECT_THAT(d.notices[0].text, Not(HasSubstr("Contact support first"))) << "it came back";
}

TEST(DigestTest, RefusedPaymentsAreCountedAndNotNamed) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Breach()});
  for (int i = 0; i < 3; ++i)
    s.Decide(s.Transfer(kNoon + 1h + i * 1min, schemas::TransactionStatus::kDeclined), {Breach()});
  ASSERT_THAT(s.file.folded(), SizeIs(1));
  const std::string digest = s.Decide(s.Login(kDue)).notices.at(0).text;
  EXPECT_THAT(digest, HasSubstr("(3 times)"));
  EXPECT_THAT(digest, Not(HasSubstr("68,000.00")));
}

TEST(DigestTest, APaymentOfSeveralReasonsIsNamedOnce) {
  Scenario s;
  const schemas::Claim large = MakeClaim("new_payee_large", schemas::Family::kMoney, Severity::kMedium, 1);
  s.Decide(s.Login(kNoon), {Breach(), large});
  EXPECT_THAT(s.Decide(s.Transfer(kNoon + 1h), {Breach(), large}).notices, IsEmpty());
  EXPECT_THAT(s.file.folded(), SizeIs(2));
  const std::string digest = s.Decide(s.Login(kDue)).notices.at(0).text;
  const size_t first = digest.find("CNY 68,000.00");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(digest.find("CNY 68,000.00", first + 1), std::string::npos) << digest;
}

TEST(DigestTest, WhatHasNoPlaceIsCounted) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Device("the first")});
  for (int i = 0; i < 30; ++i)
    s.Decide(s.Login(kNoon + 1h + i * 1min), {Device(("device " + std::to_string(i)).c_str())});
  EXPECT_THAT(s.file.folded(), SizeIs(CaseFile::kFoldedMax));
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.notices[0].text, HasSubstr("device 14"));
  EXPECT_THAT(d.notices[0].text,
              HasSubstr("Not listed one by one: 15 other events, such as new devices or places."));
}

TEST(DigestTest, WhatTheCapsHeldIsInIt) {
  AlertsConfig config;
  config.calm.hour_max = 1;
  Scenario s(config);
  EXPECT_THAT(s.Decide(s.Login(kNoon), {NewDevice()}).notices, SizeIs(1));
  EXPECT_THAT(s.Decide(s.Transfer(kNoon + 30min), {Breach()}).notices, IsEmpty());
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.notices[0].text, HasSubstr("More than a limit allows"));
  EXPECT_EQ(d.notices[0].severity, Severity::kMedium);
}

TEST(DigestTest, DoesNotKeepTheNextDaysEventFromBeingTold) {
  ThreeDevices s;
  const Decision& d = s.Decide(s.Login(kNoon + 25h), {Device("Opera on Windows")});
  ASSERT_THAT(d.notices, SizeIs(2));
  EXPECT_EQ(d.notices[0].template_name, "digest");
  EXPECT_EQ(d.notices[1].template_name, "login_new");
  EXPECT_THAT(d.notices[1].text, HasSubstr("Opera on Windows"));
}

TEST(DigestTest, SaysWhatTheNoticeOfTheSameEventSays) {
  ThreeDevices s;
  schemas::Claim chain = MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5);
  const Decision& d = s.Decide(s.Login(kDue), {chain});
  ASSERT_THAT(d.notices, SizeIs(2));
  EXPECT_EQ(d.notices[0].template_name, "digest");
  for (const schemas::Notice& notice : d.notices) {
    EXPECT_THAT(notice.text, HasSubstr("asked for your account to be frozen")) << notice.template_name;
    EXPECT_THAT(notice.text, HasSubstr("A person will review it by 4 March 2026, 08:00"));
    EXPECT_THAT(notice.text, HasSubstr("replies to you by 3 March 2026, 08:00"));
  }
  ThreeDevices checked;
  for (const schemas::Notice& notice : checked.Decide(checked.Login(kDue), {Travel()}).notices)
    EXPECT_THAT(notice.text, HasSubstr("your identity to be checked once more")) << notice.template_name;
}

// The case of what it tells is over, and the event's own begins another in its place.
TEST(DigestTest, TellsOfACaseThatItsEventReplaces) {
  Scenario s;
  EXPECT_THAT(s.Decide(s.Transfer(kNoon), {Breach()}).notices, SizeIs(1));
  EXPECT_THAT(s.Decide(s.Transfer(kNoon + 1h), {Breach()}).notices, IsEmpty());
  const std::string first = s.file.cases().at(0).reference;
  const Decision& d = s.Decide(s.Login(kNoon + 80h), {Travel()});
  ASSERT_THAT(d.notices, SizeIs(2));
  EXPECT_EQ(d.notices[0].template_name, "digest");
  EXPECT_EQ(d.notices[0].reference, first);
  EXPECT_NE(d.notices[1].reference, first);
  EXPECT_THAT(d.notices[0].text, Not(HasSubstr("there is nothing else to do")));
}

TEST(DigestTest, IsInTheOwnersLanguage) {
  ThreeDevices s;
  s.owner.locale = "zh-CN";
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_EQ(d.notices[0].locale, "zh-CN");
  EXPECT_THAT(d.notices[0].text, HasSubstr("2026年3月1日 21:00"));
}

TEST(DigestTest, SurvivesItsBytes) {
  ThreeDevices s;
  s.Decide(s.Login(kDue));
  s.Decide(s.Login(kDue + 1h), {Device("Firefox on Linux")});
  s.Decide(s.Login(kDue + 2h), {Device("Edge on Windows")});
  std::string bytes;
  s.file.EncodeSegment(Segment::kCase, bytes);
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.notices(), s.file.notices());
  EXPECT_EQ(read.folded(), s.file.folded());
  EXPECT_THAT(read.folded(), Not(IsEmpty()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    CaseFile cut;
    if (!cut.DecodeSegment(Segment::kCase, std::string_view(bytes).substr(0, size))) continue;
    EXPECT_THAT(cut.folded(), IsEmpty()) << "as states were before there was a digest";
  }
}

TEST(DigestTest, AnAnswerToItIsAboutWhatItTold) {
  ThreeDevices s;
  const schemas::Notice digest = s.Decide(s.Login(kDue)).notices.at(0);
  const auto answer = s.Answer(kDue + 1h, FeedbackVerdict::kMe, FeedbackBy::kOwner, digest.notice_id);
  EXPECT_EQ(s.Decide(answer).tickets.size(), 0u);
  EXPECT_EQ(s.file.cases().at(0).state, CaseState::kResolved) << "nothing in it is more than medium";
}

TEST(DigestTest, GoesToThePreviousContactWhenATakeoverIsInIt) {
  Scenario s;
  s.previous = {{schemas::ContactChannel::kEmail, "old@example.com", true, false}};
  schemas::Claim chain = MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kMedium, 1);
  EXPECT_THAT(s.Decide(s.Login(kNoon), {chain}).notices, SizeIs(1));
  chain.cause = {"another"};
  EXPECT_THAT(s.Decide(s.Login(kNoon + 2h), {chain}).notices, IsEmpty());
  const Decision& d = s.Decide(s.Login(kDue));
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_EQ(d.notices[0].recipients.back().address, "old@example.com");
}

TEST(DigestTest, WaitsForAContactButNotForever) {
  ThreeDevices s;
  const std::vector<schemas::Contact> contacts = std::exchange(s.owner.contacts, {});
  EXPECT_THAT(s.Decide(s.Login(kDue)).notices, IsEmpty());
  EXPECT_THAT(s.file.folded(), SizeIs(2));
  s.owner.contacts = contacts;
  EXPECT_THAT(s.Decide(s.Login(kDue + 30h)).notices.at(0).text, HasSubstr("Firefox on Linux"));
  EXPECT_THAT(s.file.folded(), IsEmpty());
  ThreeDevices never;
  never.owner.contacts.clear();
  never.Decide(never.Login(kNoon + 14 * 24h + 3h));
  EXPECT_THAT(never.file.folded(), IsEmpty());
}

TEST(DigestTest, WhoCouldNotBeReachedIsToldOnceThereIsAContact) {
  Scenario s;
  const std::vector<schemas::Contact> contacts = std::exchange(s.owner.contacts, {});
  const Decision d = s.Decide(s.Login(kNoon), {Travel()});
  EXPECT_THAT(d.notices, IsEmpty());
  EXPECT_EQ(d.notices_held, 1);
  EXPECT_THAT(d.tickets.at(0).body, HasSubstr("no verified contact"));
  EXPECT_THAT(d.tickets.at(0).body, Not(HasSubstr("to keep calm")));
  s.owner.contacts = contacts;
  const Decision& told = s.Decide(s.Login(kNoon + 1min));
  ASSERT_THAT(told.notices, SizeIs(1));
  EXPECT_EQ(told.notices[0].severity, Severity::kHigh);
  EXPECT_THAT(told.notices[0].text, HasSubstr("too far apart"));
  const auto answer =
      s.Answer(kNoon + 1h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, told.notices[0].notice_id);
  EXPECT_THAT(s.Decide(answer, {Reported()}).tickets.at(0).body, Not(HasSubstr("no verified contact")));
}

TEST(QuietHoursTest, NoticesBelowHighWaitForTheirEnd) {
  AlertsConfig config;
  config.calm.quiet_hours = "19:00-08:00";
  Scenario s(config);
  const schemas::Notice low = s.Decide(s.Login(kNoon), {NewDevice()}).notices.at(0);
  EXPECT_EQ(low.deliver_after, kDue);
  EXPECT_EQ(low.expires_at, kDue + 72h) << "the links are good for as long as ever";
  EXPECT_EQ(s.Decide(s.Login(kNoon + 1h), {Travel()}).notices.at(0).deliver_after, kTimestampMin);
  Scenario day;
  EXPECT_EQ(day.Decide(day.Login(kNoon), {NewDevice()}).notices.at(0).deliver_after, kTimestampMin);
}

TEST(QuietHoursTest, WhoIsRestrictedIsToldAtOnce) {
  AlertsConfig config;
  config.calm.quiet_hours = "19:00-08:00";
  config.policy = {
      {.severity_min = Severity::kLow, .notice = true, .actions = {schemas::ActionKind::kFreeze}}};
  Scenario s(config);
  EXPECT_EQ(s.Decide(s.Login(kNoon), {NewDevice()}).notices.at(0).deliver_after, kTimestampMin);
}

}  // namespace
}  // namespace tocsin::alerts::testing

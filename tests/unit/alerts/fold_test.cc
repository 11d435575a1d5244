// What finds no room in a digest, and what the money comes to that it tells of.
#include "alerts/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;
using schemas::TransactionStatus;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const Timestamp kDue = kNoon + 12h;

class FoldTest : public ::testing::Test {
 protected:
  FoldTest() {
    // Both reasons are told; the same day they are for the digest.
    s.Decide(s.Login(kNoon), {Breach(), Device(-1)});
  }

  static schemas::Claim Device(int number) {
    schemas::Claim claim = NewDevice();
    claim.reasons.front().observed = "device " + std::to_string(number);
    return claim;
  }
  void FoldDevices(Timestamp at, int count) {
    for (int i = 0; i < count; ++i) {
      const Decision& d = s.Decide(s.Login(at + i * 1s), {Device(++devices_)});
      ASSERT_THAT(d.notices, IsEmpty());
    }
  }
  schemas::Event Payment(Timestamp at, int64_t minor, const char* currency = "CNY",
                         TransactionStatus status = TransactionStatus::kCompleted) {
    schemas::Event event = s.Transfer(at, status);
    std::get<schemas::Transaction>(event.payload).amount = {minor, *Currency::Find(currency)};
    return event;
  }
  schemas::Event FoldPayment(Timestamp at, int64_t minor, const char* currency = "CNY") {
    schemas::Event event = Payment(at, minor, currency);
    EXPECT_THAT(s.Decide(event, {Breach()}).notices, IsEmpty());
    return event;
  }
  schemas::Notice Digest() {
    const Decision& d = s.Decide(s.Login(kDue));
    EXPECT_THAT(d.notices, SizeIs(1));
    return d.notices.at(0);
  }
  static std::string Fact(const schemas::Notice& notice, std::string_view name) {
    for (const auto& [known, value] : notice.facts) {
      if (known == name) return value;
    }
    return {};
  }

  Scenario s;

 private:
  int devices_ = 0;
};

TEST_F(FoldTest, AShortTextNamesTheSum) {
  FoldPayment(kNoon + 1h, 1'000'000);
  FoldPayment(kNoon + 2h, 250'050);
  const schemas::Notice digest = Digest();
  EXPECT_THAT(Fact(digest, "short_text"), HasSubstr("CNY 12,500.50 sent"));
  EXPECT_EQ(Fact(digest, "money_left"), "CNY 12500.50");
  EXPECT_EQ(Fact(digest, "payments_left"), "2");
  EXPECT_THAT(digest.text,
              HasSubstr("In all, 2 payments left your account or are on their way: CNY 12,500.50."));
}

TEST_F(FoldTest, WhatCameBackIsInNoSum) {
  schemas::Event payment = FoldPayment(kNoon + 1h, 1'000'000);
  payment.event_id = EventId("back");
  payment.occurred_at = kNoon + 2h;
  std::get<schemas::Transaction>(payment.payload).status = TransactionStatus::kReversed;
  s.Decide(payment);
  const schemas::Notice digest = Digest();
  EXPECT_THAT(Fact(digest, "short_text"), Not(HasSubstr("sent")));
  EXPECT_EQ(Fact(digest, "money_left"), "");
}

TEST_F(FoldTest, MoneyThatLeftIsNotPushedOut) {
  FoldDevices(kNoon + 1h, 40);
  FoldPayment(kNoon + 2h, 1'234'500);
  FoldDevices(kNoon + 3h, 40);
  const schemas::Notice digest = Digest();
  EXPECT_THAT(digest.text, HasSubstr("A transfer of CNY 12,345.00 to 62…45: completed."));
  EXPECT_THAT(digest.text,
              HasSubstr("Not listed one by one: 66 other events, such as new devices or places."));
}

TEST_F(FoldTest, WhatIsGraveIsNotPushedOutByPayments) {
  const std::vector<schemas::Contact> contacts = std::exchange(s.owner.contacts, {});
  s.Decide(s.Login(kNoon + 1h), {Travel()});
  for (int i = 0; i < 40; ++i) s.Decide(Payment(kNoon + 2h + i * 1min, 10'000), {Breach()});
  s.owner.contacts = contacts;
  const schemas::Notice digest = Digest();
  EXPECT_EQ(digest.severity, Severity::kHigh);
  EXPECT_THAT(digest.text, HasSubstr("too far apart"));
}

TEST_F(FoldTest, OfManyPaymentsTheLargestAreListedAndTheRestAddedUp) {
  int64_t sum = 0;
  for (int i = 0; i < 40; ++i) {
    const int64_t minor = i == 30 ? 5'000'000 : 10'000 + i;
    FoldPayment(kNoon + 1h + i * 1min, minor);
    sum += minor;
  }
  FoldPayment(kNoon + 2h, 9'900, "USD");
  const schemas::Notice digest = Digest();
  EXPECT_THAT(digest.text, HasSubstr("A transfer of CNY 50,000.00 to"));
  EXPECT_THAT(digest.text, HasSubstr("A transfer of USD 99.00 to")) << "another currency is another thing";
  EXPECT_THAT(digest.text,
              HasSubstr("Not listed one by one: 26 payments that left or are on their way (CNY "));
  EXPECT_EQ(Fact(digest, "payments_left"), "41");
  EXPECT_EQ(Fact(digest, "money_left"), FormatMoney({sum, *Currency::Find("CNY")}) + ", USD 99.00");
}

TEST_F(FoldTest, WhatBecameOfAPaymentThatIsNotListedIsKnown) {
  schemas::Event first = FoldPayment(kNoon + 1h, 100);
  for (int i = 0; i < 20; ++i) FoldPayment(kNoon + 2h + i * 1min, 10'000);
  first.event_id = EventId("back");
  first.occurred_at = kNoon + 4h;
  std::get<schemas::Transaction>(first.payload).status = TransactionStatus::kReversed;
  s.Decide(first);
  const schemas::Notice digest = Digest();
  EXPECT_THAT(digest.text, HasSubstr("one payment that was refused or came back (CNY 1.00)"));
  EXPECT_EQ(Fact(digest, "money_left"), "CNY 2000.00");
}

TEST_F(FoldTest, APaymentOfSeveralReasonsCountsOnce) {
  const schemas::Claim large = MakeClaim("new_payee_large", schemas::Family::kMoney, Severity::kMedium, 1);
  EXPECT_THAT(s.Decide(s.Login(kNoon + 20min), {large}).notices, SizeIs(1));
  for (int i = 0; i < 20; ++i) {
    const schemas::Event payment = Payment(kNoon + 1h + i * 1min, 10'000);
    EXPECT_THAT(s.Decide(payment, {Breach(), large}).notices, IsEmpty());
  }
  const schemas::Notice digest = Digest();
  EXPECT_EQ(Fact(digest, "payments_left"), "20");
  EXPECT_EQ(Fact(digest, "money_left"), "CNY 2000.00");
  int listed = 0;
  for (size_t at = digest.text.find("A transfer"); at != std::string::npos; ++listed)
    at = digest.text.find("A transfer", at + 1);
  EXPECT_THAT(digest.text, HasSubstr("one by one: " + std::to_string(20 - listed) + " payments that left"));
}

TEST_F(FoldTest, EachKindOfTheRestIsNamed) {
  const auto number = [](schemas::Claim claim, int i) {
    claim.reasons.front().observed = std::to_string(i);
    return claim;
  };
  schemas::Claim chain = MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kMedium, 1);
  s.Decide(s.Login(kNoon + 1s), {chain});
  for (int i = 0; i < 20; ++i) FoldPayment(kNoon + 1h + i * 1min, 10'000);
  FoldDevices(kNoon + 2h, 3);
  for (int i = 0; i < 3; ++i) {
    s.Decide(Payment(kNoon + 3h + i * 1min, 700, "CNY", TransactionStatus::kDeclined), {number(Breach(), i)});
    s.Decide(s.Login(kNoon + 4h + i * 1min), {number(chain, i)});
    s.Decide(s.Login(kNoon + 5h + i * 1min), {number(Breach(), i)});
  }
  EXPECT_THAT(
      Digest().text,
      HasSubstr("Not listed one by one: 5 payments that left or are on their way (CNY 500.00); 3 payments "
                "that were refused or came back (CNY 21.00); 3 other payments; 3 signs of a possible "
                "takeover; 3 other events, such as new devices or places."));
}

TEST_F(FoldTest, ANoticeNamesTheMoneyOfWhatItHeldBack) {
  FoldPayment(kNoon + 1h, 1'000'000);
  FoldPayment(kNoon + 2h, 250'000);
  const std::string text = s.Decide(s.Login(kNoon + 3h), {Travel()}).notices.at(0).text;
  EXPECT_THAT(text, HasSubstr("2 further alerts that we did not send one by one. Among them: 2 payments that "
                              "left or are on their way (CNY 12,500.00)."));
  FoldPayment(kNoon + 4h, 100);
  schemas::Claim other = Travel();
  other.reasons.front().code = "concurrent_places";
  EXPECT_THAT(s.Decide(s.Login(kNoon + 5h), {other}).notices.at(0).text,
              HasSubstr("Among them: one payment that left or is on its way (CNY 1.00)."));
}

TEST_F(FoldTest, WhatFoundNoRoomSurvivesItsBytes) {
  for (int i = 0; i < 20; ++i) FoldPayment(kNoon + 1h + i * 1min, 10'000);
  FoldDevices(kNoon + 2h, 3);
  std::string bytes;
  s.file.EncodeSegment(Segment::kCase, bytes);
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.folded(), s.file.folded());
  EXPECT_GT(read.folded().back().no_room.uses, 0U);
  EXPECT_TRUE(read.folded().back().no_room.money.begun());
}

}  // namespace
}  // namespace tocsin::alerts::testing

#include "detectors/cooling_off.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::CounterpartyType;
using schemas::Event;
using schemas::Severity;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "cooling_off";
using Causes = std::vector<std::string>;

Money Sgd(int64_t minor) { return {minor, *Currency::Find("SGD")}; }

void LiveAMonth(AccountStory& story) {
  for (int day = 90; day > 1; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}
Event NewDevice(Timestamp at = kNoon) { return EventBuilder("new", at).With(test::kLaptop); }
EventBuilder On(Millis after) {
  EventBuilder builder("act", kNoon + after);
  builder.With(test::kLaptop);
  return builder;
}
EventBuilder LimitChanged(Millis after, std::optional<int64_t> previous, std::optional<int64_t> value) {
  EventBuilder builder = On(after);
  builder.Changed(ChangeKind::kLimitChanged);
  std::get<schemas::AccountChange>(builder.event().payload).limit =
      schemas::ChangedLimit{.name = "day", .previous_minor = previous, .value_minor = value};
  return builder;
}

struct Act {
  std::string name;
  EventBuilder event;
  bool alerts = false;
};
class CoolingOffTest : public testing::TestWithParam<Act> {};

TEST_P(CoolingOffTest, IsAHighRiskActionSoonAfterANewDevice) {
  const Causes expected = GetParam().alerts ? Causes{"act"} : Causes{};
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(GetParam().event);
  story.Run(GetParam().event);
  EXPECT_EQ(story.ActiveCauses(kId), expected);

  AccountStory reversed;
  LiveAMonth(reversed);
  reversed.Run(GetParam().event);
  reversed.Run(NewDevice());
  EXPECT_EQ(reversed.ActiveCauses(kId), expected) << "when the login arrives late";
}

INSTANTIATE_TEST_SUITE_P(
    Actions, CoolingOffTest,
    testing::Values(
        Act{"Payee", On(1min).Changed(ChangeKind::kPayeeAdded), true},
        Act{"AtOnce", On(0s).Changed(ChangeKind::kPayeeAdded), true},
        Act{"PhoneChanged", On(1min).Changed(ChangeKind::kPhoneChanged), true},
        Act{"PasswordChanged", On(1min).Changed(ChangeKind::kPasswordChanged), false},
        Act{"LimitRaised", LimitChanged(1min, 100, 200), true},
        Act{"LimitLowered", LimitChanged(1min, 200, 100), false},
        Act{"LimitGone", LimitChanged(1min, 200, std::nullopt), true},
        Act{"TransferAboveTheCheck", On(1min).Paid("t1", Sgd(100'001)), true},
        Act{"TransferOfTheCheck", On(1min).Paid("t1", Sgd(100'000)), false},
        Act{"Withdrawal",
            On(1min).Paid("t1", Sgd(500'000), TransactionStatus::kAuthorized, TransactionKind::kWithdrawal),
            true},
        Act{"CardPayment",
            On(1min).Paid("t1", Sgd(500'000), TransactionStatus::kCompleted, TransactionKind::kPayment),
            false},
        Act{"PaymentInAShop",
            On(1min)
                .Paid("t1", Sgd(500'000), TransactionStatus::kCompleted, TransactionKind::kPayment)
                .To("shop", CounterpartyType::kMerchant),
            false},
        Act{"PaymentToAPerson",
            On(1min)
                .Paid("t1", Sgd(500'000), TransactionStatus::kAuthorized, TransactionKind::kPayment)
                .To("friend", CounterpartyType::kPerson),
            true},
        Act{"ExchangeIntoCrypto",
            On(1min)
                .Paid("t1", Sgd(500'000), TransactionStatus::kAuthorized, TransactionKind::kExchange)
                .To("coins", CounterpartyType::kCrypto),
            true},
        Act{"ExchangeOfOwnCurrencies",
            On(1min).Paid("t1", Sgd(500'000), TransactionStatus::kCompleted, TransactionKind::kExchange),
            false},
        Act{"TopUp",
            On(1min).Paid("t1", Sgd(500'000), TransactionStatus::kCompleted, TransactionKind::kTopUp), false},
        Act{"Declined", On(1min).Paid("t1", Sgd(500'000), TransactionStatus::kDeclined), false},
        Act{"NoRate", On(1min).Paid("t1", Money{9'000'000, *Currency::Find("EUR")}), false},
        Act{"FromTheOldPhone", EventBuilder("act", kNoon + 1min).Changed(ChangeKind::kPayeeAdded), true},
        Act{"WithoutADevice", On(1min).Changed(ChangeKind::kPayeeAdded).WithoutDevice(), true}),
    [](const auto& tested) { return tested.param.name; });

TEST(CoolingOff, ThePeriodHasExactEdges) {
  for (const auto& [after, alerts] : {std::pair{Millis(12h), true}, std::pair{Millis(12h + 1ms), false}}) {
    AccountStory story;
    LiveAMonth(story);
    story.Run(NewDevice());
    story.Run(EventBuilder("act", kNoon + after).Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.ActiveCauses(kId), alerts ? Causes{"act"} : Causes{});

    // From the new device too, although it still waits in quarantine.
    AccountStory own;
    LiveAMonth(own);
    own.Run(NewDevice());
    own.Run(On(after).Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(own.ActiveCauses(kId), alerts ? Causes{"act"} : Causes{});
  }
}

TEST(CoolingOff, TheFirstDeviceAndLearningAccountsAreFree) {
  AccountStory first;
  first.Run(EventBuilder("first", kNoon));
  first.Run(EventBuilder("act", kNoon + 1min).Changed(ChangeKind::kPayeeAdded));
  EXPECT_TRUE(first.ActiveCauses(kId).empty());
  AccountStory learning;
  learning.Run(EventBuilder("first", kNoon - 48h));
  learning.Run(NewDevice());
  EXPECT_EQ(learning.Run(On(1min).Changed(ChangeKind::kPayeeAdded)).Of(kId).why(), kLearning);
  EXPECT_TRUE(learning.ActiveCauses(kId).empty());
  for (int i = 0; i < 4; ++i) {
    learning.Run(EventBuilder("more" + std::to_string(i), kNoon + 1h + i * 1min).With(test::kLaptop));
  }
  learning.Run(EventBuilder("later", kNoon + 3h).With(test::kLaptop).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(learning.ActiveCauses(kId), Causes{"later"}) << "past learning, with a second device of today";
}

TEST(CoolingOff, WithoutAnyDeviceNobodyKnows) {
  AccountStory story;
  for (int day = 20; day > 1; --day)
    story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h).WithoutDevice());
  EXPECT_EQ(story.Run(On(1min).Changed(ChangeKind::kPayeeAdded).WithoutDevice()).Of(kId).why(), kNoDevice);
}

TEST(CoolingOff, ALimitWithoutBeforeIsHeldAgainstTheProfile) {
  for (const int64_t told : {0, 100, 200}) {
    AccountStory story;
    LiveAMonth(story);
    if (told > 0) {
      Event profile = EventBuilder("profile", kNoon - 1h);
      profile.type = schemas::EventType::kAccountProfile;
      profile.payload = schemas::AccountProfile{.limits = {{.name = "day", .max = Sgd(told)}}};
      story.Run(profile);
    }
    story.Run(NewDevice());
    Event change = LimitChanged(1min, std::nullopt, 200);
    std::get<schemas::AccountChange>(change.payload).limit->currency = *Currency::Find("SGD");
    story.Run(change);
    EXPECT_EQ(story.ActiveCauses(kId), told == 100 ? Causes{"act"} : Causes{}) << told;
  }
}

// The owner's answer makes the device known, and does not end the period: whoever holds the mailbox answers
// too.
TEST(CoolingOff, AnAnswerDoesNotEndIt) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(
      EventBuilder("me", kNoon + 1min).Answered(schemas::FeedbackVerdict::kMe, schemas::FeedbackBy::kOwner));
  story.Run(On(1h).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"act"});
}

TEST(CoolingOff, TheTrustedPhoneIsLow) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(EventBuilder("old", kNoon + 1min).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.Only(kId).severity, Severity::kLow);
  EXPECT_DOUBLE_EQ(story.Only(kId).weight, 0.5);
}

TEST(CoolingOff, AnotherCurrencyIsConvertedByTheTable) {
  const Currency eur = *Currency::Find("EUR");
  for (const auto& [cents, alerts] : {std::pair{50'000, false}, std::pair{50'001, true}}) {
    AccountStory story;
    story.limits().rates = {{.base = eur, .quote = *Currency::Find("SGD"), .mantissa = 2, .scale = 0}};
    LiveAMonth(story);
    story.Run(NewDevice());
    EXPECT_EQ(story.Run(On(1min).Paid("t1", Money{cents, eur})).Of(kId).alert(), alerts);
  }
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  EXPECT_EQ(story.Run(On(1min).Paid("t1", Money{1, eur})).Of(kId).why(), "no_rate");
}

TEST(CoolingOff, ATransactionIsOneActionWhoseTransactionCanBeHeld) {
  std::vector<Event> events = {EventBuilder("authorized", kNoon + 1min)
                                   .With(test::kLaptop)
                                   .Paid("t1", Sgd(200'000), TransactionStatus::kAuthorized),
                               EventBuilder("completed", kNoon + 2min)
                                   .With(test::kLaptop)
                                   .Paid("t1", Sgd(200'000), TransactionStatus::kCompleted),
                               NewDevice(), EventBuilder("earlier", kNoon - 1min).With(test::kLaptop)};
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.event_id < b.event_id; });
  do {
    AccountStory story;
    LiveAMonth(story);
    story.RunAll(events);
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"authorized"});
  } while (std::next_permutation(events.begin(), events.end(),
                                 [](const Event& a, const Event& b) { return a.event_id < b.event_id; }));
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(On(1min).Paid("t1", Sgd(200'000)));
  EXPECT_EQ(story.Only(kId).transaction_id, "t1");
}

Event Piece(int number, Millis after, Money amount) {
  const std::string name = std::to_string(number);
  return EventBuilder("p" + name, kNoon + after).With(test::kLaptop).Paid("t" + name, amount);
}

// Who may not send SGD 1,000.01 sends SGD 400 three times.
TEST(CoolingOff, APaymentInPiecesIsOnePayment) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  for (int i = 1; i <= 2; ++i) EXPECT_TRUE(story.Run(Piece(i, i * 1min, Sgd(40'000))).Of(kId).clear()) << i;
  story.Run(Piece(3, 3min, Sgd(40'000)));
  const Claim& claim = story.Only(kId);
  EXPECT_EQ(claim.cause, Causes{"p3"});
  EXPECT_EQ(claim.transaction_id, "t3");
  EXPECT_EQ(claim.reasons.at(0).code, "cooling_off_transfers");
  EXPECT_EQ(claim.reasons[0].observed, "SGD 1200.00");
  for (int i = 4; i <= 9; ++i) story.Run(Piece(i, i * 1min, Sgd(40'000)));
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"p3", "p6"})) << "again at twice as much, not with each";
}

TEST(CoolingOff, PiecesHaveTheEdgesOfOnePayment) {
  const auto causes = [](const std::vector<Event>& events) {
    AccountStory story;
    LiveAMonth(story);
    story.Run(NewDevice());
    story.RunAll(events);
    return story.ActiveCauses(kId);
  };
  EXPECT_EQ(causes({Piece(1, 1min, Sgd(50'000)), Piece(2, 2min, Sgd(50'000))}), Causes{})
      << "the amount itself";
  EXPECT_EQ(causes({Piece(1, 1min, Sgd(50'000)), Piece(2, 2min, Sgd(50'001))}), Causes{"p2"});
  EXPECT_EQ(causes({Piece(1, 1min, Sgd(60'000)), Piece(2, 12h, Sgd(60'000))}), Causes{"p2"});
  EXPECT_EQ(causes({Piece(1, 1min, Sgd(60'000)), Piece(2, 12h + 1ms, Sgd(60'000))}), Causes{})
      << "the period is over";
  EXPECT_EQ(causes({Piece(1, -1h, Sgd(60'000)), Piece(2, 1min, Sgd(60'000))}), Causes{"p2"})
      << "the first piece was the device's first use";
}

// A platform that wants to hear of each transfer; doubling nothing never gets anywhere.
TEST(CoolingOff, WithoutACheckAmountEachTransferIsOne) {
  DetectorConfigs configs;
  std::get<Configured<CoolingOff>>(configs).config.check_amount = Sgd(0);
  AccountStory story(configs);
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(Piece(1, 1min, Sgd(500)));
  story.Run(Piece(2, 2min, Sgd(0)));
  story.Run(Piece(3, 3min, Sgd(1)));
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"p1", "p3"}));
}

TEST(CoolingOff, PiecesInSeveralCurrenciesAddUpByTheTable) {
  const Currency eur = *Currency::Find("EUR");
  AccountStory story;
  story.limits().rates = {{.base = eur, .quote = *Currency::Find("SGD"), .mantissa = 2, .scale = 0}};
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(Piece(1, 1min, Money{30'000, eur}));
  story.Run(Piece(2, 2min, Money{9'000'000, *Currency::Find("XAF")}));
  EXPECT_TRUE(story.ActiveCauses(kId).empty()) << "what has no rate is not added";
  story.Run(Piece(3, 3min, Sgd(40'001)));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"p3"});
  EXPECT_EQ(story.Only(kId).reasons.at(0).observed, "SGD 1000.01");
}

// Payments, their completion and the login in every order, and each twice.
TEST(CoolingOff, PiecesAreTheSameInAnyOrder) {
  std::vector<Event> events = {
      NewDevice(),
      Piece(1, 1min, Sgd(45'000)),
      Piece(2, 2min, Sgd(45'000)),
      EventBuilder("p2-done", kNoon + 4min).With(test::kLaptop).Paid("t2", Sgd(70'000)),
      Piece(3, 3min, Sgd(45'000)),
      Piece(4, 5min, Sgd(150'000)),
      Piece(5, 6min, Sgd(45'000)),
      EventBuilder("contact", kNoon + 7min).With(test::kLaptop).Changed(ChangeKind::kEmailChanged),
      EventBuilder("after", kNoon + 13h).With(test::kLaptop).Paid("t9", Sgd(300'000)),
  };
  const Causes expected = {"contact", "p2", "p4"};
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    AccountStory story;
    LiveAMonth(story);
    story.RunAll(events);
    ASSERT_EQ(story.ActiveCauses(kId), expected) << "round " << round;
    story.RunAll(events);
    ASSERT_EQ(story.ActiveCauses(kId), expected) << "again, round " << round;
    std::shuffle(events.begin(), events.end(), random);
  }
}

TEST(CoolingOff, AStillEarlierUseMovesThePeriod) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(NewDevice());
  story.Run(EventBuilder("act", kNoon + 11h).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"act"});
  story.Run(EventBuilder("earlier", kNoon - 2h).With(test::kLaptop));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

}  // namespace
}  // namespace tocsin::detectors

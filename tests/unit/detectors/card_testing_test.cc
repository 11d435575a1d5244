#include "detectors/card_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::DeclineReason;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

struct Try {
  Millis after{0};
  std::string amount;
  std::string card;
  DeclineReason reason = DeclineReason::kInvalidInstrument;
};
struct TestingCase {
  std::string name;
  std::vector<Try> tries;
  std::vector<std::string> causes;
};
class CardTestingTest : public testing::TestWithParam<TestingCase> {};

TEST_P(CardTestingTest, IsJudged) {
  test::AccountStory story;
  int i = 0;
  for (const Try& one : GetParam().tries) {
    story.Run(Build({.id = "t" + std::to_string(++i),
                     .at = kNoon + one.after,
                     .amount = one.amount,
                     .status = TransactionStatus::kDeclined,
                     .reason = one.reason,
                     .card = one.card}));
  }
  EXPECT_EQ(story.ActiveCauses("card_testing"), GetParam().causes);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CardTestingTest,
    testing::Values(
        TestingCase{
            "ThreeCards", {{0min, "CNY 5", "a"}, {1min, "CNY 5", "b"}, {59min, "CNY 5", "c"}}, {"t3"}},
        TestingCase{"ThreeCardsInExactlyAnHour",
                    {{0min, "CNY 5", "a"}, {1min, "CNY 5", "b"}, {60min, "CNY 5", "c"}},
                    {}},
        TestingCase{"TwoCards", {{0min, "CNY 5", "a"}, {1min, "CNY 5", "b"}, {2min, "CNY 5", "a"}}, {}},
        TestingCase{"OneCardThatDoesNotWork",
                    {{0min, "CNY 5", "a"},
                     {1min, "CNY 5", "a"},
                     {2min, "CNY 5", "a"},
                     {3min, "CNY 5", "a"},
                     {4min, "CNY 5", "a"},
                     {5min, "CNY 5", "a"}},
                    {}},
        TestingCase{"FiveAmounts",
                    {{0min, "CNY 5", "a"},
                     {1min, "CNY 3", "a"},
                     {2min, "CNY 4", "a"},
                     {3min, "CNY 1", "a"},
                     {4min, "CNY 2", "a"}},
                    {"t5"}},
        TestingCase{"ALadder",
                    {{0min, "CNY 1", "a"}, {1min, "CNY 2", "a"}, {2min, "CNY 3", "a"}, {3min, "CNY 5", "a"}},
                    {"t4"}},
        TestingCase{"AShortLadder",
                    {{0min, "CNY 1", "a"}, {1min, "CNY 2", "a"}, {2min, "CNY 3", "a"}, {3min, "CNY 3", "a"}},
                    {}},
        TestingCase{"TheMiddleArrivesLast",
                    {{0min, "CNY 5", "a"}, {9min, "CNY 5", "c"}, {5min, "CNY 5", "b"}},
                    {"t2"}},
        TestingCase{"TheOwnersReasons",
                    {{0min, "CNY 1", "a", DeclineReason::kLimitExceeded},
                     {1min, "CNY 2", "b", DeclineReason::kLimitExceeded},
                     {2min, "CNY 3", "c", DeclineReason::kLimitExceeded}},
                    {}},
        TestingCase{"NobodySaysWithWhatCard",
                    {{0min, "CNY 9", ""},
                     {1min, "CNY 8", ""},
                     {2min, "CNY 7", ""},
                     {3min, "CNY 6", ""},
                     {4min, "CNY 5", ""}},
                    {"t5"}},
        TestingCase{"OneAmountAndNobodySaysWithWhatCard",
                    {{0min, "CNY 1", ""},
                     {1min, "CNY 1", "", DeclineReason::kSuspectedFraud},
                     {2min, "CNY 1", ""},
                     {3min, "CNY 1", ""},
                     {4min, "CNY 1", ""}},
                    {"t5"}},
        TestingCase{"ALineThatIsDown",
                    {{0min, "CNY 1", "", DeclineReason::kOther},
                     {1min, "CNY 1", "", DeclineReason::kNone},
                     {2min, "CNY 1", "", DeclineReason::kOther},
                     {3min, "CNY 1", "", DeclineReason::kNone},
                     {4min, "CNY 1", "", DeclineReason::kOther}},
                    {}},
        TestingCase{"AnEmptyPurse",
                    {{0min, "CNY 9", "", DeclineReason::kInsufficientFunds},
                     {1min, "CNY 8", "", DeclineReason::kInsufficientFunds},
                     {2min, "CNY 7", "", DeclineReason::kInsufficientFunds},
                     {3min, "CNY 6", "", DeclineReason::kInsufficientFunds},
                     {4min, "CNY 5", "", DeclineReason::kInsufficientFunds}},
                    {}}),
    [](const auto& tested) { return tested.param.name; });

// The transaction `id` is declined, and then failed, with the card `card`.
std::vector<Pay> Twice(const std::string& id, Timestamp at, const std::string& card = "",
                       const std::string& card_then = "") {
  Pay declined{.id = id,
               .at = at,
               .amount = "CNY 5",
               .status = TransactionStatus::kDeclined,
               .event_id = id + "-declined",
               .reason = DeclineReason::kInvalidInstrument,
               .card = card};
  Pay failed = declined;
  failed.event_id = id + "-failed";
  failed.at += 1min;
  failed.status = TransactionStatus::kFailed;
  failed.card = card_then.empty() ? card : card_then;
  return {declined, failed};
}
// The transaction "same", tried anew.
std::vector<Pay> Anew(const std::string& events, Timestamp at, const std::string& card) {
  std::vector<Pay> pays = Twice(events, at, card);
  for (Pay& pay : pays) pay.id = "same";
  return pays;
}
// The transaction `id`, tried once more.
Pay Late(const std::string& id, Timestamp at, const std::string& card) {
  Pay pay = Twice(id, at, card).front();
  pay.event_id = id + "-late";
  return pay;
}
struct TwiceCase {
  std::string name;
  std::vector<std::vector<Pay>> pays;
  std::vector<std::string> causes;
};
class CardTestingTwiceTest : public testing::TestWithParam<TwiceCase> {};

// The order of arrival decides nothing.
TEST_P(CardTestingTwiceTest, IsJudged) {
  std::vector<Pay> pays;
  for (const std::vector<Pay>& some : GetParam().pays) pays.insert(pays.end(), some.begin(), some.end());
  for (const bool turned : {false, true}) {
    test::AccountStory story;
    if (turned) std::ranges::reverse(pays);
    for (const Pay& pay : pays) story.Run(Build(pay));
    EXPECT_EQ(story.ActiveCauses("card_testing"), GetParam().causes) << turned;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CardTestingTwiceTest,
    testing::Values(TwiceCase{"ThreePaymentsAreNotFive",
                              {Twice("a", kNoon), Twice("b", kNoon + 5min), Twice("c", kNoon + 10min)},
                              {}},
                    TwiceCase{"FivePaymentsAre",
                              {Twice("a", kNoon), Twice("b", kNoon + 3min), Twice("c", kNoon + 6min),
                               Twice("d", kNoon + 9min), Twice("e", kNoon + 12min)},
                              {"e-declined"}},
                    TwiceCase{"TwoCards",
                              {Twice("a", kNoon, "one"), Twice("b", kNoon + 3min, "two"),
                               Twice("c", kNoon + 6min, "two")},
                              {}},
                    TwiceCase{"ThreeCardsOfWhichTheSecondEventTells",
                              {Twice("a", kNoon, "", "one"), Twice("b", kNoon + 3min, "", "two"),
                               Twice("c", kNoon + 6min, "", "three")},
                              {"c-declined"}},
                    TwiceCase{"ThreeCardsForOnePayment",
                              {Anew("a", kNoon, "one"), Anew("b", kNoon + 3min, "two"),
                               Anew("c", kNoon + 6min, "three")},
                              {"c-declined"}},
                    TwiceCase{"ManyForOnePaymentThatNobodyNames",
                              {Anew("a", kNoon, ""), Anew("b", kNoon + 10s, ""), Anew("c", kNoon + 20s, ""),
                               Anew("d", kNoon + 30s, ""), Anew("e", kNoon + 40s, "")},
                              {"d-failed"}},
                    TwiceCase{"CardsForPaymentsThatFailedLongBefore",
                              {Twice("a", kNoon),
                               Twice("b", kNoon + 40min),
                               Twice("c", kNoon + 80min),
                               {Late("a", kNoon + 4h, "one")},
                               {Late("b", kNoon + 4h + 3min, "two")},
                               {Late("c", kNoon + 4h + 6min, "three")}},
                              {"c-late"}}),
    [](const auto& tested) { return tested.param.name; });

// A card without a name, and a reason that may be a card's or not.
TEST(CardTestingTest, CardsWithoutAName) {
  for (const auto& [reason, tests] :
       {std::pair(DeclineReason::kNone, true), std::pair(DeclineReason::kOther, true),
        std::pair(DeclineReason::kInsufficientFunds, false)}) {
    test::AccountStory story;
    for (int i = 0; i < 6; ++i) {
      schemas::Event event = Build({.id = "t" + std::to_string(i),
                                    .at = kNoon + i * 1min,
                                    .amount = "CNY 1",
                                    .status = TransactionStatus::kDeclined,
                                    .reason = reason});
      std::get<schemas::Transaction>(event.payload).instrument.type = schemas::InstrumentType::kCard;
      story.Run(event);
    }
    EXPECT_EQ(!story.ActiveCauses("card_testing").empty(), tests) << static_cast<int>(reason);
  }
}

// It grows: the evidence is that of the plainest hour, under one identity.
TEST(CardTestingTest, IsOneFindingThatGrows) {
  test::AccountStory story;
  for (int i = 0; i < 20; ++i) {
    story.Run(Build({.id = "t" + std::to_string(i),
                     .at = kNoon + i * 1min,
                     .amount = "CNY 5",
                     .status = TransactionStatus::kDeclined,
                     .card = "card-" + std::to_string(i)}));
  }
  const Claim& claim = story.Only("card_testing");
  EXPECT_EQ(claim.cause, std::vector<std::string>{"t2"});
  EXPECT_EQ(test::EvidenceOf(claim, "instruments"), "20");
}

}  // namespace
}  // namespace tocsin::detectors

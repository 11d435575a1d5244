#include "alerts/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "alerts/case_file.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

schemas::Event Payment(std::string id, Timestamp at, int64_t minor = 6'800'000) {
  schemas::Event event;
  event.type = schemas::EventType::kTransaction;
  event.event_id = EventId(std::move(id));
  event.account_id = AccountId("acct-1");
  event.occurred_at = at;
  schemas::Transaction transaction;
  transaction.kind = schemas::TransactionKind::kTransfer;
  transaction.direction = schemas::Direction::kOut;
  transaction.status = schemas::TransactionStatus::kDeclined;
  transaction.decline_reason = schemas::DeclineReason::kLimitExceeded;
  transaction.amount = {minor, *Currency::Find("CNY")};
  event.payload = transaction;
  event.facts.place = {.missing = schemas::Missing::kNo, .country = "CN", .city = "Kunming"};
  event.facts.network = {.asn = 4134,
                         .network_class = schemas::NetworkClass::kAnonymiser,
                         .anonymiser = schemas::Anonymiser::kVpn};
  event.facts.device = {.missing = schemas::Missing::kNo, .os_family = "Windows", .browser_family = "Chrome"};
  return event;
}

std::vector<std::string> Ids(const Timeline& timeline) {
  std::vector<std::string> ids;
  for (const TimelineItem& item : timeline.Items()) ids.push_back(item.event_id);
  return ids;
}

TEST(TimelineTest, GivesBackWhatATicketShows) {
  Timeline timeline;
  for (const char* id : {"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "order 66"}) {
    const schemas::Event event = Payment(id, kNoon);
    ASSERT_TRUE(timeline.Remember(event, 64));
    EXPECT_EQ(timeline.Items().back(), Describe(event));
  }
  const TimelineItem item = timeline.Items().back();
  EXPECT_EQ(item.place, "Kunming, CN");
  EXPECT_EQ(item.device, "Chrome on Windows");
  EXPECT_EQ(item.asn, 4134u);
  EXPECT_EQ(item.anonymiser, schemas::Anonymiser::kVpn);
  EXPECT_EQ(item.decline_reason, schemas::DeclineReason::kLimitExceeded);
  EXPECT_EQ(FormatMoney(item.amount), "CNY 68000.00");
}

TEST(TimelineTest, DescribesEachTypeOfEvent) {
  Timeline timeline;
  schemas::Event login = Payment("l", kNoon);
  login.type = schemas::EventType::kLogin;
  login.payload = schemas::Login{.outcome = schemas::LoginOutcome::kFailure,
                                 .failure_reason = schemas::FailureReason::kOther,
                                 .method = schemas::LoginMethod::kToken,
                                 .mfa = schemas::Mfa::kHardwareKey};
  schemas::Event change = Payment("c", kNoon + 1s);
  change.type = schemas::EventType::kAccountChange;
  change.payload = schemas::AccountChange{.change = schemas::ChangeKind::kErased};
  schemas::Event answer = Payment("f", kNoon + 2s);
  answer.type = schemas::EventType::kFeedback;
  answer.payload = schemas::Feedback{.verdict = schemas::FeedbackVerdict::kFalsePositive,
                                     .by = schemas::FeedbackBy::kSystem};
  for (const schemas::Event* event : {&login, &change, &answer}) timeline.Remember(*event, 64);
  const std::vector<TimelineItem> items = timeline.Items();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0], Describe(login));
  EXPECT_EQ(items[0].mfa, schemas::Mfa::kHardwareKey);
  EXPECT_EQ(items[1].change, schemas::ChangeKind::kErased);
  EXPECT_EQ(items[2].by, schemas::FeedbackBy::kSystem);
}

TEST(TimelineTest, AnyOrderOfArrivalGivesTheSameOrder) {
  std::vector<schemas::Event> events;
  for (int i = 0; i < 20; ++i) events.push_back(Payment("e" + std::to_string(i), kNoon + i * 1min));
  Timeline in_order;
  for (const auto& event : events) in_order.Remember(event, 64);
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(events.begin(), events.end(), random);
    Timeline shuffled;
    for (const auto& event : events) EXPECT_TRUE(shuffled.Remember(event, 64));
    EXPECT_EQ(Ids(shuffled), Ids(in_order));
    for (const auto& event : events)
      EXPECT_FALSE(shuffled.Remember(event, 64)) << "a second time changes nothing";
  }
}

TEST(TimelineTest, KeepsSeventyTwoHours) {
  Timeline timeline;
  timeline.Remember(Payment("old", kNoon), 64);
  timeline.Remember(Payment("edge", kNoon + 1ms), 64);
  timeline.Remember(Payment("new", kNoon + 72h + 1ms), 64);
  EXPECT_EQ(Ids(timeline), (std::vector<std::string>{"edge", "new"}));
  EXPECT_FALSE(timeline.Remember(Payment("too late", kNoon), 64));
}

TEST(TimelineTest, StaysBoundedWhateverArrives) {
  Timeline timeline;
  for (int i = 0; i < 5000; ++i) {
    schemas::Event event =
        Payment(std::string(128, static_cast<char>('a' + i % 26)) + std::to_string(i), kNoon + i * 1ms);
    event.facts.device.browser_family = std::string(900, 'x') + std::to_string(i);
    event.facts.place.city = std::string(60, 'y') + std::to_string(i);
    event.facts.network.asn = static_cast<uint32_t>(i);
    event.facts.device.os_family = "o" + std::to_string(i);
    timeline.Remember(event, 64);
  }
  EXPECT_EQ(timeline.size(), 64u);
  std::string bytes;
  ByteWriter writer(bytes);
  timeline.Encode(writer);
  EXPECT_LT(bytes.size(), 40'000u);
  EXPECT_LT(timeline.HeapBytes(), 80'000u);
}

TEST(TimelineTest, CutsNamesBetweenCharacters) {
  Timeline timeline;
  schemas::Event event = Payment("e", kNoon);
  event.facts.place.city = "昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明昆明";
  timeline.Remember(event, 64);
  EXPECT_EQ(timeline.Items().front(), Describe(event));
  EXPECT_TRUE(timeline.Items().front().place.ends_with("明, CN"));
}

TEST(TimelineTest, AnOrdinaryEventTakesFewBytes) {
  CaseFile file;
  for (int i = 0; i < 4; ++i) {
    file.Remember(Payment("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a0" + std::to_string(i), kNoon + i * 5h));
  }
  std::string bytes;
  file.EncodeSegment(Segment::kTimeline, bytes);
  EXPECT_LE(bytes.size(), 190u);
}

}  // namespace
}  // namespace tocsin::alerts

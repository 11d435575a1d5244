// What a timeline keeps when there is no room for all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "alerts/timeline.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::LoginOutcome;
using schemas::TransactionStatus;
using ::testing::Contains;
using ::testing::HasSubstr;

class TimelineRoomTest : public ::testing::Test {
 protected:
  schemas::Event Named(schemas::Event event, std::string id) {
    event.event_id = EventId(std::move(id));
    return event;
  }
  schemas::Event Failure(std::string id, Timestamp at) {
    schemas::Event event = Named(scenario_.Login(at), std::move(id));
    event.payload = schemas::Login{.outcome = LoginOutcome::kFailure};
    return event;
  }
  static std::vector<std::string> Ids(const Timeline& timeline) {
    std::vector<std::string> ids;
    for (const TimelineItem& item : timeline.Items()) ids.push_back(item.event_id);
    return ids;
  }
  // A login, a payee and a payment.
  std::vector<schemas::Event> Theft(Timestamp at) {
    schemas::Event change = Named(scenario_.Login(at + 1min), "payee");
    change.type = schemas::EventType::kAccountChange;
    change.payload = schemas::AccountChange{.change = schemas::ChangeKind::kPayeeAdded, .payee_id = "mule"};
    return {Named(scenario_.Login(at), "login"), change,
            Named(scenario_.Transfer(at + 2min, TransactionStatus::kCompleted), "money")};
  }

  Scenario scenario_;
  Timeline timeline_;
};

constexpr auto kTheft = {"login", "payee", "money"};

TEST_F(TimelineRoomTest, FailedLoginsPushNoTheftOut) {
  for (const size_t items_max : {size_t{24}, size_t{64}}) {
    Timeline timeline;
    for (const schemas::Event& event : Theft(kNoon)) timeline.Remember(event, items_max);
    for (int i = 0; i < 500; ++i) {
      timeline.Remember(Failure("f" + std::to_string(i), kNoon + 3min + i * 1min), items_max);
    }
    EXPECT_EQ(timeline.size(), items_max);
    for (const char* id : kTheft) EXPECT_THAT(Ids(timeline), Contains(id)) << items_max;
    EXPECT_THAT(Ids(timeline), Contains("f499"));
    ASSERT_TRUE(timeline.not_shown());
    EXPECT_EQ(timeline.not_shown()->failed_logins, 503 - items_max);
    EXPECT_EQ(timeline.not_shown()->others, 0u);
    EXPECT_EQ(timeline.not_shown()->since, *ParseRfc3339("2026-03-01T00:00:00Z"));
  }
}

TEST_F(TimelineRoomTest, RefusedPaymentsAndLoginsPushNoTheftOut) {
  for (const schemas::Event& event : Theft(kNoon)) timeline_.Remember(event, 24);
  for (int i = 0; i < 200; ++i) {
    const Timestamp at = kNoon + 3min + i * 1min;
    timeline_.Remember(Named(scenario_.Transfer(at, TransactionStatus::kDeclined), "d" + std::to_string(i)),
                       24);
  }
  for (const char* id : kTheft) EXPECT_THAT(Ids(timeline_), Contains(id));
  for (int i = 0; i < 200; ++i) {
    timeline_.Remember(Named(scenario_.Login(kNoon + 5h + i * 1min), "l" + std::to_string(i)), 24);
  }
  EXPECT_THAT(Ids(timeline_), Contains("payee"));
  EXPECT_THAT(Ids(timeline_), Contains("money"));
  EXPECT_THAT(Ids(timeline_), Contains("d199"));
}

TEST_F(TimelineRoomTest, WhatAFindingNamedGivesLast) {
  for (const schemas::Event& event : Theft(kNoon)) timeline_.Remember(event, 24);
  const std::vector<std::string> causes = {"login", "elsewhere"};
  EXPECT_TRUE(timeline_.MarkCauses(causes));
  EXPECT_FALSE(timeline_.MarkCauses(causes));
  for (int i = 0; i < 200; ++i) {
    timeline_.Remember(Named(scenario_.Login(kNoon + 5h + i * 1min), "l" + std::to_string(i)), 24);
  }
  EXPECT_THAT(Ids(timeline_), Contains("login"));
  EXPECT_THAT(Ids(timeline_), Contains("l199"));
  // Nothing but causes: the newest stays until it is judged, and the room stays what it is.
  for (int i = 200; i < 400; ++i) {
    const std::vector<std::string> cause = {"l" + std::to_string(i)};
    timeline_.Remember(Named(scenario_.Login(kNoon + 5h + i * 1min), cause[0]), 24);
    EXPECT_TRUE(timeline_.MarkCauses(cause)) << i;
  }
  timeline_.Remember(Failure("last", kNoon + 20h), 24);
  EXPECT_EQ(timeline_.size(), 24u);
  EXPECT_THAT(Ids(timeline_), Contains("last"));
  EXPECT_THAT(Ids(timeline_), Contains("l399"));
}

// Whatever arrives first: the newest of each kind, by the room there is.
TEST_F(TimelineRoomTest, AnyOrderOfArrivalKeepsTheSame) {
  std::vector<schemas::Event> events = Theft(kNoon);
  std::mt19937 random(5);
  for (int i = 0; i < 120; ++i) {
    const Timestamp at = kNoon + i * 7min;
    const std::string id = "e" + std::to_string(i);
    const unsigned kind = random() % 8;
    events.push_back(kind < 4   ? Failure(id, at)
                     : kind < 6 ? Named(scenario_.Login(at), id)
                     : kind < 7 ? Named(scenario_.Transfer(at), id)
                                : Named(scenario_.Transfer(at, TransactionStatus::kFailed), id));
  }
  for (const schemas::Event& event : events) timeline_.Remember(event, 24);
  for (int round = 0; round < 40; ++round) {
    std::shuffle(events.begin(), events.end(), random);
    Timeline shuffled;
    for (const schemas::Event& event : events) shuffled.Remember(event, 24);
    EXPECT_EQ(Ids(shuffled), Ids(timeline_));
    EXPECT_EQ(shuffled.not_shown()->failed_logins, timeline_.not_shown()->failed_logins);
    EXPECT_EQ(shuffled.not_shown()->others, timeline_.not_shown()->others);
  }
}

TEST_F(TimelineRoomTest, WhatFoundNoRoomIsForgottenWithItsDay) {
  for (int i = 0; i < 30; ++i) timeline_.Remember(Failure("f" + std::to_string(i), kNoon + i * 1min), 24);
  timeline_.Remember(Failure("later", kNoon + 83h), 24);
  ASSERT_TRUE(timeline_.not_shown());
  EXPECT_EQ(timeline_.not_shown()->failed_logins, 6u);
  timeline_.Remember(Failure("a day on", kNoon + 84h), 24);
  EXPECT_FALSE(timeline_.not_shown());
}

TEST_F(TimelineRoomTest, SurvivesItsBytes) {
  for (const schemas::Event& event : Theft(kNoon)) timeline_.Remember(event, 24);
  for (int i = 0; i < 40; ++i) timeline_.Remember(Failure("f" + std::to_string(i), kNoon + i * 2h), 24);
  timeline_.MarkCauses(std::vector<std::string>{"money"});
  std::string bytes;
  ByteWriter writer(bytes);
  timeline_.Encode(writer);
  ByteReader reader(bytes);
  Timeline read;
  ASSERT_TRUE(Timeline::Decode(reader, Timeline::kVersion, read) && reader.AtEnd());
  EXPECT_EQ(read, timeline_);
  for (Timeline* each : {&read, &timeline_}) each->Remember(Failure("next", kNoon + 79h), 24);
  EXPECT_EQ(read, timeline_) << "and goes on as before";
}

// Version 1 ends before the days of what was left out; both write every id in full.
TEST_F(TimelineRoomTest, ReadsEarlierVersions) {
  std::string records;
  ByteWriter record(records);
  for (const char* id : {"order-66", "order-67"}) {
    record.Byte(static_cast<uint8_t>(schemas::EventType::kLogin));
    record.Varint(1000);
    for (const auto value : {schemas::LoginOutcome::kSuccess, schemas::LoginOutcome::kNone})
      record.Byte(static_cast<uint8_t>(value));
    for (int name = 0; name < 3; ++name) record.Byte(0);
    record.String(id);
  }
  std::string bytes;
  ByteWriter writer(bytes);
  writer.Byte(0);
  writer.String("");
  writer.Signed(ToMillis(kNoon));
  writer.Byte(2);
  writer.String(records);
  for (const uint8_t version : {uint8_t{1}, uint8_t{2}}) {
    if (version == 2) writer.Byte(0);
    ByteReader reader(bytes);
    Timeline read;
    ASSERT_TRUE(Timeline::Decode(reader, version, read) && reader.AtEnd());
    EXPECT_EQ(Ids(read), (std::vector<std::string>{"order-66", "order-67"}));
    EXPECT_EQ(read.Items()[1].at, kNoon + 2s);
    EXPECT_EQ(read.Items()[1].outcome, schemas::LoginOutcome::kSuccess);
  }
}

TEST_F(TimelineRoomTest, WhatIdsHaveInCommonIsWrittenOnce) {
  for (int i = 0; i < 20; ++i)
    timeline_.Remember(Failure("login-0000017-" + std::to_string(1000 + i), kNoon + i * 1min), 24);
  std::string bytes;
  ByteWriter writer(bytes);
  timeline_.Encode(writer);
  EXPECT_LT(bytes.size(), 20U * 15);
  ByteReader reader(bytes);
  Timeline read;
  ASSERT_TRUE(Timeline::Decode(reader, Timeline::kVersion, read) && reader.AtEnd());
  EXPECT_EQ(read, timeline_);
}

TEST_F(TimelineRoomTest, HoldsNoNumberOfACard) {
  schemas::Event event = scenario_.Transfer(kNoon);
  schemas::Transaction transaction = *event.transaction();
  for (const auto& [id, held] : {std::pair("4111111111111111", "…1111"),
                                 {"4111111111111112", "4111111111111112"},
                                 {"payee-99", "payee-99"}}) {
    transaction.counterparty.id = id;
    event.payload = transaction;
    EXPECT_EQ(Describe(event).payee, held);
  }
  transaction.counterparty.id = std::string(60, 'x');
  event.payload = transaction;
  EXPECT_EQ(Describe(event).payee, std::string(45, 'x') + "…");
  transaction.direction = schemas::Direction::kIn;
  transaction.counterparty.id = "4111111111111111";
  event.payload = transaction;
  EXPECT_EQ(Describe(event).payee, "…1111");
}

TEST_F(TimelineRoomTest, ATicketSaysWhatItDoesNotShow) {
  Scenario s;
  for (const schemas::Event& event : Theft(kNoon))
    s.Decide(event, event.login() ? std::vector{Travel()} : std::vector<schemas::Claim>());
  for (int i = 0; i < 70; ++i) s.Decide(Failure("f" + std::to_string(i), kNoon + 5min + i * 1min));
  schemas::Event answer =
      s.Answer(kNoon + 3h, schemas::FeedbackVerdict::kNotMe, schemas::FeedbackBy::kOwner, "");
  const std::string body = s.Decide(answer, {Reported()}).tickets.at(0).body;
  EXPECT_THAT(body, HasSubstr("payee added (payee mule)"));
  EXPECT_THAT(body, HasSubstr("transfer completed (payee 6222020200112233445)"));
  EXPECT_THAT(body, HasSubstr("not shown, since 2026-03-01 (UTC): failed logins 10, other events 0."));
}

}  // namespace
}  // namespace tocsin::alerts::testing

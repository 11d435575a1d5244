#include "daemon/log/kafka_client_stats.h"

#include <gtest/gtest.h>

#include <chrono>

namespace tocsin::daemon {
namespace {

// Of librdkafka 2.0, less what is not read.
constexpr std::string_view kStatistics =
    R"({ "name": "tocsin#consumer-1", "type": "consumer", "ts": 5, "msg_cnt": 3,
 "msg_size": 700, "tx": 12, "tx_bytes": 900, "rx": 12, "rx_bytes": 81234, "brokers": {
  "b:9092/bootstrap": { "name": "b:9092/bootstrap", "nodeid": -1, "state": "INIT", "txerrs": 0, "rxerrs": 1,
    "req_timeouts": 0, "rtt": { "min": 0, "max": 0, "avg": 0, "p99": 0 } },
  "b:9092/1": { "name": "b:9092/1", "nodeid": 1, "state": "UP", "txerrs": 2, "rxerrs": 0, "req_timeouts": 4,
    "int_latency": { "p99": 9000000 }, "rtt": { "min": 100, "max": 9000, "avg": 400, "p99": 8000 } } },
 "topics": { "logins": { "topic": "logins", "partitions": {
    "0": { "partition": 0, "fetchq_cnt": 2, "fetchq_size": 300, "fetch_state": "active" },
    "-1": { "partition": -1, "fetchq_cnt": 0, "fetchq_size": 0, "fetch_state": "none" } } } },
 "cgrp": { "state": "up", "rebalance_cnt": 1 } })";

TEST(KafkaClientStatisticsTest, TheClientsWordsAreUnderstood) {
  EXPECT_EQ(ParseClientStatistics(kStatistics), (KafkaClientNumbers{.received_bytes = 81234,
                                                                    .sent_bytes = 900,
                                                                    .request_errors = 3,
                                                                    .request_timeouts = 4,
                                                                    .queue_bytes = 1000,
                                                                    .round_trip_seconds = 0.008}));
}

TEST(KafkaClientStatisticsTest, WhatIsNotStatisticsCountsNothing) {
  for (const std::string_view text : {"", "[]", "{", R"({"brokers": 1, "topics": {"t": 2}, "rx_bytes": -1})"})
    EXPECT_EQ(ParseClientStatistics(text), KafkaClientNumbers{}) << text;
}

class KafkaClientStatsTest : public testing::Test {
 protected:
  static constexpr std::chrono::seconds kMoment = KafkaClientStats::kLostAfter;
  static constexpr std::chrono::milliseconds kTick{1};

  KafkaClientStats::Clock::time_point now_ = KafkaClientStats::Clock::now();
  KafkaClientStats stats_;
  const int one_ = 0;
  const int other_ = 0;
};

TEST_F(KafkaClientStatsTest, CountersGoOnWhenHandlesAreMadeAnew) {
  stats_.Set(&one_, {.sent_bytes = 100});
  stats_.Set(&other_, {.sent_bytes = 10});
  EXPECT_EQ(stats_.Sum().sent_bytes, 110U);
  stats_.Set(&one_, {.sent_bytes = 5});  // The same owner, another handle.
  EXPECT_EQ(stats_.Sum().sent_bytes, 115U);
  stats_.Forget(&one_, now_);
  stats_.Forget(&one_, now_);
  EXPECT_EQ(stats_.Sum().sent_bytes, 115U);
}

TEST_F(KafkaClientStatsTest, ConnectionsAreCountedAsTheyComeAndGo) {
  stats_.SetConnection(&one_, "b:9092", false, now_);
  EXPECT_EQ(stats_.Connections(), 0U);
  stats_.SetConnection(&one_, "b:9092", true, now_);
  stats_.SetConnection(&one_, "b:9092", true, now_);
  stats_.SetConnection(&one_, "c:9092", true, now_);
  stats_.SetConnection(&other_, "b:9092", true, now_);
  EXPECT_EQ(stats_.Connections(), 3U);
  stats_.SetConnection(&one_, "b:9092", false, now_);
  stats_.SetConnection(&one_, "b:9092", false, now_);
  EXPECT_EQ(stats_.Connections(), 2U);
  stats_.Forget(&one_, now_);
  EXPECT_EQ(stats_.Connections(), 1U);
}

TEST_F(KafkaClientStatsTest, NoBrokerIsReachedWhenNoHandleHasHadOneForAMoment) {
  EXPECT_EQ(stats_.Reach(now_ + kMoment + kTick), KafkaReach::kAll) << "there is nothing to reach";
  stats_.SetConnection(&one_, "b:9092", true, now_);
  stats_.SetConnection(&other_, "b:9092", true, now_);
  stats_.SetConnection(&one_, "b:9092", false, now_);
  stats_.SetConnection(&other_, "b:9092", false, now_ + kTick);
  EXPECT_EQ(stats_.Reach(now_ + kMoment), KafkaReach::kAll) << "a connection is made anew";
  EXPECT_EQ(stats_.Reach(now_ + kMoment + kTick), KafkaReach::kNoCoordinator) << "one of them has none";
  EXPECT_EQ(stats_.Reach(now_ + kMoment + 2 * kTick), KafkaReach::kNoBroker);
  stats_.SetConnection(&one_, "b:9092", false, now_ + kMoment);  // Tried again: it began before.
  EXPECT_EQ(stats_.Reach(now_ + kMoment + 2 * kTick), KafkaReach::kNoBroker);
  stats_.SetConnection(&one_, "b:9092", true, now_ + kMoment);
  stats_.SetConnection(&other_, "b:9092", true, now_ + kMoment);
  EXPECT_EQ(stats_.Reach(now_ + 9 * kMoment), KafkaReach::kAll);
}

TEST_F(KafkaClientStatsTest, AHandleThatIsMadeAnewIsMissedAfterAMoment) {
  stats_.SetConnection(&one_, "b:9092", true, now_);
  stats_.Forget(&one_, now_);
  EXPECT_EQ(stats_.Reach(now_ + kMoment), KafkaReach::kAll);
  EXPECT_EQ(stats_.Reach(now_ + kMoment + kTick), KafkaReach::kNoBroker);
  stats_.SetConnection(&one_, "b:9092", false, now_ + kMoment);
  EXPECT_EQ(stats_.Reach(now_ + kMoment + kTick), KafkaReach::kAll) << "it is there, and has its moment";
  EXPECT_EQ(stats_.Reach(now_ + 2 * kMoment + kTick), KafkaReach::kNoBroker);
}

TEST_F(KafkaClientStatsTest, ACoordinatorIsMissedWhileOtherBrokersAreThere) {
  for (const std::string_view coordinator :
       {KafkaClientStats::kGroupCoordinator, KafkaClientStats::kTransactionCoordinator}) {
    stats_.SetConnection(&one_, "b:9092", true, now_);
    stats_.SetConnection(&one_, coordinator, true, now_);
    EXPECT_EQ(stats_.Reach(now_ + 9 * kMoment), KafkaReach::kAll);
    stats_.SetConnection(&one_, coordinator, false, now_);
    EXPECT_EQ(stats_.Reach(now_ + kMoment), KafkaReach::kAll);
    EXPECT_EQ(stats_.Reach(now_ + kMoment + kTick), KafkaReach::kNoCoordinator);
    stats_.Forget(&one_, now_);
  }
}

TEST_F(KafkaClientStatsTest, ALossIsRememberedSinceItsEnd) {
  EXPECT_FALSE(stats_.LostSince(now_ - kMoment));
  stats_.SetConnection(&one_, "b:9092", false, now_);
  EXPECT_TRUE(stats_.LostSince(now_ + 9 * kMoment)) << "it lasts";
  stats_.SetConnection(&one_, "b:9092", true, now_ + kMoment);
  EXPECT_TRUE(stats_.LostSince(now_ + kMoment - kTick));
  EXPECT_FALSE(stats_.LostSince(now_ + kMoment));
  stats_.SetConnection(&one_, "b:9092", true, now_ + 2 * kMoment);
  EXPECT_FALSE(stats_.LostSince(now_ + kMoment)) << "nothing was lost";
}

}  // namespace
}  // namespace tocsin::daemon

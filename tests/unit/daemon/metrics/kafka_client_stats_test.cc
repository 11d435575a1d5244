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

TEST(KafkaClientStatsTest, TheClientsWordsAreUnderstood) {
  EXPECT_EQ(ParseClientStatistics(kStatistics), (KafkaClientNumbers{.received_bytes = 81234,
                                                                    .sent_bytes = 900,
                                                                    .request_errors = 3,
                                                                    .request_timeouts = 4,
                                                                    .brokers_connected = 1,
                                                                    .queue_bytes = 1000,
                                                                    .round_trip_seconds = 0.008}));
}

TEST(KafkaClientStatsTest, WhatIsNotStatisticsCountsNothing) {
  for (const std::string_view text : {"", "[]", "{", R"({"brokers": 1, "topics": {"t": 2}, "rx_bytes": -1})"})
    EXPECT_EQ(ParseClientStatistics(text), KafkaClientNumbers{}) << text;
}

TEST(KafkaClientStatsTest, CountersGoOnWhenHandlesAreMadeAnew) {
  KafkaClientStats stats;
  const int one = 0;
  const int other = 0;
  stats.Set(&one, {.sent_bytes = 100, .brokers_connected = 1});
  stats.Set(&other, {.sent_bytes = 10, .brokers_connected = 2});
  EXPECT_EQ(stats.Sum().sent_bytes, 110U);
  EXPECT_EQ(stats.Sum().brokers_connected, 3U);
  stats.Set(&one, {.sent_bytes = 5, .brokers_connected = 1});  // The same owner, another handle.
  EXPECT_EQ(stats.Sum().sent_bytes, 115U);
  stats.Forget(&one);
  stats.Forget(&one);
  EXPECT_EQ(stats.Sum().sent_bytes, 115U);
  EXPECT_EQ(stats.Sum().brokers_connected, 2U);
}

TEST(KafkaClientStatsTest, WhoIsMadeAnewIsNotCutOffUntilItTakesLong) {
  KafkaClientStats stats;
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(stats.AllCutOff(now));
  const int one = 0;
  const int other = 0;
  stats.Set(&one, {});
  EXPECT_FALSE(stats.AllCutOff(now)) << "it has not met a broker yet";
  stats.Set(&one, {.received_bytes = 9, .brokers_connected = 1});
  stats.Set(&other, {.received_bytes = 9});
  EXPECT_FALSE(stats.AllCutOff(now)) << "one is there";
  stats.Set(&one, {.received_bytes = 9});
  EXPECT_TRUE(stats.AllCutOff(now));
  stats.Forget(&one);
  stats.Forget(&other);
  EXPECT_FALSE(stats.AllCutOff(std::chrono::steady_clock::now())) << "they are being made anew";
  EXPECT_TRUE(stats.AllCutOff(std::chrono::steady_clock::now() + KafkaClientStats::kAnewMax));
  stats.Set(&one, {});
  EXPECT_TRUE(stats.AllCutOff(now)) << "and reach none";
}

}  // namespace
}  // namespace tocsin::daemon

// What a person is told to type makes a topic as the program would, and a topic with fewer copies than that
// is told.
#include "daemon/log/kafka_topic_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

KafkaConfig Config(int replication) {
  KafkaConfig config;
  config.brokers = "kafka-1.example.com:9092,kafka-2.example.com:9092";
  config.replication = replication;
  return config;
}

std::string ChangelogCommand(const KafkaConfig& config) {
  for (const WantedTopic& topic : WantedTopics(config))
    if (topic.topic == config.changelog_topic) return CommandFor(config, topic, 12);
  return {};
}

TEST(KafkaTopicChecks, TheCommandMakesTheCopiesThatWereAskedFor) {
  const std::string three = ChangelogCommand(Config(3));
  EXPECT_THAT(three, HasSubstr("--bootstrap-server kafka-1.example.com:9092,kafka-2.example.com:9092 "));
  EXPECT_THAT(three, HasSubstr(" --partitions 12 --replication-factor 3 "));
  EXPECT_THAT(three, HasSubstr(" --config min.insync.replicas=2"));
  EXPECT_THAT(three, HasSubstr(" --config cleanup.policy=compact"));
  EXPECT_THAT(three, Not(HasSubstr("--command-config")));
  // One of two that must confirm: no broker may be lost, and nothing is gained.
  const std::string two = ChangelogCommand(Config(2));
  EXPECT_THAT(two, HasSubstr(" --replication-factor 2"));
  EXPECT_THAT(two, Not(HasSubstr("min.insync.replicas")));
}

TEST(KafkaTopicChecks, AClusterThatAsksWhoIsThereIsToldByAFile) {
  KafkaConfig config = Config(3);
  config.security.tls = true;
  EXPECT_THAT(ChangelogCommand(config), HasSubstr(" --command-config client.properties"));
  config = Config(3);
  config.properties["security.protocol"] = "sasl_ssl";
  EXPECT_THAT(ChangelogCommand(config), HasSubstr(" --command-config client.properties"));
}

std::string Told(int replication, int replicas, const char* in_sync) {
  const KafkaConfig config = Config(replication);
  std::string said;
  const KafkaReport report = [&said](std::string_view code, const std::string& text) {
    said += std::string(code) + " " + text + "\n";
  };
  const Result<Done> judged =
      JudgeWritten(config, config.changelog_topic,
                   {{"cleanup.policy", "compact"}, {"min.insync.replicas", in_sync}}, replicas, report);
  return judged ? said : judged.error().ToString();
}

TEST(KafkaTopicChecks, FewerCopiesThanWantedAreTold) {
  EXPECT_THAT(Told(3, 1, "1"), HasSubstr("kafka_topic_thin topic tocsin.changelog has 1 copy, and"));
  EXPECT_THAT(Told(3, 2, "1"), HasSubstr("has 2 copies, and kafka.replication asks for 3"));
  EXPECT_EQ(Told(3, 3, "2"), "");
  EXPECT_EQ(Told(1, 1, "1"), "");
  EXPECT_EQ(Told(3, 0, "2"), "");  // Not known.
  EXPECT_THAT(Told(3, 3, "1"), HasSubstr("--bootstrap-server kafka-1.example.com:9092"));
}

TEST(KafkaTopicChecks, WhatIsTooSmallOrForgetsTooSoonIsTold) {
  std::string said;
  const KafkaReport report = [&said](std::string_view code, const std::string& text) {
    said += std::string(code) + " " + text + "\n";
  };
  const KafkaConfig config = Config(1);
  EXPECT_TRUE(JudgeWritten(config, "tickets",
                           {{"cleanup.policy", "delete"}, {"max.message.bytes", "1048588"}}, 1, report));
  JudgeRead("logins", {{"cleanup.policy", "delete"}, {"retention.ms", "86400000"}}, report);
  JudgeRead("logins", {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}}, report);
  JudgeRead("profiles", {{"cleanup.policy", "compact"}, {"retention.ms", "1000"}}, report);
  EXPECT_EQ(said, "");
  EXPECT_TRUE(JudgeWritten(config, "tickets", {{"cleanup.policy", "delete"}, {"max.message.bytes", "1000"}},
                           1, report));
  EXPECT_THAT(said, HasSubstr("kafka_topic_small topic tickets has max.message.bytes=1000"));
  JudgeRead("logins", {{"cleanup.policy", "delete"}, {"retention.ms", "3600000"}}, report);
  EXPECT_THAT(said, HasSubstr("kafka_input_short topic logins has retention.ms=3600000, less than a day"));
}

struct Kept {
  Result<std::chrono::milliseconds> deletions;
  std::string said;
};

Kept KeptFor(const Result<TopicSettings>& settings) {
  std::string said;
  const KafkaReport report = [&said](std::string_view code, const std::string& text) {
    said += std::string(code) + " " + text + "\n";
  };
  Result<std::chrono::milliseconds> kept = FindDeletionsKept(Config(1), settings, report);
  return {std::move(kept), said};
}

TopicSettings Compacted(const char* retention_ms) {
  return {{"cleanup.policy", "compact"}, {"delete.retention.ms", retention_ms}};
}

// Who may not look must not hope for more than Kafka gives by itself: an erased account would come back.
TEST(KafkaTopicChecks, DeletionsOfWhichNothingIsKnownAreKeptAsLongAsKafkaDoesByItself) {
  const Error refused{ErrorCode::kUnavailable, "settings of topic tocsin.changelog",
                      "Broker: Topic authorization failed"};
  const Kept unseen = KeptFor(refused);
  ASSERT_TRUE(unseen.deletions);
  EXPECT_EQ(*unseen.deletions, std::chrono::hours(24));
  EXPECT_THAT(unseen.said,
              HasSubstr("kafka_changelog_unchecked settings of topic tocsin.changelog: Broker: Topic auth"));
  EXPECT_THAT(unseen.said, HasSubstr("cleanup.policy=compact and delete.retention.ms=604800000"));
  const Result<std::chrono::milliseconds> unheard = FindDeletionsKept(Config(1), refused, {});
  ASSERT_TRUE(unheard);
  EXPECT_EQ(*unheard, std::chrono::hours(24));
  EXPECT_EQ(KafkaTopics{}.deletions_kept_for, std::chrono::hours(24));  // Before anybody has asked.
}

TEST(KafkaTopicChecks, DeletionsAreKeptAsTheChangelogsSettingsSay) {
  const Kept week = KeptFor(Compacted("604800000"));
  ASSERT_TRUE(week.deletions);
  EXPECT_EQ(*week.deletions, std::chrono::hours(24 * 7));
  EXPECT_EQ(week.said, "");
  const Kept brief = KeptFor(Compacted("172800000"));
  ASSERT_TRUE(brief.deletions);
  EXPECT_EQ(*brief.deletions, std::chrono::hours(48));
  EXPECT_THAT(brief.said, HasSubstr("kafka_changelog_short"));
  EXPECT_FALSE(KeptFor(Compacted("86399999")).deletions);
  EXPECT_FALSE(KeptFor(TopicSettings{{"cleanup.policy", "delete"}}).deletions);
}

}  // namespace
}  // namespace tocsin::daemon

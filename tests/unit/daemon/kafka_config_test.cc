// The Kafka configuration is judged without a broker.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "daemon/log/kafka_log.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

Result<Done> CheckWith(const std::string& property, const std::string& value) {
  KafkaConfig config;
  config.properties[property] = value;
  return CheckKafkaConfig(config);
}

TEST(KafkaConfig, TheDefaultsAreValid) { EXPECT_TRUE(CheckKafkaConfig({})); }

TEST(KafkaConfig, PropertiesOfTheClientAreTaken) {
  for (const auto& [property, value] :
       {std::pair("security.protocol", "sasl_ssl"), std::pair("sasl.mechanisms", "PLAIN"),
        std::pair("sasl.password", "x"), std::pair("linger.ms", "5"),
        std::pair("session.timeout.ms", "30000"), std::pair("compression.type", "zstd"),
        std::pair("auto.offset.reset", "earliest"), std::pair("client.rack", "a")}) {
    const Result<Done> checked = CheckWith(property, value);
    EXPECT_TRUE(checked) << checked.error().ToString();
  }
}

TEST(KafkaConfig, WhatBreaksAGuaranteeIsRefused) {
  for (const auto& [property, value] :
       {std::pair("enable.auto.commit", "true"), std::pair("isolation.level", "read_uncommitted"),
        std::pair("enable.idempotence", "false"), std::pair("acks", "1"), std::pair("transactional.id", "x"),
        std::pair("partition.assignment.strategy", "roundrobin"), std::pair("group.id", "other"),
        std::pair("bootstrap.servers", "x:1"), std::pair("auto.offset.reset", "latest")}) {
    const Result<Done> checked = CheckWith(property, value);
    ASSERT_FALSE(checked) << property;
    EXPECT_EQ(checked.error().field, std::string("kafka.properties.") + property);
  }
}

TEST(KafkaConfig, PropertiesThatDoNotGoTogetherAreRefused) {
  const auto check = [](const std::map<std::string, std::string>& properties) {
    KafkaConfig config;
    for (const auto& [key, value] : properties) config.properties[key] = value;
    return CheckKafkaConfig(config);
  };
  const std::vector<std::pair<std::string, std::map<std::string, std::string>>> cases = {
      {"session.timeout.ms", {{"session.timeout.ms", "90000"}}},
      {"session.timeout.ms", {{"session.timeout.ms", "30000"}, {"max.poll.interval.ms", "20000"}}},
      {"max.poll.interval.ms", {{"max.poll.interval.ms", "10000"}}},
      {"heartbeat.interval.ms", {{"heartbeat.interval.ms", "20000"}}},
      {"session.timeout.ms", {{"session.timeout.ms", "2000"}}},
      {"socket.timeout.ms", {{"socket.timeout.ms", "30000"}}},
      {"linger.ms", {{"linger.ms", "6000"}, {"transaction.timeout.ms", "5000"}}},
      {"reconnect.backoff.ms", {{"reconnect.backoff.ms", "5000"}}},
      {"fetch.max.bytes", {{"fetch.max.bytes", "1000"}}},
  };
  for (const auto& [key, properties] : cases) {
    const Result<Done> checked = check(properties);
    ASSERT_FALSE(checked) << key;
    EXPECT_TRUE(properties.contains(checked.error().field.substr(std::string("kafka.properties.").size())))
        << checked.error().ToString();
    EXPECT_NE(checked.error().ToString().find(key), std::string::npos) << checked.error().ToString();
    EXPECT_NE(checked.error().ToString().find("do not go together"), std::string::npos);
  }
  EXPECT_TRUE(check({{"session.timeout.ms", "90000"}, {"max.poll.interval.ms", "120000"}}));
  EXPECT_TRUE(check({{"transaction.timeout.ms", "5000"}, {"socket.timeout.ms", "5000"}}));
  EXPECT_TRUE(check({{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "500"}}));
}

TEST(KafkaConfig, AnErrorNamesThePropertyAndNeverItsValue) {
  const Result<Done> unknown = CheckWith("sasl.pasword", "hunter2");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().field, "kafka.properties.sasl.pasword");
  const Result<Done> wrong = CheckWith("linger.ms", "hunter2");
  ASSERT_FALSE(wrong);
  for (const Error& error : {unknown.error(), wrong.error()}) {
    EXPECT_EQ(error.ToString().find("hunter2"), std::string::npos) << error.ToString();
  }
}

TEST(KafkaConfig, NamesThatKafkaGivesNoTopicAreRefusedWhereTheyStand) {
  const auto wrong = [](const auto& change) {
    KafkaConfig config;
    change(config);
    std::string keys;
    for (const Error& error : KafkaConfigErrors(config)) keys += error.field + " ";
    return keys;
  };
  for (const std::string& name :
       {std::string("pay ments"), std::string("payments/in"), std::string("."), std::string(".."),
        std::string("zahlungen-\xc3\xbc"), std::string(250, 'x'), std::string()}) {
    EXPECT_EQ(wrong([&](KafkaConfig& c) {
                c.input_topics = {"logins", name};
              }),
              "kafka.input_topics[1] ")
        << name;
    EXPECT_EQ(wrong([&](KafkaConfig& c) { c.notices_topic = name; }), "kafka.notices_topic ") << name;
    EXPECT_EQ(wrong([&](KafkaConfig& c) { c.changelog_topic = name; }), "kafka.changelog_topic ") << name;
    EXPECT_EQ(wrong([&](KafkaConfig& c) {
                c.ingest = KafkaConfig::Ingest::kRekey;
                c.rekeyed_topic = name;
              }),
              "kafka.rekeyed_topic ")
        << name;
  }
  EXPECT_EQ(wrong([](KafkaConfig& c) { c.feedback_topic = "a b"; }), "kafka.feedback_topic ");
  for (const std::string& name : {std::string(249, 'x'), std::string("a.B_c-9"), std::string("...")})
    EXPECT_EQ(wrong([&](KafkaConfig& c) { c.input_topics = {name}; }), "") << name;
}

TEST(KafkaConfig, TopicsThatCannotBeAreRefused) {
  KafkaConfig twice;
  twice.input_topics = {"logins", "logins"};
  EXPECT_FALSE(CheckKafkaConfig(twice));
  KafkaConfig loop;
  loop.input_topics = {"logins", loop.changelog_topic};
  EXPECT_FALSE(CheckKafkaConfig(loop));
  KafkaConfig own_output;
  own_output.input_topics = {"logins", own_output.findings_topic};
  EXPECT_FALSE(CheckKafkaConfig(own_output));
  KafkaConfig mixed;
  mixed.notices_topic = mixed.changelog_topic;
  EXPECT_FALSE(CheckKafkaConfig(mixed));
  KafkaConfig shared;
  shared.notices_topic = shared.findings_topic;
  EXPECT_TRUE(CheckKafkaConfig(shared));
}

class NobodyListens final : public LogListener {
  void OnAssigned(int32_t) override {}
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t) override {}
  bool OnRecord(const schemas::Record&) override { return true; }
};

TEST(KafkaLog, WithoutABrokerItIsUnavailableAndEndsInOrder) {
  KafkaConfig config;
  config.brokers = "127.0.0.1:1";
  KafkaTopics topics;
  topics.partitions = 4;
  KafkaStats stats;
  KafkaLog log(config, topics, {.producer_id = "test", .stats = &stats, .report = {}});
  NobodyListens nobody;
  const auto polled = log.Poll(std::chrono::milliseconds(1), 1, nobody);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code, ErrorCode::kUnavailable);
  TaskCommit commit;
  std::vector<int64_t> next;
  EXPECT_FALSE(log.Commit({&commit, 1}, next));
}

TEST(KafkaLog, TheProducersNameStaysWithTheDirectory) {
  const TempDirectory one, two;
  const auto name = ProducerIdOf(one / "");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->size(), 32U);
  EXPECT_EQ(*ProducerIdOf(one / ""), *name);
  EXPECT_NE(*ProducerIdOf(two / ""), *name);
  EXPECT_FALSE(ProducerIdOf((one / "missing") + "/deeper"));
}

}  // namespace
}  // namespace tocsin::daemon

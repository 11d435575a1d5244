// Handles of the client and what they call back, without a broker.
#include "daemon/log/kafka_client.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin::daemon {
namespace {

// The background thread of an earlier handle may be asking for a token just now.
TEST(KafkaClient, AnotherHandleLeavesTheTokenSourceOfTheFirstAlone) {
  KafkaConfig config;
  config.brokers = "127.0.0.1:1";
  config.security = {.mechanism = KafkaSecurity::Mechanism::kOauthBearer, .token_file = "/none"};
  KafkaCallbacks callbacks;
  const KafkaConf first = MakeKafkaConf(config, {}, {}, callbacks);
  ASSERT_TRUE(callbacks.token);
  int asked = 0;
  callbacks.token = [&asked](Timestamp) -> Result<AccessToken> {
    ++asked;
    return Error{ErrorCode::kUnavailable, "token", "none"};
  };
  const KafkaConf second = MakeKafkaConf(config, {}, {}, callbacks);
  EXPECT_FALSE(callbacks.token(Timestamp{}));
  EXPECT_EQ(asked, 1);
}

TEST(KafkaClient, SendsWithoutWaitingForMore) {
  KafkaConfig config;
  config.brokers = "127.0.0.1:1";
  KafkaCallbacks callbacks;
  const KafkaConf conf = MakeKafkaConf(config, {}, {}, callbacks);
  std::array<char, 16> value{};
  size_t size = value.size();
  ASSERT_EQ(rd_kafka_conf_get(conf.get(), "socket.nagle.disable", value.data(), &size), RD_KAFKA_CONF_OK);
  EXPECT_STREQ(value.data(), "true");
}

}  // namespace
}  // namespace tocsin::daemon

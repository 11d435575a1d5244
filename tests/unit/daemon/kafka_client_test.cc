// Handles of the client and what they call back, without a broker.
#include "daemon/log/kafka_client.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tocsin::daemon

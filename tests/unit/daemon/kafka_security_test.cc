// Who we are to the brokers, judged without a broker.
#include "daemon/log/kafka_security.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "daemon/log/kafka_topics.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using Mechanism = KafkaSecurity::Mechanism;

KafkaConfig WithPassword() {
  KafkaConfig config;
  config.security = {
      .tls = true, .mechanism = Mechanism::kScramSha512, .username = "u", .password = "hunter2"};
  return config;
}

std::string WrongKey(const KafkaConfig& config) {
  const Result<Done> checked = CheckKafkaConfig(config);
  if (checked) return "";
  EXPECT_EQ(checked.error().ToString().find("hunter2"), std::string::npos);
  return checked.error().field;
}

TEST(KafkaSecurity, NothingSaidChangesNothing) {
  EXPECT_TRUE(SecurityProperties({}).empty());
  EXPECT_EQ(WrongKey({}), "");
}

TEST(KafkaSecurity, BecomesPropertiesOfTheClient) {
  const auto properties = SecurityProperties(WithPassword().security);
  const auto has = [&](const char* key, const char* value) {
    return std::find(properties.begin(), properties.end(), std::pair<std::string, std::string>(key, value)) !=
           properties.end();
  };
  EXPECT_TRUE(has("security.protocol", "sasl_ssl"));
  EXPECT_TRUE(has("sasl.mechanism", "SCRAM-SHA-512"));
  EXPECT_TRUE(has("ssl.endpoint.identification.algorithm", "https"));
  EXPECT_EQ(WrongKey(WithPassword()), "");
}

TEST(KafkaSecurity, WhatDoesNotFitTogetherIsRefused) {
  KafkaConfig config = WithPassword();
  config.security.password.clear();
  EXPECT_EQ(WrongKey(config), "kafka.security.password");
  config = WithPassword();
  config.security.mechanism = Mechanism::kNone;
  EXPECT_EQ(WrongKey(config), "kafka.security.mechanism");
  config = WithPassword();
  config.security.ca = "/nowhere/ca.pem";
  EXPECT_EQ(WrongKey(config), "kafka.security.ca");
  config.security.tls = false;
  EXPECT_EQ(WrongKey(config), "kafka.security.ca");
  config = WithPassword();
  config.security.certificate = "/dev/null";
  EXPECT_EQ(WrongKey(config), "kafka.security.key");
  config = {};
  config.security.mechanism = Mechanism::kOauthBearer;
  EXPECT_EQ(WrongKey(config), "kafka.security.token_file");
  config.security.token_url = "https://example.com/token";
  EXPECT_EQ(WrongKey(config), "kafka.security.client_id");
  config = {};
  config.security.token_file = "/dev/null";
  EXPECT_EQ(WrongKey(config), "kafka.security.mechanism");
}

TEST(KafkaSecurity, IsSaidOnce) {
  KafkaConfig config = WithPassword();
  config.properties["sasl.mechanisms"] = "PLAIN";
  EXPECT_EQ(WrongKey(config), "kafka.properties.sasl.mechanism");
}

TEST(KafkaRemedy, NamesTheKey) {
  const KafkaConfig config = WithPassword();
  EXPECT_NE(FindRemedy("_AUTHENTICATION", "SASL authentication error", config).text.find("password"),
            std::string::npos);
  EXPECT_EQ(FindRemedy("_SSL", "certificate verify failed", config).trouble, KafkaTrouble::kTls);
  EXPECT_EQ(FindRemedy("_SSL", "unexpected eof while reading", config).trouble, KafkaTrouble::kProtocol);
  EXPECT_EQ(FindRemedy("_TRANSPORT", "connecting to a PLAINTEXT broker listener?", config).trouble,
            KafkaTrouble::kProtocol);
  EXPECT_EQ(FindRemedy("_TRANSPORT", "Connection refused", config).trouble, KafkaTrouble::kNone);
  EXPECT_EQ(FindRemedy("_ALL_BROKERS_DOWN", "1/1 brokers are down", config).text, "");
}

constexpr Timestamp kNow = FromMillis(1'700'000'000'000);
// {"alg":"none"} . {"sub":"tocsin","exp":…} . nothing
constexpr char kGood[] = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0b2NzaW4iLCJleHAiOjE3MDAwMDA2MDB9.";

TEST(AccessToken, SaysWhoAndUntilWhen) {
  const auto token = ParseToken(std::string("\n ") + kGood + "\r\n", "place", kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->value, kGood);
  EXPECT_EQ(token->principal, "tocsin");
  EXPECT_EQ(token->expires_at, kNow + std::chrono::minutes(10));
}

TEST(AccessToken, OneThatSaysNothingIsReadAgainSoon) {
  for (const char* text : {"opaque", "a.b.c", "..", "eyJhbGciOiJub25lIn0.W10."}) {
    const auto token = ParseToken(text, "place", kNow);
    ASSERT_TRUE(token) << text;
    EXPECT_EQ(token->expires_at, kNow + std::chrono::minutes(1));
  }
}

TEST(AccessToken, WhatIsNoneIsRefusedWithoutShowingIt) {
  for (const std::string& text : {std::string(), std::string(" \n"), std::string("two words"),
                                  std::string("line\nbreak"), std::string(100'000, 'x')}) {
    EXPECT_FALSE(ParseToken(text, "place", kNow));
  }
  const auto late = ParseToken(kGood, "place", kNow + std::chrono::hours(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().ToString().find("eyJ"), std::string::npos);
}

TEST(AccessToken, OfAFileOrOfNone) {
  const TempDirectory directory;
  std::ofstream(directory / "token") << kGood << "\n";
  EXPECT_TRUE(ReadTokenFile(directory / "token", kNow));
  EXPECT_FALSE(ReadTokenFile(directory / "none", kNow));
}

TEST(AccessToken, ASecretNeverGoesOverAnOpenLine) {
  const auto asked =
      RequestToken({.url = "http://example.com/token", .client_id = "i", .client_secret = "hunter2"}, kNow);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace tocsin::daemon

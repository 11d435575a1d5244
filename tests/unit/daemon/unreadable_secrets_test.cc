// A replay runs under the configuration of a daemon whose secrets its reader may not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/cli/load.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

constexpr const char* kSecrets = R"(
kafka:
  security: {tls: true, mechanism: plain, username: u, password: {file: no/a}, certificate: no/b, key: no/c}
  properties: {ssl.key.password: {file: no/d}}
http: {admin_token: {file: no/e}, admin_read_token: {file: no/f}, events_token: {file: no/g}, events_listen: "0.0.0.0:8700"}
answers: {base_url: "https://s.example.com", previous_keys: [{key_id: "1", key: {file: no/h}}], key_id: "2", key: {file: no/k}}
delivery:
  mail: {url: "smtps://m.example.com", from: a@example.com, username: u, password: {file: no/i}}
  webhooks: [{name: w, url: "https://w.example.com/x", keys: [{file: no/j}], notices: true}]
)";

constexpr const char* kOfKafka = R"(
log: kafka
kafka:
  feedback_topic: in
  input_topics: [in]
  security: {tls: true, ca: no/a, mechanism: oauthbearer, token_url: "https://t.example.com", client_id: c, client_secret: {file: no/b}}
delivery:
  tickets: {system: zendesk, url: "https://t.example.com", user: u, token: {file: no/c}}
)";

TEST(UnreadableSecretsTest, AreNoProblemToAReplay) {
  for (const char* yaml : {kSecrets, kOfKafka}) {
    LoadedConfig loaded = ParseConfig(yaml, ".");
    ASSERT_FALSE(loaded.valid());
    ForgiveUnreadableSecrets(loaded);
    for (const ConfigProblem& problem : loaded.problems) EXPECT_TRUE(problem.warning) << problem.Sentence();
  }
}

TEST(UnreadableSecretsTest, NoticesWithoutLinksAreTold) {
  LoadedConfig loaded =
      ParseConfig("answers: {base_url: \"https://s.example.com\", key: {file: no/k}}\n", ".");
  ForgiveUnreadableSecrets(loaded);
  ASSERT_TRUE(loaded.valid());
  std::string told;
  for (const ConfigProblem& problem : loaded.problems) {
    if (problem.key == "answers.key") told = problem.Sentence();
  }
  EXPECT_THAT(told, HasSubstr("no/k cannot be read"));
  EXPECT_THAT(told, HasSubstr("notices are written without their links"));
}

TEST(UnreadableSecretsTest, WhatElseIsWrongStaysWrong) {
  for (const char* yaml :
       {"http: {admin_token: secret}\n", "profiles: [\"x cannot be read\"]\n",
        "http: {admin_token: {file: .}}\n", "detectors: {velocity: {count_min: many}}\n"}) {
    LoadedConfig loaded = ParseConfig(yaml, ".");
    ForgiveUnreadableSecrets(loaded);
    EXPECT_FALSE(loaded.valid()) << yaml;
  }
}

}  // namespace
}  // namespace tocsin::daemon

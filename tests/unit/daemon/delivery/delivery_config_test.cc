// Keys of ticket systems and of links: what cannot work is said before anything runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/load_config.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DeliveryConfigTest : public testing::Test {
 protected:
  DeliveryConfigTest() {
    directory_.Write("token", "secret\n");
    directory_.Write("key", std::string(32, 'k'));
    directory_.Write("short", "k");
  }
  [[nodiscard]] LoadedConfig Load(const std::string& yaml) const {
    return ParseConfig(yaml, directory_.path());
  }
  [[nodiscard]] std::vector<std::string> Errors(const std::string& yaml) const {
    std::vector<std::string> errors;
    for (const ConfigProblem& problem : Load(yaml).problems) {
      if (!problem.warning) errors.push_back(problem.key + ": " + problem.text);
    }
    return errors;
  }
  // Of a ticket system in order but for `more`.
  [[nodiscard]] std::vector<std::string> TicketErrors(const std::string& more) const {
    return Errors(
        "log: local\ndelivery: {tickets: {url: 'https://t.example.com', token: {file: token}, system: " +
        more + "}}\n");
  }

  TempDirectory directory_;
};

TEST_F(DeliveryConfigTest, ATicketSystemIsRead) {
  const LoadedConfig loaded = Load(
      "log: local\ndelivery: {tickets: {system: jira, url: 'https://t.example.com', user: u, "
      "token: {file: token}, queue: SEC, request_type: Incident, poll: 30s}}\n");
  EXPECT_TRUE(loaded.valid());
  const TicketsConfig& tickets = loaded.config.delivery.tickets;
  EXPECT_EQ(tickets.system, TicketsConfig::System::kJira);
  EXPECT_EQ(tickets.token, "secret");
  EXPECT_EQ(tickets.poll, std::chrono::seconds(30));
  EXPECT_TRUE(loaded.config.delivery.enabled());
}

TEST_F(DeliveryConfigTest, WhatATicketSystemNeedsIsSaid) {
  EXPECT_THAT(TicketErrors("request_tracker"), IsEmpty());
  EXPECT_THAT(TicketErrors("zammad"), ElementsAre(HasSubstr("delivery.tickets.requester: ")));
  EXPECT_THAT(TicketErrors("jira"),
              ElementsAre(HasSubstr("delivery.tickets.request_type: must be the name of an issue type")));
  EXPECT_THAT(TicketErrors("request_tracker, queue: \"x' OR 'a'='a\""),
              ElementsAre(HasSubstr("delivery.tickets.queue: ")));
  EXPECT_THAT(Errors("log: local\ndelivery: {tickets: {system: zendesk, url: 'http://t.example.com/'}}\n"),
              testing::UnorderedElementsAre(HasSubstr("delivery.tickets.url: "),
                                            HasSubstr("delivery.tickets.token: ")));
}

TEST_F(DeliveryConfigTest, AKeyThatCannotBeReadIsOneError) {
  const std::string hook = "log: local\ndelivery: {webhooks: [{name: app, url: 'https://a.example', keys: ";
  EXPECT_THAT(Errors(hook + "[{file: nowhere}]}]}\n"), ElementsAre(HasSubstr("nowhere")));
  EXPECT_THAT(Errors(hook + "[{file: short}]}]}\n"), ElementsAre(HasSubstr("whsec_")));
  EXPECT_THAT(Errors(hook + "[]}]}\n"), ElementsAre(HasSubstr("needs at least one")));
}

TEST_F(DeliveryConfigTest, ALoginThatIsNotWholeIsOneErrorWhereItIsMissing) {
  const auto errors = [this](const std::string& login) {
    return Errors("log: local\ndelivery: {mail: {url: 'smtp://mail.example.com', from: a@example.com" +
                  login + "}}\n");
  };
  EXPECT_THAT(errors(", username: tocsin, password: {file: token}"), IsEmpty());
  EXPECT_THAT(
      errors(", username: tocsin, password: {file: nowhere}"),
      ElementsAre(testing::AllOf(HasSubstr("delivery.mail.password: "), HasSubstr("cannot be read"))));
  EXPECT_THAT(errors(", username: tocsin"), ElementsAre(HasSubstr("delivery.mail.password: is missing")));
  EXPECT_THAT(errors(", password: {file: token}"),
              ElementsAre(HasSubstr("delivery.mail.username: is missing")));
}

TEST_F(DeliveryConfigTest, WithoutTlsMailGoesToThisMachineAlone) {
  const auto errors = [this](const std::string& url) {
    return Errors("log: local\ndelivery: {mail: {url: '" + url + "', from: a@example.com, tls: false}}\n");
  };
  for (const char* url : {"smtp://127.0.0.1", "smtp://127.0.0.1:25", "smtp://127.9.9.9:25",
                          "smtp://localhost:25", "smtp://LOCALHOST", "smtp://[::1]:25", "smtps://localhost"})
    EXPECT_THAT(errors(url), IsEmpty()) << url;
  for (const char* url : {"smtp://localhost.evil.example:25", "smtp://127.example.com",
                          "smtp://mail.example.com", "smtp://127.0.0.1.evil.example", "smtp://[::2]:25"})
    EXPECT_THAT(errors(url), ElementsAre(HasSubstr("delivery.mail.tls: may only be false"))) << url;
  for (const char* url : {"smtp://[::1].evil.example", "smtp://localhost:99999", "smtp://:25",
                          "smtp://localhost/x", "http://localhost", "localhost:25"})
    EXPECT_THAT(errors(url), testing::Contains(HasSubstr("delivery.mail.url: must be smtp://"))) << url;
}

TEST_F(DeliveryConfigTest, FeedbackGoesToATopicThatIsRead) {
  const std::string tickets =
      "delivery: {tickets: {system: request_tracker, url: 'https://t.example.com', token: {file: token}}}\n";
  EXPECT_THAT(Errors("log: kafka\n" + tickets), IsEmpty());
  EXPECT_THAT(Errors("log: kafka\nkafka: {feedback_topic: elsewhere}\n" + tickets),
              ElementsAre(HasSubstr("kafka.feedback_topic: ")));
}

TEST_F(DeliveryConfigTest, PreviousKeysOfLinksAreRead) {
  const std::string answers = "answers: {key_id: '2', key: {file: key}, previous_keys: ";
  const LoadedConfig loaded = Load(answers + "[{key_id: '1', key: {file: key}}]}\n");
  ASSERT_TRUE(loaded.valid());
  ASSERT_EQ(loaded.config.answers_before.size(), 1U);
  EXPECT_EQ(loaded.config.answers_before[0].key_id, "1");
  EXPECT_EQ(loaded.config.answers_before[0].key, std::string(32, 'k'));
  EXPECT_EQ(loaded.config.answers_before[0].audience, loaded.config.rules.alerts.answers.audience);

  EXPECT_THAT(Errors(answers + "[{key_id: '2', key: {file: key}}]}\n"),
              ElementsAre(HasSubstr("present one")));
  EXPECT_THAT(Errors(answers + "[{key_id: '1', key: {file: short}}]}\n"),
              ElementsAre(HasSubstr("at least 32 bytes")));
  EXPECT_THAT(Errors(answers + "[{key_id: '1', key: inline}]}\n"),
              ElementsAre(HasSubstr("answers.previous_keys[0]")));
}

}  // namespace
}  // namespace tocsin::daemon

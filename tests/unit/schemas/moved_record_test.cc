// A record that was moved to another topic is still of the topic it was sent to.
#include "schemas/moved_record.h"

#include <gtest/gtest.h>

#include "schemas/event_decoder.h"

namespace tocsin::schemas {
namespace {

TEST(MovedRecord, AnEventWithoutASourceIsOfItsFirstTopic) {
  EventDecoder decoder({.check_key = false});
  Event event;
  const Header moved{kFirstTopicHeader, "logins"};
  Record record{.topic = "tocsin.events",
                .value = R"({"type":"login","event_id":"e","account_id":"a","occurred_at":1767000000000,)"
                         R"("outcome":"success"})"};
  record.headers = {&moved, 1};
  ASSERT_TRUE(decoder.Decode(record, event));
  EXPECT_EQ(event.source, "logins");
  record.headers = {};
  ASSERT_TRUE(decoder.Decode(record, event));
  EXPECT_EQ(event.source, "tocsin.events");
}

// Files, HTTP and the embedded log have no topics: the same event on Kafka is in the one its type has there.
TEST(MovedRecord, AnEventOfNoTopicIsOfThatOfItsType) {
  const std::string common = R"("event_id":"1","account_id":"a","occurred_at":1767000000000,)";
  const auto source = [&](const std::string& type, const std::string& rest) {
    EventDecoder decoder({.check_key = false});
    Event event;
    const std::string value = R"({"type":")" + type + "\"," + common + rest + "}";
    EXPECT_TRUE(decoder.Decode({.value = value}, event)) << type;
    return event.source;
  };
  EXPECT_EQ(source("login", R"("outcome":"success")"), "logins");
  EXPECT_EQ(
      source("transaction", R"("transaction_id":"t","kind":"payment","status":"completed","amount":"1",)"
                            R"("currency":"EUR")"),
      "transactions");
  EXPECT_EQ(source("account_change", R"("change":"frozen")"), "account-changes");
  EXPECT_EQ(source("account_profile", R"("country":"SG")"), "account-profiles");
  EXPECT_EQ(source("feedback", R"("verdict":"me","by":"owner","notice_id":"n")"), "account-feedback");
  EXPECT_EQ(source("login", R"("outcome":"success","source":"idp")"), "idp");
}

}  // namespace
}  // namespace tocsin::schemas

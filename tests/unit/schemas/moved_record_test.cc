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

}  // namespace
}  // namespace tocsin::schemas

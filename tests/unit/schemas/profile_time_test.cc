// When an account was opened: perhaps long before anything else that has a time here.
#include <gtest/gtest.h>

#include <string>

#include "schemas/event_decoder.h"

namespace tocsin::schemas {
namespace {

// The error's text; "" when it is an event.
std::string Decoded(const std::string& opened_at, Event& event) {
  EventDecoder decoder;
  const std::string value =
      R"({"type":"account_profile","event_id":"p","account_id":"a","occurred_at":"2026-03-01T08:00:00Z",)"
      R"("opened_at":)" +
      opened_at + "}";
  const Record record{
      .topic = "account-profiles", .appended_at = kTimestampMax, .key = "a", .headers = {}, .value = value};
  const auto good = decoder.Decode(record, event);
  return good ? std::string() : std::string(good.error().field) + ": " + std::string(good.error().detail);
}

TEST(ProfileTimeTest, AnEarlyOpeningIsAText) {
  Event event;
  EXPECT_EQ(Decoded(R"("1971-05-01T00:00:00+08:00")", event), "");
  EXPECT_EQ(FormatRfc3339(*event.profile()->opened_at), "1971-04-30T16:00:00.000Z");
  // It looks like seconds: who means it is told how to write it.
  const std::string refused = Decoded("41875200000", event);
  EXPECT_TRUE(refused.starts_with("opened_at: ")) << refused;
  EXPECT_NE(refused.find("write an earlier time as RFC 3339"), std::string::npos) << refused;
}

// Banks are older than the clock that counts from 1970.
TEST(ProfileTimeTest, AnOpeningBeforeTheClockBeganIsAtItsBeginning) {
  for (const char* const text : {R"("1965-06-01T00:00:00Z")", R"("1970-01-01T00:00:00+08:00")",
                                 R"("1969-12-31T23:59:59.999Z")", R"("1800-01-01T00:00:00Z")"}) {
    Event event;
    EXPECT_EQ(Decoded(text, event), "") << text;
    EXPECT_EQ(event.profile()->opened_at, kTimestampMin) << text;
  }
}

TEST(ProfileTimeTest, WhatStandsForNoTimeIsNone) {
  for (const char* const text :
       {R"("0001-01-01T00:00:00Z")", R"("1799-12-31T23:59:59Z")", R"("1800-01-01T00:00:00+00:01")", "-1"}) {
    Event event;
    EXPECT_TRUE(Decoded(text, event).starts_with("opened_at: ")) << text;
  }
}

}  // namespace
}  // namespace tocsin::schemas

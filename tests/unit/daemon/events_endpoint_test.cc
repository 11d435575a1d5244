// POST /v1/events over a real local store: a request is durable as a whole, or leaves nothing.
#include "daemon/http/events_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

std::string Login(std::string_view id, std::string_view account = "a") {
  return R"({"type":"login","event_id":")" + std::string(id) + R"(","account_id":")" + std::string(account) +
         R"(","occurred_at":"2026-03-01T08:00:00Z","outcome":"success"})";
}
std::string CloudEvent(std::string_view id) {
  return R"({"specversion":"1.0","type":"tocsin.login.v1","source":"s","id":")" + std::string(id) +
         R"(","time":"2026-03-01T08:00:00Z","data":{"account_id":"a","outcome":"success"}})";
}

class EventsEndpointTest : public testing::Test {
 protected:
  EventsEndpointTest() {
    auto opened =
        LocalStore::Open({.directory = directory_ / "log", .outputs = directory_ / "out", .partitions = 2});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    empty_ = Stored();
    options_.decode.check_key = false;
    options_.wall_clock = [] { return FromMillis(1'800'000'000'000); };
  }
  HttpResponse Post(std::string_view body, const std::string& content_type,
                    std::multimap<std::string, std::string> headers = {}) {
    if (!content_type.empty()) headers.emplace("content-type", content_type);
    return EventsEndpoint(*store_, options_)
        .Handle({.method = "POST", .path = "/v1/events", .body = body, .headers = headers});
  }
  // All that was taken, as it lies on disk.
  [[nodiscard]] std::string Input() const {
    std::string bytes;
    for (int partition = 0; partition < 2; ++partition) {
      std::ifstream segment(std::filesystem::path(store_->InputDirectory(partition)) /
                            "00000000000000000000.log");
      bytes.append(std::istreambuf_iterator<char>(segment), {});
    }
    return bytes;
  }
  [[nodiscard]] int64_t Stored() const { return store_->InputEnd(0) + store_->InputEnd(1); }

  TempDirectory directory_;
  std::unique_ptr<LocalStore> store_;
  int64_t empty_ = 0;  // Stored() before the first request.
  EventsEndpointOptions options_;
};

TEST_F(EventsEndpointTest, EachContentType) {
  struct Sent {
    std::string body;
    const char* content_type;
    int status;
  };
  const Sent requests[] = {
      {Login("1"), "", 202},
      {Login("2"), "application/json", 202},
      {Login("3"), "application/json; charset=utf-8", 202},
      {Login("4"), "Application/JSON", 202},
      {Login("5") + "\n\n" + Login("6") + "\r\n", "application/x-ndjson", 202},
      {Login("5a") + "\n" + Login("5b"), "application/ndjson", 202},
      {Login("5c") + "\n" + Login("5d"), "application/jsonl; charset=utf-8", 202},
      {CloudEvent("7"), "application/cloudevents+json", 202},
      {"[" + CloudEvent("8") + " ,\n" + CloudEvent("9") + "]", "application/cloudevents-batch+json", 202},
      {Login("10"), "text/plain", 415},
      {Login("11"), "application/jsonp", 415},
      {Login("12"), "application/x-www-form-urlencoded", 415},
      {"", "application/json", 400},
      {"", "application/x-ndjson", 400},
      {" \r\n\n", "application/x-ndjson", 400},
      {"[]", "application/cloudevents-batch+json", 400},
      {"[" + CloudEvent("13"), "application/cloudevents-batch+json", 400},
      {"[" + CloudEvent("14") + "],", "application/cloudevents-batch+json", 400},
      {"[" + CloudEvent("15") + ",]", "application/cloudevents-batch+json", 400},
      {CloudEvent("16"), "application/cloudevents-batch+json", 400},
      {Login("17") + Login("18"), "application/json", 400},
  };
  for (const Sent& sent : requests) {
    const int64_t before = Stored();
    EXPECT_EQ(Post(sent.body, sent.content_type).status, sent.status)
        << sent.content_type << " " << sent.body;
    EXPECT_EQ(Stored() > before, sent.status == 202) << sent.content_type << " " << sent.body;
  }
}

// A library that sends lists sends them as application/json: the answer says what to do instead.
TEST_F(EventsEndpointTest, SeveralEventsAsOneNameTheRemedy) {
  const std::string remedy =
      "application/x-ndjson, or an array of CloudEvents as application/cloudevents-batch";
  for (const std::string& body : {"[" + Login("1") + "," + Login("2") + "]", Login("1") + "\n" + Login("2"),
                                  "[" + CloudEvent("1") + "]"}) {
    for (const char* type : {"application/json", "application/cloudevents+json", ""}) {
      const HttpResponse answer = Post(body, type);
      EXPECT_EQ(answer.status, 400);
      EXPECT_THAT(answer.body, HasSubstr(remedy)) << type << " " << body;
    }
  }
  EXPECT_THAT(Post(Login("1") + "x", "application/json").body, testing::Not(HasSubstr(remedy)));
  EXPECT_THAT(Post("[1]\n", "application/x-ndjson").body, testing::Not(HasSubstr(remedy)));
  EXPECT_EQ(Stored(), empty_);
}

TEST_F(EventsEndpointTest, CloudEventsInBinaryMode) {
  std::multimap<std::string, std::string> headers = {{"ce-specversion", "1.0"},
                                                     {"ce-type", "tocsin.login.v1"},
                                                     {"ce-source", "s"},
                                                     {"ce-id", "1"},
                                                     {"ce-time", "2026-03-01T08:00:00Z"}};
  const char* data = R"({"account_id":"a","outcome":"success"})";
  EXPECT_EQ(Post(data, "application/json", headers).status, 202);
  headers.erase("ce-id");
  EXPECT_EQ(Post(data, "application/json", headers).status, 400);
  headers.emplace("ce-id", "%C3%A4%20100%25 %zz %4");
  EXPECT_EQ(Post(data, "application/json", headers).status, 202);
  EXPECT_THAT(Input(), HasSubstr("ä 100% %zz %4"));
  headers.find("ce-id")->second = "%ff";
  EXPECT_THAT(Post(data, "application/json", headers).body, HasSubstr(R"("reason":"not_utf8")"));
}

TEST_F(EventsEndpointTest, BadEventsAreListedAndNoneIsAccepted) {
  const HttpResponse answer =
      Post(Login("1") + "\n{\n" + Login("2") + "\n" + Login("3", "unknown") + "\n", "application/x-ndjson");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body,
              HasSubstr(R"("accepted":0,"rejected":2,"errors":[{"index":1,"reason":"not_json")"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"index":3,"reason":"placeholder_id","field":"account_id")"));
  EXPECT_EQ(Stored(), empty_);
}

// A sender that repeats a batch until it is taken would stand still for the sake of one account.
TEST_F(EventsEndpointTest, EventsOfAStoppedPartitionAreNamed) {
  const int stopped = store_->PartitionOf("a");
  std::string other = "acct-0";
  for (int i = 1; store_->PartitionOf(other) == stopped; ++i) other = "acct-" + std::to_string(i);
  store_->Refuse(stopped);
  const HttpResponse answer =
      Post(Login("1") + "\n" + Login("2", other) + "\n" + Login("3"), "application/x-ndjson");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr(R"("accepted":0,"errors":[{"index":0,"reason":"partition_stopped"},)"
                                     R"({"index":2,"reason":"partition_stopped"}]})"));
  EXPECT_THAT(answer.headers, testing::Contains(testing::Pair("Retry-After", "5")));
  EXPECT_EQ(Stored(), empty_);
  EXPECT_EQ(Post(Login("2", other), "").status, 202);
}

// Whoever signs in chooses it: it must refuse neither his event nor those that come with it.
TEST_F(EventsEndpointTest, WhatAClientSaysOfItselfRefusesNothing) {
  std::string hidden = Login("2", "b");
  hidden.insert(1, "\"user_agent\":\"" + std::string(1025, 'x') + R"(","locale":"?",)");
  EXPECT_EQ(Post(Login("1") + "\n" + hidden, "application/x-ndjson").status, 202);
  EXPECT_GT(Stored(), empty_);
}

TEST_F(EventsEndpointTest, ManyBadEventsAreListedAndHowManyWereLeftOff) {
  std::string body;
  for (int i = 0; i < 10'000; ++i) body += "{\n";
  HttpResponse answer = Post(body, "application/x-ndjson");
  EXPECT_THAT(answer.body, HasSubstr(R"("index":9999,)"));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("errors_left_off")));
  answer = Post(body + "{\n{\n", "application/x-ndjson");
  EXPECT_THAT(answer.body, HasSubstr(R"("rejected":10002,)"));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr(R"("index":10000,)")));
  EXPECT_THAT(answer.body, HasSubstr(R"("errors_left_off":2})"));
}

// Each of two bytes would take some hundred here.
TEST_F(EventsEndpointTest, OfMoreThanCanBeEventsTheFirstAreJudged) {
  std::string lines;
  std::string batch = "[1";
  for (int i = 0; i < 70'000; ++i) {
    lines += "1\n";
    batch += ",1";
  }
  for (const HttpResponse& answer :
       {Post(lines, "application/x-ndjson"), Post(batch + "]", "application/cloudevents-batch+json")}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr(R"("accepted":0,"rejected":65536,)"));
  }
  std::string events;
  for (int i = 0; i < 70'000; ++i) events += Login(std::to_string(i)) + "\n";
  EXPECT_THAT(Post(events, "application/x-ndjson").body, HasSubstr(R"("accepted":70000)"));
}

TEST_F(EventsEndpointTest, ErrorsTellNoValue) {
  const HttpResponse answer = Post(
      R"({"type":"login","event_id":"e","account_id":"a","occurred_at":"PRIVATE","outcome":"PRIVATE"})", "");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("PRIVATE")));
}

TEST_F(EventsEndpointTest, TheTokenIsAskedForBeforeAnythingElse) {
  options_.token = "secret";
  const HttpResponse refused = Post("{", "text/plain");
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("WWW-Authenticate", "Bearer")));
  for (const char* wrong :
       {"secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Bearersecret", "Basic secret"}) {
    EXPECT_EQ(Post(Login("1"), "", {{"authorization", wrong}}).status, 401) << wrong;
  }
  EXPECT_EQ(Stored(), empty_);
  EXPECT_EQ(Post(Login("1"), "", {{"authorization", "Bearer secret"}}).status, 202);
  EXPECT_EQ(Post(Login("2"), "", {{"authorization", "bEARER  secret"}}).status, 202);
}

TEST_F(EventsEndpointTest, TooMuchThatWaitsIsRefusedForAWhile) {
  options_.pending_bytes_max = 2000;
  int accepted = 0;
  HttpResponse answer{};
  for (int i = 0; i < 100 && answer.status != 429; ++i) {
    answer = Post(Login(std::to_string(i)), "");
    accepted += answer.status == 202 ? 1 : 0;
  }
  EXPECT_EQ(answer.status, 429);
  EXPECT_GT(accepted, 2);
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].first, "Retry-After");
}

TEST_F(EventsEndpointTest, AnAccountAlwaysLiesInTheSamePartition) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post(Login(std::to_string(i), "one"), "").status, 202);
  const int partition = store_->PartitionOf("one");
  EXPECT_GT(store_->InputEnd(partition), store_->InputEnd(1 - partition));
  EXPECT_EQ(store_->InputEnd(1 - partition), store_->InputBegin(1 - partition));
}

}  // namespace
}  // namespace tocsin::daemon

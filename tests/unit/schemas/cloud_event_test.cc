// The forms in which an event arrives: CloudEvents in headers or in an envelope, plain JSON, behind a
// Confluent frame.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schemas/base64.h"
#include "schemas/event_decoder.h"

namespace tocsin::schemas {
namespace {

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kData = R"({"account_id":"a1","outcome":"success"})";

std::string With(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

class CloudEventTest : public testing::Test {
 protected:
  std::string Outcome(std::string_view value, std::vector<Header> headers = {}) {
    Record record;
    record.topic = "logins";
    record.key = "a1";
    record.value = value;
    record.headers = headers;
    const auto decoded = decoder.Decode(record, event);
    if (decoded) return "";
    return std::string(CodeName(decoded.error().code)) + " " + decoded.error().field;
  }
  static std::vector<Header> Binary() {
    return {
        {"ce_specversion", "1.0"}, {"ce_type", "tocsin.login.v1"},      {"ce_source", "/idp"},
        {"ce_id", "c1"},           {"ce_time", "2026-03-01T00:00:00Z"}, {"content-type", "application/json"}};
  }

  EventDecoder decoder;
  Event event;
};

TEST_F(CloudEventTest, BinaryTakesIdentityAndTimeFromHeaders) {
  ASSERT_EQ(Outcome(kData, Binary()), "");
  EXPECT_EQ(event.type, EventType::kLogin);
  EXPECT_EQ(event.event_id.view(), "c1");
  EXPECT_EQ(event.source, "/idp");
  EXPECT_EQ(FormatRfc3339(event.occurred_at), "2026-03-01T00:00:00.000Z");
}

TEST_F(CloudEventTest, DataWinsForTimeAndHeadersForIdentity) {
  ASSERT_EQ(
      Outcome(
          R"({"type":"login","event_id":"own","source":"own","account_id":"a1","occurred_at":100000000000,"outcome":"success"})",
          Binary()),
      "");
  EXPECT_EQ(event.event_id.view(), "c1");
  EXPECT_EQ(event.source, "/idp");
  EXPECT_EQ(ToMillis(event.occurred_at), 100'000'000'000);
}

TEST_F(CloudEventTest, HeaderNamesInAnyCaseAndInHttpForm) {
  ASSERT_EQ(Outcome(kData, {{"CE-Type", "tocsin.login.v1"},
                            {"Ce-Id", "c1"},
                            {"ce-source", "s"},
                            {"ce-time", "2026-03-01T00:00:00Z"},
                            {"ce-tenant", "acme"},
                            {"Content-Type", "application/vnd.acme+json; charset=utf-8"}}),
            "");
  EXPECT_EQ(event.tenant, "acme");
}

TEST_F(CloudEventTest, TraceOfTheExtensionOverTheLastHop) {
  std::vector<Header> headers = Binary();
  headers.push_back({"traceparent", kTrace});
  ASSERT_EQ(Outcome(kData, headers), "");
  EXPECT_EQ(event.traceparent, kTrace);
  headers.back() = {"traceparent", "junk"};
  ASSERT_EQ(Outcome(kData, headers), "");
  EXPECT_EQ(event.traceparent, "");
}

TEST_F(CloudEventTest, BinaryRejections) {
  const auto with = [](size_t at, std::string_view value) {
    std::vector<Header> headers = Binary();
    headers[at].value = value;
    return headers;
  };
  EXPECT_EQ(Outcome(kData, with(0, "0.3")), "unsupported_envelope ce_specversion");
  EXPECT_EQ(Outcome(kData, with(1, "tocsin.login.v2")), "unknown_type ce_type");
  EXPECT_EQ(Outcome(kData, with(1, "tocsin.logout.v1")), "unknown_type type");
  EXPECT_EQ(Outcome(kData, with(3, "unknown")), "placeholder_id event_id");
  EXPECT_EQ(Outcome(kData, with(3, "\xff")), "not_utf8 ce_id");
  EXPECT_EQ(Outcome(kData, with(4, "yesterday")), "bad_time occurred_at");
  EXPECT_EQ(Outcome(kData, with(5, "application/avro")), "unsupported_envelope content-type");
  EXPECT_EQ(Outcome(R"({"type":"transaction","account_id":"a1"})", Binary()), "conflicting_members type");
}

constexpr std::string_view kEnvelope =
    R"({"specversion":"1.0","id":"c1","source":"/idp","type":"tocsin.login.v1","time":"2026-03-01T00:00:00Z",)"
    R"("tenant":"acme","subject":"x","data":{"account_id":"a1","outcome":"success"}})";

TEST_F(CloudEventTest, StructuredWithAndWithoutItsHeader) {
  const std::vector<Header> announced{{"content-type", "application/cloudevents+json; charset=UTF-8"}};
  for (const auto& headers : {announced, std::vector<Header>{}}) {
    ASSERT_EQ(Outcome(kEnvelope, headers), "");
    EXPECT_EQ(event.event_id.view(), "c1");
    EXPECT_EQ(event.source, "/idp");
    EXPECT_EQ(event.tenant, "acme");
    EXPECT_EQ(event.account_id.view(), "a1");
    EXPECT_EQ(FormatRfc3339(event.occurred_at), "2026-03-01T00:00:00.000Z");
  }
  EXPECT_EQ(decoder.unknown_members(), 0u);
}

TEST_F(CloudEventTest, StructuredDataMayComeFirst) {
  ASSERT_EQ(
      Outcome(
          R"({"data":{"outcome":"failure","account_id":"a1","occurred_at":100000000005,"event_id":"own"},"type":"tocsin.login.v1",)"
          R"("source":"s","id":"c1","specversion":"1.0"})"),
      "");
  EXPECT_EQ(event.event_id.view(), "c1");
  EXPECT_EQ(ToMillis(event.occurred_at), 100'000'000'005);
}

TEST_F(CloudEventTest, StructuredRejections) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text(kEnvelope);
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_EQ(Outcome(with("\"1.0\"", "\"2.0\"")), "unsupported_envelope specversion");
  EXPECT_EQ(Outcome(with("\"1.0\"", "1.0")), "wrong_type specversion");
  EXPECT_EQ(Outcome(with("\"id\"", "\"i\"")), "missing_member id");
  EXPECT_EQ(Outcome(with("\"data\":{", "\"x\":{")), "missing_member data");
  EXPECT_EQ(Outcome(with(R"({"account_id":"a1","outcome":"success"})", "[]")), "wrong_type data");
  EXPECT_EQ(Outcome(with("\"source\":\"/idp\"", "\"source\":\"/idp\",\"source\":\"\"")),
            "duplicate_member source");
}

TEST_F(CloudEventTest, StructuredDataInBase64) {
  const auto envelope = [](std::string_view members) {
    return R"({"specversion":"1.0","id":"c1","source":"/idp","type":"tocsin.login.v1","time":5,"x":1,)" +
           std::string(members) + "}";
  };
  const auto encoded = [&](std::string_view data) {
    return With(envelope("\"data_base64\":\"" + ToBase64(data) + "\""), "\"time\":5",
                R"("time":"2026-03-01T00:00:00Z","tenant":"acme")");
  };
  ASSERT_EQ(Outcome(encoded(kData)), "");
  EXPECT_EQ(event.type, EventType::kLogin);
  EXPECT_EQ(event.event_id.view(), "c1");
  EXPECT_EQ(event.source, "/idp");
  EXPECT_EQ(event.tenant, "acme");
  EXPECT_EQ(event.account_id.view(), "a1");
  EXPECT_EQ(FormatRfc3339(event.occurred_at), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(decoder.unknown_members(), 1u);  // x.
  ASSERT_EQ(Outcome(encoded(
                R"({"account_id":"a1","outcome":"success","event_id":"own","occurred_at":100000000005})")),
            "");
  EXPECT_EQ(event.event_id.view(), "c1");
  EXPECT_EQ(ToMillis(event.occurred_at), 100'000'000'005);

  EXPECT_EQ(Outcome(encoded("")), "not_json ");
  EXPECT_EQ(Outcome(encoded("[]")), "not_json ");
  EXPECT_EQ(Outcome(encoded("\xff")), "not_utf8 ");
  EXPECT_EQ(Outcome(encoded(R"({"type":"transaction","account_id":"a1"})")), "conflicting_members type");
  EXPECT_EQ(Outcome(With(encoded(kData), "\"x\":1", "\"data\":{}")), "conflicting_members data_base64");
  EXPECT_EQ(Outcome(With(encoded(kData), "\"x\":1", "\"data\":null")), "");
  EXPECT_EQ(Outcome(With(encoded(kData), "\"x\":1", "\"datacontenttype\":\"text/plain\"")),
            "unsupported_envelope data");
  EXPECT_EQ(Outcome(With(encoded(kData), "data_base64\":\"", "data_base64\":\"!")),
            "unsupported_envelope data_base64");
  EXPECT_EQ(Outcome(With(encoded(kData), "\"id\"", "\"i\"")), "missing_member id");
  EXPECT_EQ(Outcome(envelope("\"data_base64\":1")), "wrong_type time");
}

TEST_F(CloudEventTest, ConfluentFrameIsSkippedWhenJsonFollows) {
  using std::string_literals::operator""s;
  EXPECT_EQ(Outcome("\0\0\0\0\7"s + std::string(kData), Binary()), "");
  EXPECT_EQ(Outcome("\0\0\0\0\7 \n"s + std::string(kEnvelope)), "");
  EXPECT_EQ(Outcome("\0\0\0\0\7[]"s), "not_json ");
  EXPECT_EQ(Outcome("\0\0\0\0\7"s), "not_json ");
  EXPECT_EQ(Outcome("\0"s), "not_json ");
}

}  // namespace
}  // namespace tocsin::schemas

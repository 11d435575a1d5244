#include "tests/unit/schemas/event_decoder_fixture.h"

namespace tocsin::schemas {
namespace {

// What a client says of itself costs a dead letter, and never the event: whoever signs in chooses it.
class LeftOutTest : public EventDecoderTest, public testing::WithParamInterface<Rejected> {};

TEST_P(LeftOutTest, IsDecodedWithoutIt) {
  ASSERT_EQ(Outcome(GetParam().value), "");
  ASSERT_NE(decoder.left_out(), nullptr);
  EXPECT_EQ(std::string(CodeName(decoder.left_out()->code)) + " " + decoder.left_out()->field,
            GetParam().outcome);
  EXPECT_EQ(event.account_id.view(), "a1");
  EXPECT_NE(event.login(), nullptr);
  ASSERT_EQ(Outcome(kLogin), "");
  EXPECT_EQ(decoder.left_out(), nullptr) << "of the next event";
}

INSTANTIATE_TEST_SUITE_P(
    Members, LeftOutTest,
    testing::Values(
        Rejected{"BadIp", Plus(kLogin, R"("ip":"192.0.2.256")"), "bad_address ip"},
        Rejected{"IpNumber", Plus(kLogin, R"("ip":3221225985)"), "wrong_type ip"},
        Rejected{"LongAgent", Plus(kLogin, "\"user_agent\":\"" + std::string(1025, 'x') + "\""),
                 "out_of_range user_agent"},
        Rejected{"Locale", Plus(kLogin, R"("locale":"english language")"), "bad_locale locale"},
        Rejected{"Timezone", Plus(kLogin, R"("timezone":"Asia Atlantis")"), "bad_timezone timezone"},
        Rejected{"TimezoneLong", Plus(kLogin, R"("timezone":"A)" + std::string(64, 'x') + "\""),
                 "bad_timezone timezone"},
        Rejected{"TimezoneDay", Plus(kLogin, R"("timezone":1440)"), "bad_timezone timezone"},
        Rejected{"TimezoneLeast", Plus(kLogin, R"("timezone":-9223372036854775808)"),
                 "bad_timezone timezone"},
        Rejected{"TimezoneMost", Plus(kLogin, R"("timezone":9223372036854775807)"), "bad_timezone timezone"},
        Rejected{"TraceNumber", Plus(kLogin, R"("traceparent":5)"), "wrong_type traceparent"},
        Rejected{"DeviceText", Plus(kLogin, R"("device":"x")"), "wrong_type device"},
        Rejected{"DeviceList", Plus(kLogin, R"("device":[{"id":"x"}])"), "wrong_type device"},
        Rejected{"HalfAgent", Plus(kLogin, R"("user_agent":"a\udc00")"), "not_utf8 user_agent"},
        Rejected{"HalfName", Plus(kLogin, R"("device":{"name":"\ud83d phone"})"), "not_utf8 device.name"},
        Rejected{"HalfNameAtTheEnd", Plus(kLogin, R"("device":{"name":"phone \ud83d"})"),
                 "not_utf8 device.name"},
        Rejected{"HalfDevice", Plus(kLogin, R"("device":{"id":"\uDC00"})"), "not_utf8 device.id"},
        Rejected{"HalfIp", Plus(kLogin, R"("ip":"\ud83d")"), "not_utf8 ip"},
        Rejected{"HalfTrace", Plus(kLogin, R"("traceparent":"\ud83d")"), "not_utf8 traceparent"},
        Rejected{"HalfPlatform", Plus(kLogin, R"("device":{"platform":"\ud83d"})"),
                 "not_utf8 device.platform"},
        Rejected{"HalfZone", Plus(kLogin, R"("timezone":"\ud83d")"), "not_utf8 timezone"},
        Rejected{"Platform", Plus(kLogin, R"("device":{"platform":"symbian"})"),
                 "not_in_enum device.platform"},
        Rejected{"Rooted", Plus(kLogin, R"("device":{"rooted":"no"})"), "wrong_type device.rooted"},
        Rejected{"Emulator", Plus(kLogin, R"("device":{"emulator":"no"})"), "wrong_type device.emulator"},
        Rejected{"AgentNumber", Plus(kLogin, R"("user_agent":7)"), "wrong_type user_agent"},
        Rejected{"LongDevice", Plus(kLogin, R"("device":{"id":")" + std::string(600, 'x') + "\"}"),
                 "out_of_range device.id"},
        Rejected{"LongModel", Plus(kLogin, R"("device":{"model":")" + std::string(600, 'x') + "\"}"),
                 "out_of_range device.model"},
        Rejected{"LongName", Plus(kLogin, R"("device":{"name":")" + std::string(600, 'x') + "\"}"),
                 "out_of_range device.name"},
        Rejected{"LongSystem", Plus(kLogin, R"("device":{"os_version":")" + std::string(600, 'x') + "\"}"),
                 "out_of_range device.os_version"},
        Rejected{"LongApp", Plus(kLogin, R"("device":{"app_version":")" + std::string(600, 'x') + "\"}"),
                 "out_of_range device.app_version"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(EventDecoderTest, WhatAClientSaysIsCutOrLeftOut) {
  std::string agent = "Mozilla/5.0 ";
  while (agent.size() < 4000) agent += "王";
  const std::string all = "\"user_agent\":\"" + agent +
                          R"(","locale":"?","timezone":"Hong Kong","ip":"::g","device":)" + R"({"id":")" +
                          std::string(600, 'd') + R"(","platform":"harmonyos","model":")" +
                          std::string(600, 'm') + R"(","rooted":true})";
  ASSERT_EQ(Outcome(Plus(kLogin, all)), "");
  ASSERT_NE(decoder.left_out(), nullptr);
  EXPECT_EQ(decoder.left_out()->field, "ip") << "the first one";
  EXPECT_TRUE(event.user_agent.starts_with("Mozilla/5.0 王"));
  EXPECT_EQ(event.user_agent.size(), 12 + (1024 - 12) * std::string_view("王").size());
  EXPECT_EQ(event.locale, "");
  EXPECT_EQ(event.timezone, "");
  EXPECT_FALSE(event.ip.has_value());
  EXPECT_EQ(event.device.id, "") << "its beginning could be another's";
  EXPECT_EQ(event.device.platform, Platform::kNone);
  EXPECT_EQ(event.device.model, std::string(event.device.model.size(), 'm'));
  EXPECT_FALSE(event.device.model.empty());
  EXPECT_TRUE(event.device.rooted);
}

// The name of a payee, and of an account, is typed by whoever is there.
TEST_F(EventDecoderTest, WhatIsTypedIsCutOrLeftOut) {
  const std::string name(600, 'n');
  ASSERT_EQ(Outcome(Plus(kTransaction, R"("counterparty":{"id":"p","name":")" + name + "\"}")), "");
  EXPECT_EQ(decoder.left_out()->field, "counterparty.name");
  EXPECT_EQ(event.transaction()->counterparty.id, "p");
  EXPECT_TRUE(name.starts_with(event.transaction()->counterparty.name));
  EXPECT_FALSE(event.transaction()->counterparty.name.empty());
  ASSERT_EQ(Outcome(Plus(kTransaction, R"("counterparty":{"id":"p","name":"\ud83d"})")), "");
  EXPECT_EQ(decoder.left_out()->field, "counterparty.name");
  EXPECT_EQ(event.transaction()->counterparty.name, "");
  EXPECT_EQ(Outcome(Plus(kTransaction, R"("counterparty":{"id":"\ud83d"})")), "not_json counterparty.id");

  const std::string profile =
      R"({"type":"account_profile","event_id":"e1","account_id":"a1","occurred_at":1772323200000})";
  ASSERT_EQ(Outcome(Plus(profile, R"("country":"DE","display_name":"\udc00")")), "");
  EXPECT_EQ(decoder.left_out()->field, "display_name");
  EXPECT_EQ(event.profile()->country, "DE");
}

// A producer's own members may hold what a client said, too.
TEST_F(EventDecoderTest, HalfACharacterInAnUnknownMemberCostsNothing) {
  for (const char* value : {R"("\ud83d")", R"({"a":"\udc00"})", R"(["b","\ud83d\ud83d"])"}) {
    EXPECT_EQ(Outcome(Plus(kLogin, std::string("\"client_info\":") + value)), "") << value;
    EXPECT_EQ(decoder.left_out(), nullptr) << value;
  }
  // Where the contract names the element of a list, it does.
  const std::string notice = R"({"type":"account_change","event_id":"e1","account_id":"a1",)"
                             R"("occurred_at":1772323200000,"change":"travel_notice","travel":)"
                             R"({"countries":["\ud83d"],"from":1772323200000,"until":1772409600000}})";
  EXPECT_EQ(Outcome(notice), "not_utf8 travel.countries[0]");
}

// What the platform itself says is as strict as ever, also beside something that is left out.
TEST_F(EventDecoderTest, WhatIsLeftOutExcusesNothingElse) {
  EXPECT_EQ(Outcome(Plus(kLogin, R"("locale":"?","channel":"fax")")), "not_in_enum channel");
  EXPECT_EQ(Outcome(With(Plus(kLogin, R"("locale":"?")"), "outcome", "result")), "missing_member outcome");
  EXPECT_EQ(Outcome(Plus(kLogin, R"("locale":7,"locale":"en")")), "duplicate_member locale");
}

}  // namespace
}  // namespace tocsin::schemas

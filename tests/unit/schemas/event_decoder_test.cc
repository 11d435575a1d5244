#include "tests/unit/schemas/event_decoder_fixture.h"

namespace tocsin::schemas {
namespace {

TEST_F(EventDecoderTest, ReadsEveryMemberOfALogin) {
  ASSERT_EQ(Outcome(R"j({"type":"login","event_id":"e1","source":"idp","account_id":"a1",
      "occurred_at":"2026-02-28T23:59:59.5Z","tenant":"acme","session_id":"s1","ip":"::ffff:192.0.2.7",
      "user_agent":"Mozilla/5.0 (\"x\")","channel":"app","locale":"zh_CN","timezone":"Asia/Shanghai",
      "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "device":{"id":"d1","platform":"ios","model":"iPhone16,2","os_version":"18.3","app_version":"7.1","name":"\u738b",
                "emulator":false,"rooted":true},
      "outcome":"failure","failure_reason":"mfa_denied","method":"password","mfa":"none"})j"),
            "");
  EXPECT_EQ(event.type, EventType::kLogin);
  EXPECT_EQ(event.event_id.view(), "e1");
  EXPECT_EQ(event.source, "idp");
  EXPECT_EQ(event.account_id.view(), "a1");
  EXPECT_EQ(FormatRfc3339(event.occurred_at), "2026-02-28T23:59:59.500Z");
  EXPECT_EQ(event.tenant, "acme");
  EXPECT_EQ(event.session_id, "s1");
  ASSERT_TRUE(event.ip);
  EXPECT_EQ(event.ip->ToString(), "192.0.2.7");
  EXPECT_EQ(event.user_agent, "Mozilla/5.0 (\"x\")");
  EXPECT_EQ(event.channel, Channel::kApp);
  EXPECT_EQ(event.locale, "zh-CN");
  EXPECT_EQ(event.timezone, "Asia/Shanghai");
  EXPECT_EQ(event.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  const ReportedDevice device{.id = "d1",
                              .platform = Platform::kIos,
                              .model = "iPhone16,2",
                              .os_version = "18.3",
                              .app_version = "7.1",
                              .name = "王",
                              .emulator = false,
                              .rooted = true,
                              .present = true};
  EXPECT_EQ(event.device, device);
  ASSERT_TRUE(event.login());
  EXPECT_EQ(*event.login(), (Login{LoginOutcome::kFailure, FailureReason::kMfaDenied, LoginMethod::kPassword,
                                   Mfa::kNoFactor}));
  EXPECT_EQ(decoder.unknown_members(), 0u);
}

TEST_F(EventDecoderTest, ReadsATransactionWhoseAmountAndTypeComeInAnyOrder) {
  ASSERT_EQ(
      Outcome(R"({"amount":0.1e1,"counterparty":{"country":"SG","type":"merchant","id":"m","name":"Shop"},
      "balance_after":"-3.50","instrument":{"type":"card","id":"c"},"cross_border":true,"status":"declined",
      "decline_reason":"limit_exceeded","transaction_id":"t","kind":"refund","currency":"USD","event_id":"e1",
      "account_id":"a1","occurred_at":100000001000,"type":"transaction"})"),
      "");
  ASSERT_TRUE(event.transaction());
  const Transaction& read = *event.transaction();
  EXPECT_EQ(read.amount, (Money{100, *Currency::Find("USD")}));
  EXPECT_EQ(read.balance_after_minor, -350);
  EXPECT_EQ(read.direction, Direction::kIn);  // By kind.
  EXPECT_EQ(read.counterparty, (Counterparty{"m", "Shop", "SG", CounterpartyType::kMerchant}));
  EXPECT_EQ(read.instrument, (Instrument{"c", InstrumentType::kCard}));
  EXPECT_EQ(read.cross_border, true);
  EXPECT_EQ(read.decline_reason, DeclineReason::kLimitExceeded);
  EXPECT_EQ(event.source, "logins");  // By topic.
}

TEST_F(EventDecoderTest, AnEventUsedBeforeKeepsNothing) {
  ASSERT_EQ(Outcome(Plus(kTransaction,
                         R"("device":{"rooted":true},"ip":"192.0.2.1","tenant":"x","cross_border":true)")),
            "");
  event.facts.place.city = "Berlin";
  ASSERT_EQ(Outcome(kLogin), "");
  EXPECT_TRUE(event.login());
  EXPECT_FALSE(event.ip);
  EXPECT_EQ(event.tenant, "");
  EXPECT_EQ(event.device, ReportedDevice{});
  EXPECT_EQ(event.facts.place.city, "");
  ASSERT_EQ(Outcome(kTransaction), "");
  EXPECT_FALSE(event.transaction()->cross_border);
}

TEST_F(EventDecoderTest, NullIsAbsentAndEmptyOptionalTextToo) {
  ASSERT_EQ(
      Outcome(
          Plus(kLogin, R"("ip":null,"device":null,"channel":null,"session_id":"","mfa":null,"tenant":null)")),
      "");
  EXPECT_FALSE(event.device.present);
}

// Kept, it would make one session, payee or card of all that have none.
TEST_F(EventDecoderTest, APlaceholderNamesNobody) {
  for (const char* name : {"null", "unknown", " N/A", "-", "00000000-0000-0000-0000-000000000000"}) {
    const std::string id = std::string("\"") + name + "\"";
    ASSERT_EQ(
        Outcome(Plus(kTransaction, "\"session_id\":" + id + R"(,"counterparty":{"type":"person","id":)" + id +
                                       R"(},"instrument":{"type":"card","id":)" + id + "}")),
        "");
    EXPECT_EQ(event.session_id, "") << name;
    EXPECT_EQ(event.transaction()->counterparty.id, "") << name;
    EXPECT_EQ(event.transaction()->counterparty.type, CounterpartyType::kPerson);
    EXPECT_EQ(event.transaction()->instrument.id, "") << name;
    EXPECT_EQ(event.transaction()->instrument.type, InstrumentType::kCard);
  }
}

TEST_F(EventDecoderTest, CountsUnknownMembersAndThoseOfOtherTypes) {
  ASSERT_EQ(Outcome(Plus(kLogin, R"("amount":"not money","x":[1,{"y":null}],"device":{"color":"red"})")), "");
  EXPECT_EQ(decoder.unknown_members(), 4u);  // amount, x, y, color.
}

// A client says its zone: one that nobody knows must not hide the event.
TEST_F(EventDecoderTest, AZoneThatIsNotKnownIsCountedAndAsGoodAsAbsent) {
  for (uint64_t times = 1; times <= 3; ++times) {
    ASSERT_EQ(Outcome(Plus(kLogin, R"("timezone":"Etc/Nowhere")")), "");
    EXPECT_EQ(event.timezone, "");
    EXPECT_EQ(decoder.unknown_members(), times);
  }
  // Of an event that is none, nothing is counted.
  EXPECT_EQ(Outcome(Plus(kLogin, R"("timezone":"Etc/Nowhere","channel":"fax")")), "not_in_enum channel");
  ASSERT_EQ(Outcome(Plus(kLogin, R"("timezone":"Asia/Shanghai")")), "");
  EXPECT_EQ(event.timezone, "Asia/Shanghai");
  EXPECT_EQ(decoder.unknown_members(), 3u);
}

TEST_F(EventDecoderTest, PlaceholderDeviceIsNoDevice) {
  ASSERT_EQ(Outcome(Plus(kLogin, R"("device":{"id":"00000000-0000-0000-0000-000000000000"})")), "");
  EXPECT_EQ(event.device.id, "");
}

TEST_F(EventDecoderTest, ClampsOnlyWhatIsMoreThanFiveMinutesAhead) {
  ASSERT_EQ(Outcome(With(kLogin, "2026-03-01T08:00:00+08:00", "2026-03-01T00:05:01Z")), "");
  EXPECT_FALSE(event.clamped);
  ASSERT_EQ(Outcome(With(kLogin, "2026-03-01T08:00:00+08:00", "2026-03-01T00:05:01.001Z")), "");
  EXPECT_TRUE(event.clamped);
  EXPECT_EQ(FormatRfc3339(event.occurred_at), "2026-03-01T00:00:01.000Z");

  const std::string far = With(kLogin, "2026-03-01T08:00:00+08:00", "9999-12-31T23:59:59Z");
  Record without_time = RecordOf(far);
  without_time.appended_at = {};
  ASSERT_EQ(Outcome(without_time), "");
  EXPECT_FALSE(event.clamped);

  DecodeLimits limits;
  limits.read_at = *ParseRfc3339("2026-11-28T00:00:00Z");
  decoder = EventDecoder(limits);
  ASSERT_EQ(Outcome(without_time), "");
  EXPECT_TRUE(event.clamped);
  EXPECT_EQ(event.occurred_at, limits.read_at);
}

TEST_F(EventDecoderTest, KeyIsTheAccountUnlessUnchecked) {
  Record record = RecordOf(kLogin);
  record.key = "a2";
  EXPECT_EQ(Outcome(record), "key_mismatch account_id");
  record.key = "";
  EXPECT_EQ(Outcome(record), "key_mismatch account_id");
  DecodeLimits limits;
  limits.check_key = false;
  decoder = EventDecoder(limits);
  EXPECT_EQ(Outcome(record), "");
}

TEST_F(EventDecoderTest, SizeLimitIsInclusive) {
  DecodeLimits limits;
  limits.bytes_max = kLogin.size();
  decoder = EventDecoder(limits);
  EXPECT_EQ(Outcome(kLogin), "");
  EXPECT_EQ(Outcome(std::string(kLogin) + " "), "too_large ");
}

TEST_F(EventDecoderTest, DepthLimitIsInclusiveAndHoldsInUnknownMembers) {
  const auto nested = [&](int levels) {
    const auto count = static_cast<size_t>(levels - 1);
    return Plus(kLogin, "\"x\":" + std::string(count, '[') + std::string(count, ']'));
  };
  EXPECT_EQ(Outcome(nested(16)), "");
  EXPECT_EQ(Outcome(nested(17)), "too_deep ");
  EXPECT_EQ(Outcome(Plus(kLogin, "\"x\":" + std::string(30000, '['))), "too_deep ");
}

TEST_F(EventDecoderTest, ManyUnknownMembersAreReadInLinearTime) {
  DecodeLimits limits;
  limits.bytes_max = 4 << 20;
  decoder = EventDecoder(limits);
  std::string many = "\"first\":1";
  for (int i = 0; i < 200000; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  EXPECT_EQ(Outcome(Plus(kLogin, many)), "");
  EXPECT_EQ(Outcome(Plus(kLogin, many + ",\"m77\":1")), "duplicate_member ");
  EXPECT_EQ(Outcome(Plus(kLogin, R"("m77":1)")), "");  // Nothing is left of the document before.
}

TEST_F(EventDecoderTest, RejectionNeverRepeatsAValue) {
  const auto decoded =
      decoder.Decode(RecordOf(Plus(kLogin, R"("alice@example.com":1,"alice@example.com":2)")), event);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().field.find("alice"), std::string::npos);
  EXPECT_EQ(decoded.error().detail.find("alice"), std::string::npos);
}

class RejectedTest : public EventDecoderTest, public testing::WithParamInterface<Rejected> {};

TEST_P(RejectedTest, WithStableCodeAndField) {
  EXPECT_EQ(Outcome(GetParam().value), GetParam().outcome);
  EXPECT_EQ(Outcome(kLogin), "");  // And the next event is read as if nothing had been.
}

std::string Tx(std::string_view from, std::string_view to) { return With(kTransaction, from, to); }
std::string Change(std::string_view members) {
  return R"({"type":"account_change","event_id":"e","account_id":"a1","occurred_at":100000000000,)" +
         std::string(members) + "}";
}
std::string Profile(std::string_view members) {
  return R"({"type":"account_profile","event_id":"e","account_id":"a1","occurred_at":100000000000,)" +
         std::string(members) + "}";
}
std::string FeedbackOf(std::string_view members) {
  return R"({"type":"feedback","event_id":"e","account_id":"a1","occurred_at":100000000000,"verdict":"me","by":"owner")" +
         std::string(members) + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Json, RejectedTest,
    testing::Values(
        Rejected{"Empty", "", "empty_record "}, Rejected{"White", " \n", "not_json "},
        Rejected{"Brace", "{", "not_json "}, Rejected{"Array", "[1]", "not_json "},
        Rejected{"Text", "\"{}\"", "not_json "}, Rejected{"Number", "1", "not_json "},
        Rejected{"Nothing", "null", "not_json "},
        Rejected{"Trailing", std::string(kLogin) + "{}", "not_json "},
        Rejected{"TrailingBrace", std::string(kLogin) + "}", "not_json "},
        Rejected{"Unfinished", std::string(kLogin.substr(0, kLogin.size() - 1)), "not_json "},
        Rejected{"UnclosedInner", Plus(kLogin, R"("device":{"id":"x")"), "not_json "},
        Rejected{"TrailingComma", With(kLogin, "\"}", "\",}"), "not_json "},
        Rejected{"CommaInArray", Plus(kLogin, "\"x\":[1,]"), "not_json "},
        Rejected{"NoColon", Plus(kLogin, "\"x\" 1"), "not_json "},
        Rejected{"TwoColons", Plus(kLogin, R"("x":"y":1)"), "not_json "},
        Rejected{"TwoValues", Plus(kLogin, R"("x":1 2)"), "not_json "},
        Rejected{"MixedBrackets", Plus(kLogin, R"("x":[1})"), "not_json "},
        Rejected{"BareWord", Plus(kLogin, R"("x":nul)"), "not_json "},
        Rejected{"NaN", Tx("\"12.34\"", "NaN"), "not_json amount"},
        Rejected{"Infinity", Tx("\"12.34\"", "-Infinity"), "not_json amount"},
        Rejected{"LeadingZero", Plus(kLogin, R"("x":01)"), "not_json "},
        Rejected{"LonePoint", Plus(kLogin, R"("x":1.)"), "not_json "},
        Rejected{"BadEscapeInUnknown", Plus(kLogin, R"("x":"\q")"), "not_json "},
        Rejected{"BadEscapeInName", Plus(kLogin, R"("\q":1)"), "not_json "},
        Rejected{"LineBreakInText", Plus(kLogin, "\"x\":\"a\nb\""), "not_json "},
        Rejected{"LoneSurrogate", Plus(kLogin, R"("session_id":"\ud800")"), "not_json session_id"},
        Rejected{"BadEscapeInAgent", Plus(kLogin, R"("user_agent":"\ud800\q")"), "not_json user_agent"},
        Rejected{"HalfEscapeInAgent", Plus(kLogin, R"("user_agent":"\ud80")"), "not_json user_agent"},
        Rejected{"LoneSurrogateInName", Plus(kLogin, R"("\ud800":1)"), "not_json "},
        Rejected{"InvalidUtf8", Plus(kLogin, "\"x\":\"\xff\""), "not_utf8 "},
        Rejected{"OverlongUtf8", Plus(kLogin, "\"x\":\"\xc0\xaf\""), "not_utf8 "},
        Rejected{"Duplicate", Plus(kLogin, R"("type":"login")"), "duplicate_member type"},
        Rejected{"DuplicateEscaped", Plus(kLogin, R"("t\u0079pe":"login")"), "duplicate_member type"},
        Rejected{"DuplicateNull", Plus(kLogin, R"("ip":null,"ip":null)"), "duplicate_member ip"},
        Rejected{"DuplicateUnknown", Plus(kLogin, R"("x":1,"x":1)"), "duplicate_member "},
        Rejected{"DuplicateUnknownEscaped", Plus(kLogin, R"("x":1,"\u0078":1)"), "duplicate_member "},
        Rejected{"DuplicateInside", Plus(kLogin, R"("device":{"id":"x","id":"x"})"),
                 "duplicate_member device.id"},
        Rejected{"DuplicateDeepUnknown", Plus(kLogin, R"("x":{"y":{"z":1,"z":2}})"), "duplicate_member "},
        Rejected{"DuplicateInElement",
                 Profile(R"("contacts":[{"channel":"sms","channel":"sms","address":"1"}])"),
                 "duplicate_member contacts"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Common, RejectedTest,
    testing::Values(
        Rejected{"NoType", With(kLogin, "\"type\"", "\"typ\""), "missing_member type"},
        Rejected{"TypeNumber", With(kLogin, "\"login\"", "1"), "wrong_type type"},
        Rejected{"TypeUnknown", With(kLogin, "\"login\"", "\"logout\""), "unknown_type type"},
        Rejected{"TypeOfCloudEvents", With(kLogin, "\"login\"", "\"tocsin.login.v1\""), "unknown_type type"},
        Rejected{"NoAccount", With(kLogin, "account_id", "account"), "missing_member account_id"},
        Rejected{"AccountNull", With(kLogin, "\"a1\"", "null"), "placeholder_id account_id"},
        Rejected{"AccountEmpty", With(kLogin, "\"a1\"", "\"\""), "placeholder_id account_id"},
        Rejected{"AccountUnknown", With(kLogin, "\"a1\"", "\" Unknown\""), "placeholder_id account_id"},
        Rejected{"AccountZero", With(kLogin, "a1", "00000000-0000-0000-0000-000000000000"),
                 "placeholder_id account_id"},
        Rejected{"AccountNumber", With(kLogin, "\"a1\"", "1"), "wrong_type account_id"},
        Rejected{"AccountLong", With(kLogin, "a1", std::string(129, 'x')), "out_of_range account_id"},
        Rejected{"AccountControl", With(kLogin, "a1", R"(a\u0000b)"), "out_of_range account_id"},
        Rejected{"EventIdDash", With(kLogin, "e1", "-"), "placeholder_id event_id"},
        Rejected{"NoTime", With(kLogin, "occurred_at", "time"), "missing_member occurred_at"},
        Rejected{"TimeWithoutOffset", With(kLogin, "+08:00", ""), "bad_time occurred_at"},
        Rejected{"TimeNoSuchDay", With(kLogin, "2026-03-01", "2026-02-29"), "bad_time occurred_at"},
        Rejected{"Year10000", With(kLogin, "2026", "10000"), "bad_time occurred_at"},
        Rejected{"TimeFraction", Tx("1772323200000", "1772323200000.5"), "bad_time occurred_at"},
        Rejected{"TimeInSeconds", Tx("1772323200000", "1772323200"), "bad_time occurred_at"},
        Rejected{"TimeJustInSeconds", Tx("1772323200000", "99999999999"), "bad_time occurred_at"},
        Rejected{"TimeYearAlone", Tx("1772323200000", "2026"), "bad_time occurred_at"},
        Rejected{"TimeNegative", Tx("1772323200000", "-1"), "bad_time occurred_at"},
        Rejected{"TimeTooLate", Tx("1772323200000", "253402300800000"), "bad_time occurred_at"},
        Rejected{"TimeHuge", Tx("1772323200000", "1e400"), "bad_time occurred_at"},
        Rejected{"TimeBool", Tx("1772323200000", "true"), "wrong_type occurred_at"},
        Rejected{"Channel", Plus(kLogin, R"("channel":"Web")"), "not_in_enum channel"},
        Rejected{"ChannelEmpty", Plus(kLogin, R"("channel":"")"), "not_in_enum channel"},
        Rejected{"NoOutcome", With(kLogin, "outcome", "result"), "missing_member outcome"},
        Rejected{"OutcomeNull", With(kLogin, "\"success\"", "null"), "missing_member outcome"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Payloads, RejectedTest,
    testing::Values(
        Rejected{"NoCurrency", Tx("\"currency\"", "\"c\""), "missing_member currency"},
        Rejected{"NoAmount", Tx("\"amount\"", "\"a\""), "missing_member amount"},
        Rejected{"Currency", Tx("CNY", "cny"), "bad_currency currency"},
        Rejected{"Decimals", Tx("12.34", "12.345"), "bad_amount amount"},
        Rejected{"YenHaveNoDecimals", With(Tx("CNY", "JPY"), "12.34", "12.3"), "bad_amount amount"},
        Rejected{"Negative", Tx("12.34", "-12.34"), "bad_amount amount"},
        Rejected{"NegativeNumber", Tx("\"12.34\"", "-0.01"), "bad_amount amount"},
        Rejected{"NegativeNothingInWords", Tx("12.34", "-0.00"), "bad_amount amount"},
        Rejected{"Words", Tx("12.34", "12,34"), "bad_amount amount"},
        Rejected{"TooMuch", Tx("12.34", "90071992547409.92"), "bad_amount amount"},
        Rejected{"Exponent", Tx("12.34", "1e999999999999"), "bad_amount amount"},
        Rejected{"AmountBool", Tx("\"12.34\"", "true"), "wrong_type amount"},
        Rejected{"Balance", Plus(kTransaction, R"("balance_after":"1.234")"), "bad_amount balance_after"},
        Rejected{"TransactionId", Tx("\"t1\"", "\"n/a\""), "placeholder_id transaction_id"},
        Rejected{"Country", Plus(kTransaction, R"("counterparty":{"country":"UK"})"),
                 "bad_country counterparty.country"},
        Rejected{"NoChange", Change(R"("x":1)"), "missing_member change"},
        Rejected{"ContactWithoutAddress",
                 Change(R"("change":"email_changed","previous_contact":{"channel":"email"})"),
                 "missing_member previous_contact.address"},
        Rejected{"PayeeWithoutId", Change(R"("change":"payee_added","payee":{})"), "missing_member payee.id"},
        Rejected{"PayeeEmpty", Change(R"("change":"payee_added","payee":{"id":""})"),
                 "out_of_range payee.id"},
        Rejected{"LimitWithoutCurrency",
                 Change(R"("change":"limit_changed","limit":{"name":"daily","value":5})"),
                 "missing_member limit.currency"},
        Rejected{"NoticeWithoutTravel", Change(R"("change":"travel_notice")"), "missing_member travel"},
        Rejected{
            "TravelNowhere",
            Change(
                R"("change":"travel_notice","travel":{"countries":[],"from":100000000000,"until":100000000001})"),
            "out_of_range travel.countries"},
        Rejected{
            "TravelToNull",
            Change(
                R"("change":"travel_notice","travel":{"countries":["FR",null],"from":100000000000,"until":100000000001})"),
            "wrong_type travel.countries[1]"},
        Rejected{
            "TravelBackwards",
            Change(
                R"("change":"travel_notice","travel":{"countries":["FR"],"from":100000000002,"until":100000000001})"),
            "out_of_range travel.until"},
        Rejected{"ContactNoObject", Profile(R"("contacts":[1])"), "wrong_type contacts[0]"},
        Rejected{"ContactChannel",
                 Profile(R"("contacts":[{"channel":"sms","address":"1"},{"channel":"fax","address":"1"}])"),
                 "not_in_enum contacts[1].channel"},
        Rejected{"ContactsNoArray", Profile(R"("contacts":{})"), "wrong_type contacts"},
        Rejected{"LimitMax", Profile(R"("limits":[{"name":"x","max":"1.001","currency":"EUR"}])"),
                 "bad_amount limits[0].max"},
        Rejected{"NoSubject", FeedbackOf(""), "missing_member case_id"},
        Rejected{"OwnerNamesAPayment", FeedbackOf(R"(,"transaction_id":"t")"), "missing_member case_id"},
        Rejected{"TwoSubjects", FeedbackOf(R"(,"case_id":"c","notice_id":"n")"),
                 "conflicting_members case_id"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(EventDecoderTest, ArraysAreBounded) {
  const auto contacts = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i)
      list += std::string(i == 0 ? "" : ",") + R"({"channel":"sms","address":"1"})";
    return Profile("\"contacts\":[" + list + "]");
  };
  EXPECT_EQ(Outcome(contacts(16)), "");
  EXPECT_EQ(event.profile()->contacts.size(), 16u);
  EXPECT_EQ(Outcome(contacts(17)), "out_of_range contacts");
  EXPECT_EQ(Outcome(contacts(1000)), "out_of_range contacts");
}

TEST_F(EventDecoderTest, LengthsCountCodePoints) {
  std::string id;
  for (int i = 0; i < 128; ++i) id += "账";
  Record record = RecordOf("");
  record.key = id;
  const std::string fits = With(kLogin, "a1", id);
  record.value = fits;
  EXPECT_EQ(Outcome(record), "");
}

// What programs write of a float that is nothing.
TEST_F(EventDecoderTest, MinusZeroIsZero) {
  ASSERT_EQ(Outcome(Tx("\"12.34\"", "-0.0")), "");
  EXPECT_EQ(event.transaction()->amount.minor, 0);
}

}  // namespace
}  // namespace tocsin::schemas

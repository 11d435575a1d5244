#include "schemas/encode.h"

#include <gtest/gtest.h>

#include <set>

#include "schemas/base64.h"
#include "schemas/dead_letter.h"
#include "schemas/enum_names.h"

namespace tocsin::schemas {
namespace {

template <class Output>
std::string Json(const Output& output) {
  std::string json;
  AppendJson(json, output);
  return json;
}

std::string HeaderOf(const OutRecord& record, std::string_view name) {
  for (const OutHeader& header : record.headers) {
    if (header.name == name) return header.value;
  }
  return "(none)";
}

Finding SampleFinding() {
  Finding finding;
  finding.finding_id = "f1";
  finding.detector = "impossible_travel";
  finding.severity = Severity::kHigh;
  finding.confidence = 90;
  finding.account_id = AccountId("a1");
  finding.occurred_at = FromMillis(1000);
  finding.detected_at = FromMillis(2000);
  finding.cause = {"e1", "e2"};
  finding.case_id = "c1";
  finding.risk = 1.0 / 3;
  finding.addends = {{"impossible_travel", 3.5}};
  finding.reasons = {{"impossible_travel", "Two places.", "Tokyo, JP", ""}};
  finding.evidence = {{"distance_km", 8918.5},
                      {"events", int64_t{2}},
                      {"place", std::string("a\"b")},
                      {"events", int64_t{9}}};
  finding.techniques = {{"attack", "T1078"}};
  finding.versions = {"0.1.0", "abc", ""};
  return finding;
}

TEST(EncodeTest, FindingHasTheMembersOfTheContractInTheirOrder) {
  EXPECT_EQ(
      Json(SampleFinding()),
      R"({"finding_id":"f1","detector":"impossible_travel","family":"location","severity":"high","confidence":90,)"
      R"("account_id":"a1","occurred_at":"1970-01-01T00:00:01.000Z","detected_at":"1970-01-01T00:00:02.000Z",)"
      R"("cause":["e1","e2"],"case_id":"c1","risk":0.333333,"addends":[{"detector":"impossible_travel","weight":3.5}],)"
      R"("reasons":[{"code":"impossible_travel","text":"Two places.","observed":"Tokyo, JP"}],)"
      R"("evidence":{"distance_km":8918.5,"events":2,"place":"a\"b"},"techniques":[{"framework":"attack","id":"T1078"}],)"
      R"("status":"new","mode":"live","versions":{"program":"0.1.0","config":"abc","geoip":""}})");
}

TEST(EncodeTest, RecordsAreCloudEventsKeyedByAccount) {
  Finding finding = SampleFinding();
  finding.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const OutRecord record = ToRecord(finding);
  EXPECT_EQ(record.key, "a1");
  EXPECT_EQ(HeaderOf(record, "ce_specversion"), "1.0");
  EXPECT_EQ(HeaderOf(record, "ce_id"), "f1");
  EXPECT_EQ(HeaderOf(record, "ce_source"), "tocsin");
  EXPECT_EQ(HeaderOf(record, "ce_type"), "tocsin.finding.v1");
  EXPECT_EQ(HeaderOf(record, "ce_time"), "1970-01-01T00:00:01.000Z");
  EXPECT_EQ(HeaderOf(record, "content-type"), "application/json");
  EXPECT_EQ(HeaderOf(record, "traceparent"), finding.traceparent);
  EXPECT_EQ(HeaderOf(ToRecord(SampleFinding()), "traceparent"), "(none)");
}

TEST(EncodeTest, DeadLetterKeepsBytesThatAreNotText) {
  const Header headers[] = {{"ce_id", "\xff"}};
  Record record;
  record.topic = "logins";
  record.partition = 3;
  record.offset = 42;
  record.appended_at = FromMillis(5);
  record.key = "\xfe";
  record.headers = headers;
  record.value = std::string_view("{\0\xff", 3);
  const DeadLetter letter = ToDeadLetter(record, {RejectionCode::kNotUtf8, "x", "not UTF-8"});
  EXPECT_EQ(
      Json(letter),
      R"({"topic":"logins","partition":3,"offset":42,"appended_at":"1970-01-01T00:00:00.005Z","reason":"not_utf8",)"
      R"("field":"x","detail":"not UTF-8","key_base64":"/g==","headers":[{"name":"ce_id","value":"/w=="}],"bytes":"ewD/"})");
  EXPECT_EQ(HeaderOf(ToRecord(letter), "ce_type"), "tocsin.dead_letter.v1");
  // The place alone is its identity: read again after a crash it is the same letter.
  EXPECT_EQ(DeadLetterId(letter), DeadLetterId(ToDeadLetter(record, {RejectionCode::kNotJson, "", ""})));
  record.offset = 43;
  EXPECT_NE(DeadLetterId(letter),
            DeadLetterId(ToDeadLetter(record, {RejectionCode::kNotUtf8, "x", "not UTF-8"})));
}

TEST(EncodeTest, DeadLetterOfAFileSaysNoTimeOfArrival) {
  const Record record{.topic = "file", .offset = 1, .value = "{"};
  const DeadLetter letter = ToDeadLetter(record, {RejectionCode::kNotJson, "", "x"});
  EXPECT_EQ(
      Json(letter),
      R"({"topic":"file","partition":0,"offset":1,"reason":"not_json","detail":"x","headers":[],"bytes":"ew=="})");
  EXPECT_EQ(HeaderOf(ToRecord(letter), "ce_time"), "(none)");
}

TEST(FindingIdTest, IsOfItsCausesInAnyOrderAndOfNothingElse) {
  const AccountId account("a1");
  const std::string id = FindingId("d", account, {"e1", "e2"}, "");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(FindingId("d", account, {"e2", "e1"}, ""), id);
  EXPECT_NE(FindingId("d", account, {"e1"}, "e2"), id);
  EXPECT_NE(FindingId("d", account, {"e1e2"}, ""), id);
  EXPECT_NE(FindingId("d", AccountId("a2"), {"e1", "e2"}, ""), id);
  EXPECT_NE(FindingId("e", account, {"e1", "e2"}, ""), id);
}

TEST(FindingIdTest, OfASubjectIsOfNoCause) {
  const AccountId account("a1");
  const std::string id = FindingId("d", account, {"e1"}, "", "DE");
  EXPECT_EQ(FindingId("d", account, {"e2"}, "", "DE"), id);
  EXPECT_NE(FindingId("d", account, {"e1"}, "", "FR"), id);
  EXPECT_NE(FindingId("d", account, {"e1"}, "DE"), id);
  EXPECT_NE(FindingId("d", AccountId("a2"), {"e1"}, "", "DE"), id);
}

TEST(Base64Test, EveryLengthThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64("foob"), "Zm9vYg==");
  for (const char* wrong : {"Z", "Zm9vYg=", "Zm9vYg==Zm9v", "Zm9vYh==", "Zm9v!A==", "===="}) {
    EXPECT_FALSE(FromBase64(wrong)) << wrong;
  }
}

// A name that two values share, or a value without one, would be lost on the way.
template <class E>
void ExpectDistinctNames(size_t count) {
  std::set<std::string_view> names;
  std::set<E> values;
  for (const auto& entry : EnumNames<E>()) {
    names.insert(entry.name);
    values.insert(entry.value);
    EXPECT_EQ(FromName<E>(entry.name), entry.value);
    EXPECT_EQ(Name(entry.value), entry.name);
  }
  EXPECT_EQ(names.size(), count);
  EXPECT_EQ(values.size(), count);
}

TEST(EnumNamesTest, EveryValueHasOneName) {
  ExpectDistinctNames<EventType>(5);
  ExpectDistinctNames<Channel>(6);
  ExpectDistinctNames<Platform>(7);
  ExpectDistinctNames<LoginOutcome>(2);
  ExpectDistinctNames<FailureReason>(9);
  ExpectDistinctNames<LoginMethod>(7);
  ExpectDistinctNames<Mfa>(7);
  ExpectDistinctNames<TransactionKind>(7);
  ExpectDistinctNames<Direction>(2);
  ExpectDistinctNames<TransactionStatus>(5);
  ExpectDistinctNames<DeclineReason>(5);
  ExpectDistinctNames<CounterpartyType>(6);
  ExpectDistinctNames<InstrumentType>(3);
  ExpectDistinctNames<ChangeKind>(23);
  ExpectDistinctNames<ContactChannel>(4);
  ExpectDistinctNames<AccountStatus>(3);
  ExpectDistinctNames<FeedbackVerdict>(4);
  ExpectDistinctNames<FeedbackBy>(3);
  ExpectDistinctNames<Severity>(5);
  ExpectDistinctNames<Family>(8);
  ExpectDistinctNames<FindingStatus>(3);
  ExpectDistinctNames<TicketOperation>(4);
  ExpectDistinctNames<Priority>(4);
  ExpectDistinctNames<ActionKind>(6);
  ExpectDistinctNames<NetworkClass>(8);
  ExpectDistinctNames<Anonymiser>(5);
  EXPECT_EQ(Name(Mfa::kNone), "");
  EXPECT_EQ(FromName<Mfa>("none"), Mfa::kNoFactor);
  EXPECT_FALSE(FromName<Mfa>(""));
}

}  // namespace
}  // namespace tocsin::schemas

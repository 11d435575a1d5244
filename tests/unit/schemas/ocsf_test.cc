// A finding as OCSF's Detection Finding: by OCSF's own definition, and back again.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <limits>
#include <string>

#include "schemas/encode.h"
#include "schemas/encode_ocsf.h"
#include "schemas/enum_names.h"
#include "schemas/event.h"
#include "schemas/finding_reader.h"
#include "schemas/ocsf_reader.h"
#include "tests/support/ocsf_class.h"

namespace tocsin::schemas {
namespace {

Finding SampleFinding() {
  Finding finding;
  finding.finding_id = "6f1e2d3c4b5a69788796a5b4c3d2e1f0";
  finding.detector = "guessed_in";
  finding.family = Family::kCredential;
  finding.severity = Severity::kHigh;
  finding.confidence = 90;
  finding.account_id = AccountId("acct-1");
  finding.tenant = "acme";
  finding.occurred_at = FromMillis(1'772'323'200'123);
  finding.detected_at = FromMillis(1'772'323'200'456);
  finding.cause = {"e1", "e2"};
  finding.case_id = "c1";
  finding.risk = 1.0 / 3;
  finding.addends = {{"guessed_in", 3.5}, {"new_country", -0.25}};
  finding.reasons = {{"guessed_in", "Guessed, then in.", "3 failures", ""},
                     {"new_country", "A new country.", "JP", "DE"}};
  finding.evidence = {
      {"failures", int64_t{3}}, {"share", 0.5}, {"source", std::string("a\"b\\ü")}, {"failures", int64_t{9}}};
  finding.techniques = {{"attack", "T1110.001"}, {"f3", "F1006"}, {"attack", "T1078"}};
  finding.versions = {"0.1.0", "9f3a", ""};
  return finding;
}

Event SampleEvent() {
  Event event;
  event.event_id = EventId("e2");
  event.source = "idp";
  event.account_id = AccountId("acct-1");
  event.session_id = "s1";
  event.ip = IpAddress::Parse("2001:db8::7");
  event.user_agent = "Mozilla/5.0 <script>";
  event.device = {.id = "d1", .platform = Platform::kIos, .os_version = "17.4.1", .present = true};
  event.facts.place = {.missing = Missing::kNo, .country = "JP", .region = "Tokyo", .city = "Tokyo"};
  event.facts.network = {.missing = Missing::kNo, .asn = 64500, .organization = "Example Net"};
  event.facts.device = {.missing = Missing::kNo, .id = "d1", .platform = "ios", .os_family = "iOS"};
  return event;
}

std::string Ocsf(const Finding& finding, const Event* event = nullptr) {
  std::string json;
  AppendOcsf(json, finding, {.title = "Guessed in", .event = event});
  return json;
}

std::string Own(const Finding& finding) {
  std::string json;
  AppendJson(json, finding);
  return json;
}

// What stands at a JSON pointer; "(none)" when nothing does.
std::string At(const std::string& json, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element found;
  if (parser.parse(json).at_pointer(pointer).get(found) != simdjson::SUCCESS) return "(none)";
  return simdjson::minify(found);
}

void ExpectBothWays(const Finding& finding, const Event* event) {
  const std::string json = Ocsf(finding, event);
  test::ExpectOcsf(json);
  const Result<std::string> back = ReadOcsf(json);
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(*back, Own(finding));
}

TEST(OcsfTest, EveryValueOfOurEnumsIsOneOfOcsf) {
  const Event event = SampleEvent();
  for (const auto& severity : EnumNames<Severity>()) {
    for (const auto& status : EnumNames<FindingStatus>()) {
      for (const auto& mode : EnumNames<Mode>()) {
        for (const auto& family : EnumNames<Family>()) {
          Finding finding = SampleFinding();
          finding.severity = severity.value;
          finding.status = status.value;
          finding.mode = mode.value;
          finding.family = family.value;
          ExpectBothWays(finding, &event);
        }
      }
    }
  }
}

TEST(OcsfTest, LeastAndMostOfANumber) {
  for (const int confidence : {0, 33, 34, 66, 67, 100}) {
    for (const double risk : {0.0, 0.004999, 0.1, 0.4, 0.8, 1.0}) {
      Finding finding = SampleFinding();
      finding.confidence = confidence;
      finding.risk = risk;
      finding.evidence = {{"least", std::numeric_limits<int64_t>::min()},
                          {"most", std::numeric_limits<int64_t>::max()},
                          {"zero", -0.0},
                          {"whole", 3.0},
                          {"tiny", 5e-324},
                          {"huge", 1.7976931348623157e308},
                          {"none", std::numeric_limits<double>::quiet_NaN()}};
      ExpectBothWays(finding, nullptr);
    }
  }
}

TEST(OcsfTest, WhatMayBeAbsent) {
  Finding finding = SampleFinding();
  finding.tenant.clear();
  finding.case_id.clear();
  finding.cause.clear();
  finding.addends.clear();
  finding.reasons.clear();
  finding.evidence.clear();
  finding.techniques.clear();
  finding.versions = {};
  ExpectBothWays(finding, nullptr);
  for (const char* gone : {"/message", "/anomaly_analyses", "/finding_info/desc", "/finding_info/attacks",
                           "/metadata/tenant_uid", "/metadata/correlation_uid"}) {
    EXPECT_EQ(At(Ocsf(finding), gone), "(none)") << gone;
  }
}

TEST(OcsfTest, TheEventIsEvidenceUnlessItDisproves) {
  Event event = SampleEvent();
  event.event_id = EventId("e9");  // A finding is named after its beginning: this is not among its causes.
  const std::string found = Ocsf(SampleFinding(), &event);
  EXPECT_EQ(At(found, "/evidences/0/uid"), R"("e9")");
  EXPECT_EQ(At(found, "/evidences/0/src_endpoint"),
            R"({"ip":"2001:db8::7","location":{"country":"JP","city":"Tokyo","desc":"Tokyo"},)"
            R"("autonomous_system":{"number":64500,"name":"Example Net"}})");
  EXPECT_EQ(At(found, "/evidences/0/device"), R"({"uid":"d1","ip":"2001:db8::7","type_id":5,"type":"Mobile",)"
                                              R"("os":{"name":"iOS","type_id":301,"version":"17.4.1"}})");
  EXPECT_EQ(At(found, "/observables/2/value"), R"("2001:db8::7")");

  Finding finding = SampleFinding();
  finding.status = FindingStatus::kSuperseded;
  const std::string disproved = Ocsf(finding, &event);
  test::ExpectOcsf(disproved);
  EXPECT_EQ(disproved.find("2001:db8"), std::string::npos);
  EXPECT_EQ(At(disproved, "/evidences/0"), R"({"data":{"failures":3,"share":0.5,"source":"a\"b\\ü"}})");
}

TEST(OcsfTest, ADeviceNeedsSomethingToKnowItBy) {
  Event event = SampleEvent();
  event.device = {};
  event.facts.device.id.clear();
  ExpectBothWays(SampleFinding(), &event);
  EXPECT_EQ(At(Ocsf(SampleFinding(), &event), "/evidences/0/device/ip"), R"("2001:db8::7")");
  event.ip.reset();
  ExpectBothWays(SampleFinding(), &event);
  EXPECT_EQ(At(Ocsf(SampleFinding(), &event), "/evidences/0/device"), "(none)");
}

TEST(OcsfTest, EveryRecordHasAnIdOfItsOwn) {
  Event first = SampleEvent();
  Event second = SampleEvent();
  second.event_id = EventId("e3");
  const std::string created = Ocsf(SampleFinding(), &first);
  const std::string updated = Ocsf(SampleFinding(), &second);
  EXPECT_EQ(At(created, "/finding_info/uid"), At(updated, "/finding_info/uid"));
  EXPECT_NE(At(created, "/metadata/uid"), At(updated, "/metadata/uid"));
  EXPECT_EQ(At(created, "/metadata/uid"), At(Ocsf(SampleFinding(), &first), "/metadata/uid"));
}

TEST(OcsfTest, AnAlertIsWhatSomebodyShouldLookAt) {
  Finding finding = SampleFinding();
  EXPECT_EQ(At(Ocsf(finding), "/is_alert"), "true");
  finding.severity = Severity::kLow;
  EXPECT_EQ(At(Ocsf(finding), "/is_alert"), "false");
  finding = SampleFinding();
  finding.mode = Mode::kShadow;
  EXPECT_EQ(At(Ocsf(finding), "/is_alert"), "false");
  finding = SampleFinding();
  finding.status = FindingStatus::kSuperseded;
  EXPECT_EQ(At(Ocsf(finding), "/is_alert"), "false");
}

TEST(OcsfTest, TechniquesOfAttackAreTakenApart) {
  EXPECT_EQ(At(Ocsf(SampleFinding()), "/finding_info/attacks"),
            R"([{"tactic":{"uid":"TA0006","name":"Credential Access"},)"
            R"("technique":{"uid":"T1110","name":"Brute Force"},)"
            R"("sub_technique":{"uid":"T1110.001","name":"Password Guessing"},"version":"17.1"},)"
            R"({"technique":{"uid":"T1078","name":"Valid Accounts"},"version":"17.1"}])");
}

TEST(OcsfTest, TheRecordIsACloudEventOfAnotherType) {
  Finding finding = SampleFinding();
  finding.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const OutRecord own = ToRecord(finding);
  const OutRecord record = ToOcsfRecord(finding, {.title = "Guessed in"});
  EXPECT_FALSE(IsOcsf(own));
  EXPECT_TRUE(IsOcsf(record));
  EXPECT_EQ(record.kind, OutputKind::kFinding);
  EXPECT_EQ(record.key, own.key);
  for (const OutHeader& header : record.headers) {
    if (header.name == "ce_type") {
      EXPECT_EQ(header.value, "tocsin.ocsf_finding.v1");
    } else if (header.name == "ce_dataschema") {
      EXPECT_EQ(header.value, "https://schema.ocsf.io/1.8.0/classes/detection_finding");
    } else {
      const auto same = [&](const OutHeader& other) {
        return other.name == header.name && other.value == header.value;
      };
      EXPECT_TRUE(std::ranges::any_of(own.headers, same)) << header.name;
    }
  }
  EXPECT_EQ(record.headers.size(), own.headers.size() + 1);
}

TEST(OcsfReaderTest, WhoReadsFindingsReadsBothForms) {
  const auto own = ReadFinding(Own(SampleFinding()));
  const auto ocsf = ReadFinding(Ocsf(SampleFinding()));
  ASSERT_TRUE(own);
  ASSERT_TRUE(ocsf) << ocsf.error().ToString();
  EXPECT_EQ(ocsf->finding_id, own->finding_id);
  EXPECT_EQ(ocsf->occurred_at, own->occurred_at);
  EXPECT_EQ(ocsf->reasons.size(), own->reasons.size());
  EXPECT_FALSE(LooksLikeOcsf(Own(SampleFinding())));
}

TEST(OcsfReaderTest, WhatIsMissingIsNamed) {
  const std::string whole = Ocsf(SampleFinding());
  const auto without = [&](const std::string& what, const std::string& instead) {
    std::string json = whole;
    const size_t at = json.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    json.replace(at, what.size(), instead);
    const Result<std::string> read = ReadOcsf(json);
    return read ? "(read)" : read.error().field;
  };
  EXPECT_EQ(without(R"("class_uid":2004)", R"("class_uid":2001)"), "/class_uid");
  EXPECT_EQ(without(R"("name":"Tocsin")", R"("name":"another")"), "/metadata/product/name");
  EXPECT_EQ(without(R"("severity_id":4)", R"("severity_id":6)"), "/severity_id");
  EXPECT_EQ(without(R"("end_time")", R"("x")"), "/end_time");
  EXPECT_EQ(without(R"("data")", R"("x")"), "/evidences/0/data");
  EXPECT_EQ(without(R"("related_events":[{"uid")", R"("related_events":[{"x")"),
            "/finding_info/related_events");
  EXPECT_FALSE(ReadOcsf("").ok());
  EXPECT_FALSE(ReadOcsf("[]").ok());
  EXPECT_FALSE(ReadOcsf(whole.substr(0, whole.size() / 2)).ok());
}

}  // namespace
}  // namespace tocsin::schemas

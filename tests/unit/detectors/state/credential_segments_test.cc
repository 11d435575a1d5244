#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::ExpectGolden;
using test::ExpectRoundTrip;
using test::ExpectStrict;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z
constexpr char kUuid[] = "0b6f7c1e-9d2a-4c3b-8e5f-112233445566";

AccountState WithProfile() {
  AccountState state;
  Profile& profile = state.MutableProfile();
  profile.first_seen = kNoon - 24h;
  profile.updated_at = kNoon;
  profile.owner.display_name = "Li Lei";
  profile.owner.contacts = {{.channel = schemas::ContactChannel::kEmail,
                             .address = "li@example.com",
                             .verified = true,
                             .primary = true},
                            {.channel = schemas::ContactChannel::kSms, .address = "+8613800000000"}};
  profile.owner.locale = "zh-CN";
  profile.owner.timezone = "Asia/Shanghai";
  profile.owner.country = "CN";
  profile.owner.tier = "basic";
  profile.owner.opened_at = kNoon - 1000h;
  profile.owner.status = schemas::AccountStatus::kActive;
  profile.owner.limits = {
      {.name = "daily-out", .max = {.minor = 20'000'000, .currency = *Currency::Find("CNY")}}};
  profile.before = {{.owner = {.timezone = "Europe/Berlin", .tier = "lead"}, .updated_at = kNoon - 20h}};
  return state;
}

AccountState WithSignIns() {
  AccountState state;
  SignIns& sign_ins = state.MutableSignIns();
  sign_ins.successes = 7;
  sign_ins.first_success = kNoon - 240h;
  sign_ins.last_success = kNoon;
  sign_ins.InsertRecent({.at = kNoon - 3h,
                         .event_id = "e-1",
                         .address_hash = 0x55667788,
                         .without_factor = true,
                         .waits = true},
                        kNoon);
  sign_ins.InsertRecent({.at = kNoon,
                         .event_id = kUuid,
                         .address_hash = 1,
                         .device_id_hash = 2,
                         .strange_device = true,
                         .trust_percent = 87},
                        kNoon);
  return state;
}

AccountState WithSecurityLog() {
  AccountState state;
  SecurityLog& log = state.MutableSecurityLog();
  log.Insert({.at = kNoon,
              .event_id = kUuid,
              .kind = SecurityEventKind::kPayeeAdded,
              .strange_device = true,
              .strange_place = true},
             kNoon);
  log.Insert({.at = kNoon - 3h, .event_id = "e-1", .kind = SecurityEventKind::kPromptDenied, .trusted = true},
             kNoon);
  return state;
}

AccountState WithFailures() {
  AccountState state;
  Failures& failures = state.MutableFailures();
  failures.Insert({.at = kNoon,
                   .event_id = kUuid,
                   .address_hash = 0x99,
                   .asn = 4134,
                   .country = "CN",
                   .device_id_hash = 5,
                   .reason = schemas::FailureReason::kBadCredentials},
                  kNoon);
  failures.Insert({.at = kNoon - 1min, .event_id = "f-1"}, kNoon);
  failures.attempts.front().folded = 300;
  failures.attempts.front().folded_until = kNoon - 30s;
  return state;
}

AccountState WithSecurity() {
  AccountState state;
  Security& security = state.MutableSecurity();
  security.InsertStage({.stage = Stage::kNewDevice, .at = kNoon - 2h, .event_id = kUuid}, kNoon);
  security.InsertStage({.stage = Stage::kGuessedIn, .at = kNoon, .event_id = "g-1"}, kNoon);
  security.InsertTravel({.countries = {"JP", "KR"}, .from = kNoon, .until = kNoon + 100h}, kNoon);
  security.InsertPreviousContact(
      {.channel = schemas::ContactChannel::kEmail, .address = "old@example.com", .verified = true}, kNoon,
      kNoon);
  return state;
}

AccountState WithRecentEvents() {
  AccountState state;
  state.MutableRecentEvents().Insert(kNoon, 0xaabbccddeeff, CausedBy::kSignedIn);
  state.MutableRecentEvents().Insert(kNoon - 1s, 3, CausedBy::kAnybody);
  return state;
}

struct Held {
  std::string name;
  Segment segment;
  AccountState (*make)();
  std::string golden;
};

class CredentialSegmentsTest : public testing::TestWithParam<Held> {};

TEST_P(CredentialSegmentsTest, IsReadBack) { ExpectRoundTrip(GetParam().make(), GetParam().segment); }
TEST_P(CredentialSegmentsTest, BytesStayWhatTheyAre) {
  ExpectGolden(GetParam().make(), GetParam().segment, GetParam().golden);
}
TEST_P(CredentialSegmentsTest, RefusesWhatItDidNotWrite) {
  ExpectStrict(GetParam().make(), GetParam().segment);
}
TEST_P(CredentialSegmentsTest, EmptyIsNothing) {
  const AccountState empty;
  EXPECT_EQ(test::Encoded(empty, GetParam().segment), "");
  AccountState state = GetParam().make();
  ASSERT_TRUE(state.DecodeSegment(GetParam().segment, "").ok());
  EXPECT_EQ(state, empty);
}
TEST_P(CredentialSegmentsTest, SizeIsThatOfTheHeap) {
  const AccountState empty;
  EXPECT_GT(GetParam().make().ByteSize(), empty.ByteSize());
}

INSTANTIATE_TEST_SUITE_P(
    Segments, CredentialSegmentsTest,
    testing::Values(
        Held{"Profile", Segment::kProfile, WithProfile,
             "0380dcfaa0ca33809494caca3300064c69204c6569057a682d434e0d417369612f5368616e6768616902434e05"
             "6261736963010180ccc595bd330201030e6c69406578616d706c652e636f6d02000e2b383631333830303030"
             "3030303001096461696c792d6f757480b48913d91b"
             "0180d0e9a7ca3300000d4575726f70652f4265726c696e00046c65616400"
             "000000"},
        Held{"SignIns", Segment::kSignIns, WithSignIns,
             "050780e495aec73380b0fe9b030280fd80c5ca3304652d312a887766550080979305000b6f7c1e9d"
             "2a4c3b8e5f11223344556607010000000200000057"},
        Held{"Failures", Segment::kFailures, WithFailures,
             "0202a0bf90caca3304662d3104000000ac02b0ea01e0d403000b6f7c1e9d2a4c3b8e5f1122334455"
             "66039900000005000000a62002434e01"},
        Held{"Security", Segment::kSecurity, WithSecurity,
             "030280dadcc6ca3301000b6f7c1e9d2a4c3b8e5f11223344556680bab7030a04672d3101809494caca3380e8"
             "e8f5cb3302024a50024b5201809494caca3301010f6f6c64406578616d706c652e636f6d"},
        Held{"SecurityLog", Segment::kSecurityLog, WithSecurityLog,
             "010280fd80c5ca3304652d318180979305000b6f7c1e9d2a4c3b8e5f1122334455666d"},
        Held{"RecentEvents", Segment::kRecentEvents, WithRecentEvents,
             "03809494caca330200ffeeddccbbaa02e807030000000000"}),
    [](const auto& tested) { return tested.param.name; });

// What earlier versions wrote of the same.
TEST(AccountStateTest, EarlierVersionsAreRead) {
  AccountState profile = WithProfile();
  profile.MutableProfile().before.clear();
  AccountState sign_ins = WithSignIns();
  for (RecentSuccess& success : sign_ins.MutableSignIns().recent) success.waits = false;
  AccountState read;
  ASSERT_TRUE(
      read.DecodeSegment(Segment::kProfile,
                         test::FromHexText("0180dcfaa0ca33809494caca33064c69204c6569057a682d434e0d417369"
                                           "612f5368616e6768616902434e0562617369630101"
                                           "80ccc595bd330201030e6c69406578616d706c652e636f6d02000e2b38"
                                           "36313338303030303030303001096461696c792d6f757480b48913d91b"))
          .ok());
  EXPECT_EQ(read.profile(), profile.profile());
  const std::string signs = test::FromHexText(
      "0780e495aec73380b0fe9b030280fd80c5ca3304652d310a8877665500809793"
      "05000b6f7c1e9d2a4c3b8e5f11223344556607010000000200000057");
  for (const char version : {'\3', '\4'})
    EXPECT_TRUE(read.DecodeSegment(Segment::kSignIns, version + signs).ok() &&
                read.sign_ins() == sign_ins.sign_ins());
}

TEST(AccountStateTest, ChangedSegmentsAreKnown) {
  AccountState state;
  EXPECT_EQ(state.changed(), 0U);
  state.MutableFailures();
  state.MutableSecurity();
  EXPECT_EQ(state.changed(), (1U << 6) | (1U << 8));
  state.ClearChanged();
  EXPECT_EQ(state.changed(), 0U);
}

TEST(AccountStateTest, RefusesANumberThatNamesNoSegment) {
  AccountState state;
  EXPECT_FALSE(state.DecodeSegment(static_cast<Segment>(200), "x").ok());
}

// What a version that is no longer read had written is told from damage, and says what to do.
TEST(AccountStateTest, OtherVersionsAreRefusedByName) {
  const auto detail_of = [](char version) {
    std::string bytes = test::Encoded(WithSignIns(), Segment::kSignIns);
    bytes[0] = version;
    AccountState read;
    const auto decoded = read.DecodeSegment(Segment::kSignIns, bytes);
    EXPECT_EQ(read == AccountState{}, !decoded.ok());
    return decoded.ok() ? std::string() : decoded.error().detail;
  };
  EXPECT_EQ(detail_of(SignIns::kVersion), "");
  EXPECT_THAT(detail_of(SignIns::kVersionMin - 1), testing::HasSubstr("earlier version of Tocsin"));
  EXPECT_THAT(detail_of(SignIns::kVersion + 1), testing::HasSubstr("later version of Tocsin"));
  EXPECT_THAT(detail_of(0), testing::HasSubstr("not what this"));
}

TEST(SecurityLogTest, AFloodOfOneKindPushesOutNeitherItsBeginningNorTheOthers) {
  SecurityLog log;
  log.Insert({.at = kNoon, .event_id = "off", .kind = SecurityEventKind::kFactorsOff}, kNoon);
  for (int i = 1; i <= 2'000; ++i) {
    const Timestamp at = kNoon + std::chrono::seconds(30 * i);
    log.Insert({.at = at, .event_id = std::to_string(i), .kind = SecurityEventKind::kPromptDenied}, at);
    ASSERT_LE(log.events.size(), SecurityLog::kEventsMax);
  }
  EXPECT_EQ(log.events[0].event_id, "off");
  EXPECT_EQ(log.events[1].event_id, "1");
  EXPECT_EQ(log.events.back().event_id, "2000");
  // Thinned, not cut: the flood has no gap of an hour.
  for (size_t i = 2; i < log.events.size(); ++i)
    EXPECT_LT(log.events[i].at - log.events[i - 1].at, Millis(1h)) << i;
}

TEST(SecurityLogTest, ForgetsAfterFiveDays) {
  SecurityLog log;
  log.Insert({.at = kNoon, .event_id = "off", .kind = SecurityEventKind::kFactorsOff}, kNoon);
  log.Prune(kNoon + SecurityLog::kKept);
  EXPECT_EQ(log.events.size(), 1U);
  log.Prune(kNoon + SecurityLog::kKept + 1ms);
  EXPECT_TRUE(log.empty());
  log.Insert({.at = kNoon, .event_id = "late", .kind = SecurityEventKind::kFactorsOff}, kNoon + 200h);
  EXPECT_TRUE(log.empty());
}

TEST(SignInsTest, KeepsTheNewestInOrder) {
  SignIns sign_ins;
  for (int i = 0; i < 100; ++i) {
    sign_ins.InsertRecent({.at = kNoon + std::chrono::seconds(i), .event_id = "e" + std::to_string(i)},
                          kNoon + std::chrono::seconds(i));
  }
  ASSERT_EQ(sign_ins.recent.size(), SignIns::kRecentMax);
  EXPECT_EQ(sign_ins.recent.front().event_id, "e68");
  EXPECT_EQ(sign_ins.recent.back().event_id, "e99");
  sign_ins.InsertRecent({.at = kNoon + 90500ms, .event_id = "late"}, kNoon + 99s);
  EXPECT_EQ(sign_ins.recent[22].event_id, "late");
  sign_ins.InsertRecent({.at = kNoon, .event_id = "older than all that fit"}, kNoon + 99s);
  EXPECT_EQ(sign_ins.recent.front().event_id, "e69");
}

TEST(SignInsTest, ForgetsAfterTwelveHours) {
  SignIns sign_ins;
  sign_ins.InsertRecent({.at = kNoon, .event_id = "a"}, kNoon);
  sign_ins.InsertRecent({.at = kNoon + 1h, .event_id = "b"}, kNoon + 1h);
  sign_ins.InsertRecent({.at = kNoon + 12h, .event_id = "c"}, kNoon + 12h);
  EXPECT_EQ(sign_ins.recent.size(), 3U);  // Exactly at the edge.
  sign_ins.InsertRecent({.at = kNoon + 13h + 1ms, .event_id = "d"}, kNoon + 13h + 1ms);
  ASSERT_EQ(sign_ins.recent.size(), 2U);
  EXPECT_EQ(sign_ins.recent.front().event_id, "c");
  sign_ins.InsertRecent({.at = kNoon, .event_id = "late"}, kNoon + 13h + 1ms);
  EXPECT_EQ(sign_ins.recent.size(), 2U);
}

TEST(FailuresTest, AHundredThousandStayBoundedAndKeepTheirBeginning) {
  AccountState state;
  Failures& failures = state.MutableFailures();
  for (int i = 0; i < 100'000; ++i) {
    const Timestamp at = kNoon + std::chrono::seconds(i * 5);  // Nearly six days without a pause.
    failures.Insert(
        {.at = at, .event_id = "f" + std::to_string(i), .address_hash = static_cast<uint32_t>(i + 1)}, at);
    ASSERT_LE(failures.attempts.size(), Failures::kAttemptsMax);
  }
  EXPECT_EQ(failures.attempts.front().event_id, "f0");
  EXPECT_EQ(failures.attempts.back().event_id, "f99999");
  EXPECT_EQ(failures.attempts.size() + failures.attempts.front().folded, 100'000U);
  EXPECT_LT(state.ByteSize(), 40'000U);
  EXPECT_LT(test::Encoded(state, Segment::kFailures).size(), 4'000U);
  ExpectRoundTrip(state, Segment::kFailures);
}

TEST(FailuresTest, ARunIsGivenUpAsAWhole) {
  Failures failures;
  failures.Insert({.at = kNoon, .event_id = "a"}, kNoon);
  failures.Insert({.at = kNoon + 1h, .event_id = "b"},
                  kNoon + 1h);  // A gap of exactly an hour: the same run.
  failures.Insert({.at = kNoon + 2h + 1ms, .event_id = "c"}, kNoon + 3h);  // A millisecond more: another one.
  const Timestamp edge = kNoon + 1h + Failures::kKept;
  EXPECT_FALSE(failures.CanPrune(kNoon + Failures::kKept));
  failures.Prune(edge);
  EXPECT_EQ(failures.attempts.size(), 3U);  // The run's last one is exactly as old as what is kept.
  failures.Prune(edge + 1ms);
  ASSERT_EQ(failures.attempts.size(), 1U);
  EXPECT_EQ(failures.attempts.front().event_id, "c");
}

TEST(FailuresTest, ALongRunKeepsItsFirstAndFoldsItsOldOnes) {
  Failures failures;
  for (int i = 0; i < 100; ++i) {
    const Timestamp at = kNoon + std::chrono::hours(i);
    failures.Insert({.at = at, .event_id = "f" + std::to_string(i)}, at);
  }
  EXPECT_EQ(failures.attempts.front().event_id, "f0");
  EXPECT_EQ(failures.attempts.front().folded, 22U);  // f1 … f22 are older than 76 h before f99.
  EXPECT_EQ(failures.attempts.front().folded_until, kNoon + 22h);
  EXPECT_EQ(failures.attempts[1].event_id, "f23");
}

TEST(FailuresTest, TheOrderOfArrivalDoesNotMatter) {
  Failures forwards;
  Failures backwards;
  for (int i = 0; i < 50; ++i)
    forwards.Insert({.at = kNoon + std::chrono::minutes(i / 2), .event_id = std::to_string(i)}, kNoon + 1h);
  for (int i = 49; i >= 0; --i)
    backwards.Insert({.at = kNoon + std::chrono::minutes(i / 2), .event_id = std::to_string(i)}, kNoon + 1h);
  EXPECT_EQ(forwards, backwards);
}

TEST(SecurityTest, OfThreeStepsOfAKindWithinAnHourTheMiddleGoes) {
  Security security;
  for (const int minute : {0, 60, 30, 10, 130}) {
    security.InsertStage({.stage = Stage::kPayeeAdded,
                          .at = kNoon + std::chrono::minutes(minute),
                          .event_id = std::to_string(minute)},
                         kNoon + 200min);
  }
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon + 40min, .event_id = "mfa"}, kNoon + 200min);
  std::string kept;
  for (const StageSeen& seen : security.stages) kept += seen.event_id.str() + " ";
  EXPECT_EQ(kept, "0 mfa 60 130 ");
}

TEST(SecurityTest, AFloodOfOneStepDoesNotPushOutTheOthers) {
  Security security;
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon, .event_id = "mfa"}, kNoon);
  for (int i = 0; i < 10'000; ++i) {
    const Timestamp at = kNoon + std::chrono::minutes(i);
    security.InsertStage({.stage = Stage::kPayeeAdded, .at = at, .event_id = std::to_string(i)}, at);
    ASSERT_LE(security.stages.size(), Security::kStagesMax);
  }
  EXPECT_EQ(
      std::count(security.stages.begin(), security.stages.end(), StageSeen{Stage::kMfaOff, kNoon, "mfa"}), 1);
  EXPECT_EQ(security.stages.front().event_id, "0");
  EXPECT_EQ(security.stages.back().event_id, "9999");
}

TEST(SecurityTest, ForgetsStepsAfterNineDays) {
  Security security;
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon, .event_id = "a"}, kNoon);
  security.Prune(kNoon + Security::kStagesKept);
  EXPECT_EQ(security.stages.size(), 1U);
  security.Prune(kNoon + Security::kStagesKept + 1ms);
  EXPECT_TRUE(security.empty());
}

TEST(SecurityTest, StepsThatFollowEachOtherAreForgottenTogether) {
  Security security;
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon, .event_id = "a"}, kNoon);
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon + 72h, .event_id = "b"}, kNoon + 72h);
  security.InsertStage({.stage = Stage::kMfaOff, .at = kNoon + 144h + 1ms, .event_id = "c"},
                       kNoon + 144h + 1ms);
  security.Prune(kNoon + 72h + Security::kStagesKept);
  EXPECT_EQ(security.stages.size(), 3U);
  security.Prune(kNoon + 72h + Security::kStagesKept + 1ms);
  EXPECT_EQ(security.stages.size(), 1U);
}

TEST(SecurityTest, OfStepsThatNeverEndTheOldGoTogether) {
  Security security;
  size_t times = 0;
  for (int i = 0; i < 200; ++i) {
    const Timestamp at = kNoon + i * 8h;
    const size_t before = security.stages.size();
    security.InsertStage({.stage = Stage::kPayeeAdded, .at = at, .event_id = std::to_string(i)}, at);
    ASSERT_LE(security.stages.size(), Security::kStagesMax);
    EXPECT_EQ(security.stages.back().at, at);
    if (security.stages.size() < before) ++times;
  }
  EXPECT_EQ(times, 6U) << "each time all that is older than six days";
}

TEST(SecurityTest, StepsOfTheFirstVersionAreTakenOnTheOwnersDevice) {
  AccountState state;
  state.MutableSecurity().InsertStage(
      {.stage = Stage::kMfaOff, .at = kNoon, .event_id = "a", .own_device = true}, kNoon);
  AccountState unknown;
  unknown.MutableSecurity().InsertStage({.stage = Stage::kMfaOff, .at = kNoon, .event_id = "a"}, kNoon);
  std::string bytes = test::Encoded(unknown, Segment::kSecurity);
  ASSERT_EQ(bytes.front(), 3);
  bytes.front() = 1;
  AccountState read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kSecurity, bytes).ok());
  EXPECT_EQ(read.security(), state.security());
  std::string own = test::Encoded(state, Segment::kSecurity);
  ASSERT_TRUE(read.DecodeSegment(Segment::kSecurity, own).ok());
  EXPECT_EQ(read.security(), state.security());
  own.front() = 1;
  EXPECT_FALSE(read.DecodeSegment(Segment::kSecurity, own).ok());
}

TEST(SecurityTest, TheOwnersContactCannotBePushedOut) {
  Security security;
  const auto contact = [](const std::string& address) {
    return schemas::Contact{.channel = schemas::ContactChannel::kEmail, .address = address};
  };
  security.InsertPreviousContact(contact("owner@example.com"), kNoon, kNoon);
  for (int i = 0; i < 100; ++i) {
    const Timestamp at = kNoon + std::chrono::minutes(i + 1);
    security.InsertPreviousContact(contact("thief" + std::to_string(i) + "@example.com"), at, at);
  }
  const std::vector<schemas::Contact> contacts = security.PreviousContacts(kNoon + 24h);
  ASSERT_EQ(contacts.size(), Security::kPreviousContactsMax);
  EXPECT_EQ(contacts.back().address, "owner@example.com");
  EXPECT_EQ(contacts.front().address, "thief6@example.com");
  EXPECT_EQ(security.PreviousContacts(kNoon + 720h).size(), Security::kPreviousContactsMax);
  EXPECT_EQ(security.PreviousContacts(kNoon + 720h + 1ms).size(), Security::kPreviousContactsMax - 1);
}

// Who holds the mailbox changes the address many times, and then the phone: the owner is still told by phone.
TEST(SecurityTest, ManyChangesOfOneContactPushOutNoOther) {
  Security security;
  const auto add = [&](schemas::ContactChannel channel, const std::string& address, int minute) {
    const Timestamp at = kNoon + std::chrono::minutes(minute);
    security.InsertPreviousContact({.channel = channel, .address = address}, at, at);
  };
  add(schemas::ContactChannel::kEmail, "owner@example.com", 0);
  for (int i = 1; i <= 10; ++i)
    add(schemas::ContactChannel::kEmail, "thief" + std::to_string(i) + "@example.com", i);
  add(schemas::ContactChannel::kSms, "+85290000001", 11);
  for (int i = 12; i <= 20; ++i) add(schemas::ContactChannel::kSms, "+199" + std::to_string(i), i);
  std::vector<std::string> addresses;
  for (const schemas::Contact& contact : security.PreviousContacts(kNoon + 24h))
    addresses.push_back(contact.address);
  EXPECT_EQ(addresses.size(), Security::kPreviousContactsMax);
  EXPECT_THAT(addresses, testing::IsSupersetOf({"owner@example.com", "+85290000001"}));
}

}  // namespace
}  // namespace tocsin::detectors

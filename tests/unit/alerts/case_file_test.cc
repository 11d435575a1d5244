#include "alerts/case_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/bytes.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

CaseFile Full() {
  CaseFile file;
  Case one;
  one.state = CaseState::kOpen;
  one.case_id = "00112233445566778899aabbccddeeff";
  one.reference = "T-2026-7KQ4-M2QX";
  one.opened_at = kNoon;
  one.last_finding_at = kNoon + 1h;
  one.open_until = kNoon + 73h;
  one.priority = schemas::Priority::kP1;
  one.severity = schemas::Severity::kCritical;
  one.ticket_open = one.unreachable = one.append_waits = true;
  one.findings = {{.finding_id = "ffeeddccbbaa99887766554433221100",
                   .detector = "impossible_travel",
                   .severity = schemas::Severity::kHigh,
                   .confidence = 90,
                   .weight = 3.5,
                   .at = kNoon,
                   .cause = {"e1", "e2"},
                   .reason = "impossible_travel",
                   .observed = "Tokyo, JP",
                   .usual = "Berlin, DE",
                   .in_ticket = true,
                   .label = Label::kWrongByAnalyst,
                   .earlier_case = "00112233445566778899aabbccddee00",
                   .payment = PaymentKey("tx-1")}};
  one.findings_dropped = 3;
  one.actions = {
      {.kind = schemas::ActionKind::kFreeze, .target = "acct-1", .at = kNoon, .until = kNoon + 48h}};
  one.ticket_sequence = 2;
  one.batched = 4;
  one.said = {.until = kNoon, .written = kNoon + 2h, .risk_most = 0.93, .risk_most_at = kNoon + 1h};
  one.money.Begin(kNoon - 1h);
  const Money amount{.minor = 6'800'000, .currency = *Currency::Find("CNY")};
  for (int i = 0; i <= int{MoneyOut::kPaymentsMax}; ++i) {
    one.money.Note({.key = 1 + static_cast<uint64_t>(i),
                    .at = kNoon + i * 1min,
                    .said_at = kNoon + i * 1min,
                    .amount = amount,
                    .status = schemas::TransactionStatus::kCompleted});
  }
  one.money.MarkTold();
  one.notices_held = 5;
  one.owner_answer = schemas::FeedbackVerdict::kNotMe;
  Case information;
  information.state = CaseState::kResolved;
  information.group = CaseGroup::kInformation;
  information.case_id = "not hex";
  information.denied_at = kNoon - 96h;
  file.MutableCases() = {one, information};
  file.MutableNotices() = {{.reason = "new_device",
                            .at = kNoon,
                            .severity = schemas::Severity::kLow,
                            .notice_id = "0123456789abcdef0123456789abcdef",
                            .case_id = "00112233445566778899aabbccddeeff",
                            .attempts = true}};
  file.MutableTold() = {{.finding_id = "0123456789abcdef0123456789abcdef",
                         .detector = "limit_breach",
                         .case_id = "00112233445566778899aabbccddeeff",
                         .reason = "limit_breach",
                         .at = kNoon,
                         .family = schemas::Family::kLimit,
                         .severity = schemas::Severity::kMedium,
                         .confidence = 100,
                         .label = Label::kRight,
                         .payment = PaymentKey("tx-2"),
                         .cause = {"e3"}},
                        {.finding_id = "fedcba9876543210fedcba9876543210",
                         .reason = "new_device",
                         .at = kNoon,
                         .mode = schemas::Mode::kShadow}};
  schemas::Event event;
  event.event_id = EventId("e1");
  event.occurred_at = kNoon;
  event.payload = schemas::Login{.outcome = schemas::LoginOutcome::kSuccess};
  file.Remember(event);
  return file;
}

std::string Bytes(const CaseFile& file, Segment segment) {
  std::string bytes;
  file.EncodeSegment(segment, bytes);
  return bytes;
}

TEST(CaseFileTest, EncodesEveryMember) {
  const CaseFile file = Full();
  CaseFile read;
  for (const Segment segment : kSegments) ASSERT_TRUE(read.DecodeSegment(segment, Bytes(file, segment)));
  EXPECT_EQ(read, file);
  EXPECT_EQ(read.changed(), 0u);
}

// What waits for the digest, and what is said of the account.
CaseFile Said() {
  CaseFile file = Full();
  Folded payment{.reason = "limit_breach",
                 .observed = "CNY 68000.00 in 24 h",
                 .at = kNoon,
                 .severity = schemas::Severity::kMedium,
                 .family = schemas::Family::kLimit,
                 .case_id = "00112233445566778899aabbccddeeff",
                 .times = 2};
  file.MutableFolded() = {payment, payment};
  file.MutableFolded()[1].payment = PaymentFact{.key = PaymentKey("tx-3"),
                                                .said_at = kNoon + 1h,
                                                .kind = schemas::TransactionKind::kTransfer,
                                                .direction = schemas::Direction::kOut,
                                                .status = schemas::TransactionStatus::kCompleted,
                                                .amount = {6'800'000, *Currency::Find("CNY")},
                                                .other = "62…45"};
  file.MutableAddressedBefore() =
      AddressedBefore{.locale = "en", .timezone = "Asia/Hong_Kong", .changed_at = kNoon};
  schemas::Event frozen;
  frozen.event_id = EventId("frozen");
  frozen.occurred_at = kNoon;
  frozen.type = schemas::EventType::kAccountChange;
  frozen.payload = schemas::AccountChange{.change = schemas::ChangeKind::kFrozen};
  file.Remember(frozen);
  return file;
}

TEST(CaseFileTest, EncodesWhatIsSaidOfTheAccount) {
  const CaseFile file = Said();
  CaseFile read;
  for (const Segment segment : kSegments) ASSERT_TRUE(read.DecodeSegment(segment, Bytes(file, segment)));
  EXPECT_EQ(read, file);
  CaseFile alone;
  alone.MutableAddressedBefore() = file.addressed_before();
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, Bytes(alone, Segment::kCase)));
  EXPECT_EQ(read.addressed_before(), file.addressed_before());
  EXPECT_TRUE(read.cases().empty());
}

TEST(CaseFileTest, ReadsWhatTheFirstVersionRememberedOfFindings) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.Byte(1);
  writer.Varint(1);
  writer.Bool(false);
  writer.String("finding-1");
  writer.Bool(false);
  writer.String("case-1");
  writer.String("limit_breach");
  writer.Signed(ToMillis(kNoon));
  writer.Byte(static_cast<uint8_t>(schemas::Family::kLimit));
  writer.Byte(static_cast<uint8_t>(schemas::Severity::kMedium));
  writer.Byte(60);
  writer.Byte(0);  // Live.

  CaseFile file;
  ASSERT_TRUE(file.DecodeSegment(Segment::kTold, bytes));
  ASSERT_EQ(file.told().size(), 1u);
  EXPECT_EQ(file.told()[0], (Told{.finding_id = "finding-1",
                                  .case_id = "case-1",
                                  .reason = "limit_breach",
                                  .at = kNoon,
                                  .family = schemas::Family::kLimit,
                                  .severity = schemas::Severity::kMedium,
                                  .confidence = 60}));
}

// Version 1 wrote "kind target" and a flag for a freeze, and asked once in the life of a case.
TEST(CaseFileTest, ReadsVersionOne) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.Byte(1);
  writer.Varint(1);
  writer.Byte(1);  // Open.
  writer.Byte(0);  // Security.
  writer.Bool(false);
  writer.String("case-1");
  writer.String("T-2026-7KQ4-M2QX");
  const Timestamp due = kNoon + 49h;
  for (const Timestamp at : {kNoon, kNoon + 1h, kNoon + 73h, kNoon + 1h, kNoon + 24h, due, kNoon, kNoon})
    writer.Signed(ToMillis(at));
  writer.Byte(1);  // P1.
  writer.Byte(static_cast<uint8_t>(schemas::Severity::kCritical));
  writer.Byte(1 | 2);  // A ticket is open; a freeze was asked for.
  writer.Varint(0);    // Findings.
  writer.Varint(0);
  writer.Varint(2);
  writer.String("freeze acct 1");
  writer.String("hold_transaction tx-1");
  writer.Varint(3);  // Ticket operations.
  writer.Varint(0);
  writer.Byte(0);
  writer.Byte(0);
  writer.Varint(0);  // Notices.

  CaseFile file;
  ASSERT_TRUE(file.DecodeSegment(Segment::kCase, bytes));
  ASSERT_EQ(file.cases().size(), 1u);
  const Case& one = file.cases()[0];
  EXPECT_EQ(one.ticket_sequence, 3u);
  EXPECT_TRUE(one.ticket_open);
  const std::vector<Asked> actions = {
      {.kind = schemas::ActionKind::kFreeze, .target = "acct 1", .at = kNoon, .until = due},
      {.kind = schemas::ActionKind::kHoldTransaction, .target = "tx-1", .at = kNoon, .until = kNoon + 25h}};
  EXPECT_EQ(one.actions, actions);
  CaseFile again;
  ASSERT_TRUE(again.DecodeSegment(Segment::kCase, Bytes(file, Segment::kCase)));
  EXPECT_EQ(again, file) << "and writes it as it is written now";
  bytes[0] = CaseFile::kVersion + 1;
  EXPECT_FALSE(file.DecodeSegment(Segment::kCase, bytes)) << "what comes later is not guessed";
}

// As an older version wrote the one case of `file`: the count of its batch, which version 2 had not, and
// behind it the money that left, which version 4 did not know. Version 6 knew neither what the ticket says
// nor what the last byte tells, that nothing follows.
std::string AsVersion(uint8_t version, CaseFile file) {
  Case& one = file.MutableCases().at(0);
  one.money = {};
  one.said = {};
  std::string bytes = Bytes(file, Segment::kCase);
  ++one.batched;
  const std::string other = Bytes(file, Segment::kCase);
  EXPECT_EQ(bytes.size(), other.size());
  const auto count = std::ranges::mismatch(bytes, other).in1;
  bytes.pop_back();
  bytes.erase(count + 1);
  if (version < 3) bytes.erase(count);
  bytes[0] = static_cast<char>(version);
  return bytes;
}

CaseFile OneCase() {
  CaseFile file = Full();
  file.MutableCases().pop_back();
  file.MutableCases()[0].said = {};           // Version 7 does.
  file.MutableNotices()[0].attempts = false;  // Version 6 tells.
  return file;
}

TEST(CaseFileTest, ReadsVersionTwo) {
  CaseFile file = OneCase();
  file.MutableCases()[0].findings[0].earlier_case.clear();
  file.MutableCases()[0].findings[0].payment = 0;
  CaseFile read = Full();
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, AsVersion(2, file)));
  EXPECT_EQ(read.cases().at(0).batched, 0U);
  file.MutableCases()[0].batched = 0;
  file.MutableCases()[0].money = {};
  EXPECT_EQ(read.cases(), file.cases());
  EXPECT_EQ(read.notices(), file.notices());
}

// Version 3 did not know of what case a finding was before, and of what payment it is.
TEST(CaseFileTest, ReadsVersionThree) {
  CaseFile file = OneCase();
  const std::string later = AsVersion(3, file);
  file.MutableCases()[0].findings[0].earlier_case.clear();
  file.MutableCases()[0].findings[0].payment = 0;
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, AsVersion(3, file)));
  file.MutableCases()[0].money = {};
  EXPECT_EQ(read.cases(), file.cases());
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, later)) << "it cannot have written that";
}

TEST(CaseFileTest, ReadsVersionFour) {
  CaseFile file = OneCase();
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, AsVersion(4, file)));
  file.MutableCases()[0].money = {};
  EXPECT_EQ(read.cases(), file.cases());
}

// Version 5 had no time of a "not me" behind the end that a case waits for.
TEST(CaseFileTest, ReadsVersionFive) {
  CaseFile file = OneCase();
  file.MutableCases()[0].money = {};
  file.MutableCases()[0].held_until = kNoon - 48h;
  std::string bytes = Bytes(file, Segment::kCase);
  file.MutableCases()[0].denied_at = kTimestampMin + 1ms;
  const std::string other = Bytes(file, Segment::kCase);
  ASSERT_EQ(bytes.size(), other.size());
  file.MutableCases()[0].denied_at = kTimestampMin;
  const auto differs = std::ranges::mismatch(bytes, other).in1;
  std::string time;
  ByteWriter writer(time);
  writer.Signed(ToMillis(kTimestampMin));
  bytes.erase(differs, differs + static_cast<std::ptrdiff_t>(time.size()));
  bytes.pop_back();
  bytes[0] = 5;
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.cases(), file.cases());
  EXPECT_EQ(read.notices(), file.notices());
  file.MutableNotices()[0].attempts = true;
  bytes = Bytes(file, Segment::kCase);
  bytes[0] = 5;
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, bytes)) << "it cannot have written that";
}

// Version 6 did not know what a ticket says, told by the bytes that follow what waits for the digest, and had
// no payment in it.
TEST(CaseFileTest, ReadsVersionSix) {
  CaseFile file = OneCase();
  file.MutableCases()[0].last_append_at = kNoon + 10min;
  const size_t size = Bytes(file, Segment::kCase).size();
  std::string bytes = Bytes(file, Segment::kCase).substr(0, size - 1);
  bytes[0] = 6;
  CaseFile read = Said();
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_FALSE(read.addressed_before());
  EXPECT_EQ(read.cases().at(0).said, (TicketSaid{.until = kNoon + 10min, .written = kNoon + 10min}));
  file.MutableFolded() = {Said().folded()[0]};
  const std::string now = Bytes(file, Segment::kCase);
  bytes = now.substr(0, size - 1) + now.substr(size, now.size() - size - 1);
  bytes[0] = 6;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.folded(), file.folded());
  CaseFile again;
  ASSERT_TRUE(again.DecodeSegment(Segment::kCase, Bytes(read, Segment::kCase)));
  EXPECT_EQ(again.cases(), read.cases()) << "and writes it as it is written now";
  EXPECT_EQ(again.folded(), read.folded());
  std::string later = Bytes(Full(), Segment::kCase);
  later[0] = 6;
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, later)) << "it cannot have written that";
}

TEST(CaseFileTest, EmptyIsNothing) {
  for (const Segment segment : kSegments) {
    EXPECT_EQ(Bytes(CaseFile(), segment), "");
    CaseFile file = Full();
    ASSERT_TRUE(file.DecodeSegment(segment, ""));
    EXPECT_EQ(Bytes(file, segment), "");
  }
}

TEST(CaseFileTest, KnowsWhatThePlatformSaysOfAFreeze) {
  using schemas::AccountStatus;
  using schemas::ChangeKind;
  CaseFile file;
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kNone));
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kFrozen)) << "the profile says so";
  const auto change = [&file](Timestamp at, ChangeKind kind) {
    schemas::Event event;
    event.event_id = EventId(FormatRfc3339(at));
    event.occurred_at = at;
    event.type = schemas::EventType::kAccountChange;
    event.payload = schemas::AccountChange{.change = kind};
    file.Remember(event);
  };
  change(kNoon, ChangeKind::kFrozen);
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kActive)) << "the profile is older";
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, Bytes(file, Segment::kCase)));
  ASSERT_TRUE(read.DecodeSegment(Segment::kTimeline, Bytes(file, Segment::kTimeline)));
  EXPECT_EQ(read, file);
  change(kNoon + 2h, ChangeKind::kUnfrozen);
  change(kNoon + 1h, ChangeKind::kFrozen);
  change(kNoon + 3h, ChangeKind::kPayeeAdded);
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kFrozen)) << "the later word counts, whichever came first";
  schemas::Event profile;
  profile.type = schemas::EventType::kAccountProfile;
  profile.payload = schemas::AccountProfile{.status = AccountStatus::kFrozen};
  profile.occurred_at = kNoon + 1h;
  file.Remember(profile);
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kFrozen));
  profile.occurred_at = kNoon + 4h;
  file.Remember(profile);
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kFrozen)) << "a newer profile says it itself";
  EXPECT_EQ(Bytes(file, Segment::kCase), "");
}

TEST(CaseFileTest, SaysWhichSegmentChanged) {
  CaseFile file = Full();
  EXPECT_EQ(file.changed(), uint64_t{1} << 32 | uint64_t{1} << 33 | uint64_t{1} << 34);
  file.ClearChanged();
  schemas::Event profile;
  profile.type = schemas::EventType::kAccountProfile;
  profile.payload = schemas::AccountProfile{};
  file.Remember(profile);
  EXPECT_EQ(file.changed(), 0u);
}

// Cut, with a bit turned, or noise: an error or a state that encodes again, never a crash.
TEST(CaseFileTest, HostileBytesAreRefusedOrHarmless) {
  const CaseFile full = Said();
  std::mt19937 random(1);
  for (const Segment segment : kSegments) {
    const std::string good = Bytes(full, segment);
    const auto check = [&](const std::string& bytes) {
      CaseFile file;
      if (!file.DecodeSegment(segment, bytes)) {
        EXPECT_EQ(Bytes(file, segment), "");
        return;
      }
      CaseFile again;
      EXPECT_TRUE(again.DecodeSegment(segment, Bytes(file, segment)));
      EXPECT_EQ(again, file);
      EXPECT_LE(file.timeline().Items().size(), Timeline::kItemsMax);
      schemas::Event event;
      event.event_id = EventId("next");
      event.occurred_at = kNoon + 1min;
      file.Remember(event);
    };
    for (size_t size = 1; size < good.size(); ++size) {
      CaseFile file;
      EXPECT_FALSE(file.DecodeSegment(segment, good.substr(0, size))) << size;
    }
    EXPECT_FALSE(CaseFile().DecodeSegment(segment, good + '\0'));
    for (size_t i = 0; i < good.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
        check(bytes);
      }
    }
    for (int round = 0; round < 2000; ++round) {
      std::string bytes(random() % 80, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      if (!bytes.empty()) bytes[0] = static_cast<char>(1 + round % 2);
      check(bytes);
    }
  }
}

}  // namespace
}  // namespace tocsin::alerts

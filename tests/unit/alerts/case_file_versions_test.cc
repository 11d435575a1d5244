// What earlier versions wrote of a case file is read, and nothing that they cannot have written.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "alerts/case_file.h"
#include "base/bytes.h"
#include "tests/unit/alerts/case_file_samples.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

using samples::Bytes;
using samples::Full;
using samples::kNoon;
using samples::Said;

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

// The bytes of now under the number of a version before 7, without the last, which tells that nothing
// follows.
std::string Named(uint8_t version, const CaseFile& file) {
  std::string bytes = Bytes(file, Segment::kCase);
  bytes.pop_back();
  bytes[0] = static_cast<char>(version);
  return bytes;
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
  file.MutableReplaced().clear();
  file.MutableNotices()[0].attempts = false;                                       // Version 6 tells.
  file.MutableCases()[0].said = {};                                                // Version 7 does,
  file.MutableCases()[0].findings[0].secret = false;                               // and this,
  file.MutableCases()[0].promised_reply = file.MutableCases()[0].due_first_reply;  // and this.
  file.MutableCases()[0].findings[0].told_before = kTimestampMax;                  // Version 9 does.
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
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, Named(5, file))) << "it cannot have written that";
}

// Version 6 told the owner of every ticket.
TEST(CaseFileTest, ReadsVersionSix) {
  CaseFile file = OneCase();
  Case& one = file.MutableCases()[0];
  one.promised_reply = one.due_first_reply = kNoon + 24h;
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, Named(6, file)));
  EXPECT_EQ(read.cases(), file.cases());
  one.findings[0].secret = true;
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, Named(6, file))) << "it cannot have written that";
  one.findings[0].secret = false;
  one.promised_reply += 1h;
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, Named(6, file))) << "nor that";
  CaseFile replaced = OneCase();
  replaced.MutableReplaced() = Full().replaced();
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, Named(6, replaced))) << "it kept no case that was replaced";
}

// Version 6 did not know what a ticket says, told by the bytes that follow what waits for the digest, and had
// no payment in it.
TEST(CaseFileTest, ReadsWhatVersionSixSaid) {
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

// Version 7 counted what found no room, and remembered no name.
TEST(CaseFileTest, ReadsVersionSeven) {
  CaseFile file = OneCase();
  file.MutableFolded() = {Folded{.at = kNoon, .times = 300}};
  file.MutableAddressedBefore() = AddressedBefore{.locale = "en", .timezone = "UTC", .changed_at = kNoon};
  std::string bytes = Bytes(file, Segment::kCase);
  std::string name_and_rest;
  ByteWriter writer(name_and_rest);
  writer.String("");
  writer.String("en");
  const size_t name = bytes.rfind(name_and_rest);
  ASSERT_NE(name, std::string::npos);
  bytes.erase(name - 4, 5);  // No money, three counters, and the name.
  bytes[0] = 7;
  CaseFile read = Said();
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.addressed_before(), file.addressed_before());
  file.MutableFolded()[0].no_room.uses = 300;
  EXPECT_EQ(read.folded(), file.folded());
  EXPECT_EQ(read.cases(), file.cases());
}

// Version 8 did not know where a finding had moved on from.
TEST(CaseFileTest, ReadsVersionEight) {
  CaseFile file = OneCase();
  std::string bytes = Bytes(file, Segment::kCase);
  bytes[0] = 8;
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.cases(), file.cases());
  CaseFinding& finding = file.MutableCases()[0].findings[0];
  finding.told_before = finding.at - 1h;
  bytes = Bytes(file, Segment::kCase);
  EXPECT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  bytes[0] = 8;
  EXPECT_FALSE(read.DecodeSegment(Segment::kCase, bytes)) << "it cannot have written that";
}

TEST(CaseFileTest, WhatMovedOnWasToldBefore) {
  for (const auto& [severity, before] :
       {std::pair{schemas::Severity::kMedium, 0ms}, std::pair{schemas::Severity::kLow, 1ms}}) {
    CaseFile file = OneCase();
    CaseFinding& finding = file.MutableCases()[0].findings[0];
    finding.severity = severity;
    finding.told_before = finding.at - before;
    EXPECT_FALSE(file.DecodeSegment(Segment::kCase, Bytes(file, Segment::kCase)));
  }
}

}  // namespace
}  // namespace tocsin::alerts

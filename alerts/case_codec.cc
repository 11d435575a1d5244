#include "alerts/case_codec.h"

#include <algorithm>

#include "alerts/codec_fields.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {
namespace {

void WriteActions(const std::vector<Asked>& actions, ByteWriter& writer) {
  writer.Varint(actions.size());
  for (const Asked& asked : actions) {
    WriteEnum(asked.kind, writer);
    writer.String(asked.target);
    WriteTime(asked.at, writer);
    WriteTime(asked.until, writer);
  }
}

std::vector<Asked> ReadActions(ByteReader& reader) {
  std::vector<Asked> actions;
  const size_t count = reader.Count();
  if (count > Case::kActionsMax) reader.Fail();
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    Asked& asked = actions.emplace_back();
    asked.kind = ReadEnum(reader, schemas::ActionKind::kRevokeSessions);
    if (asked.kind == schemas::ActionKind::kNone) reader.Fail();
    asked.target = reader.String();
    asked.at = ReadTime(reader);
    asked.until = ReadTime(reader);
  }
  return actions;
}

// Version 1 had "kind target", asked for once in the case's life: taken to end when it does at the latest.
std::vector<Asked> ReadActionsV1(ByteReader& reader, const Case& one) {
  constexpr std::chrono::hours kExpiry{24};
  std::vector<Asked> actions;
  const size_t count = reader.Count();
  if (count > Case::kActionsMax) reader.Fail();
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view text = reader.String();
    const size_t space = std::min(text.find(' '), text.size());
    const auto kind = schemas::FromName<schemas::ActionKind>(text.substr(0, space));
    if (!kind || *kind == schemas::ActionKind::kNone || space == text.size()) {
      reader.Fail();
      break;
    }
    const bool freezes = *kind == schemas::ActionKind::kFreeze;
    actions.push_back(
        {.kind = *kind,
         .target = std::string(text.substr(space + 1)),
         .at = one.opened_at,
         .until = freezes ? one.due_review : std::min(one.last_finding_at + kExpiry, kTimestampMax)});
  }
  return actions;
}

// Bits of a case's flags.
constexpr uint8_t kTicketOpen = 1;
constexpr uint8_t kFrozen = 2;  // In version 1: a freeze was asked for.
constexpr uint8_t kUnreachable = 4;
constexpr uint8_t kAppendWaits = 8;
constexpr uint8_t kHasPast = 16;  // held_until, denied_at (from version 6 on) and allowances follow.
constexpr uint8_t kFlags = kTicketOpen | kUnreachable | kAppendWaits | kHasPast;
constexpr uint8_t kHasPromise = 32;  // From version 7 on: promised_reply is another than that of most cases.

constexpr uint8_t kReplaced = 64;  // From version 8 on: of CaseFile::replaced().

uint8_t FlagsOf(uint8_t version) {
  if (version == 1) return kFlags | kFrozen;
  return kFlags | (version >= 7 ? kHasPromise : 0) | (version >= 8 ? kReplaced : 0);
}

// What asked for a ticket was told, for most.
Timestamp UsualPromise(const Case& one) { return one.ticket_open ? one.due_first_reply : kTimestampMin; }
bool HasPromise(const Case& one) { return one.promised_reply != UsualPromise(one); }

// What a case keeps of those before it; most have nothing.
bool HasPast(const Case& one) {
  return one.held_until != kTimestampMin || one.denied_at != kTimestampMin || !one.allowances.empty();
}

void WritePast(const Case& one, ByteWriter& writer) {
  WriteTime(one.held_until, writer);
  WriteTime(one.denied_at, writer);
  writer.Varint(one.allowances.size());
  for (const Allowance& allowance : one.allowances) {
    writer.String(allowance.detector);
    WriteTime(allowance.until, writer);
    WriteEnum(allowance.severity, writer);
    WriteId(allowance.case_id, writer);
  }
}

void ReadPast(ByteReader& reader, uint8_t version, Case& one) {
  one.held_until = ReadTime(reader);
  if (version >= 6) one.denied_at = ReadTime(reader);
  const size_t count = reader.Count();
  if (count > Case::kAllowancesMax) reader.Fail();
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    Allowance& allowance = one.allowances.emplace_back();
    allowance.detector = reader.String();
    allowance.until = ReadTime(reader);
    allowance.severity = ReadEnum(reader, schemas::Severity::kCritical);
    allowance.case_id = ReadId(reader);
  }
  if (!HasPast(one)) reader.Fail();
}

constexpr size_t kCasesMax = 2;  // One of each group.

// A notice's severity shares its byte with what it was.
constexpr uint8_t kDigest = 0x80;
constexpr uint8_t kAttempts = 0x40;  // From version 6 on.

// in_ticket, label and what else there is share a byte.
constexpr uint8_t kInTicket = 1;
constexpr int kLabelShift = 1;
constexpr uint8_t kLabelMask = 7;
constexpr uint8_t kHasEarlierCase = 16;  // Both from version 4 on.
constexpr uint8_t kHasPayment = 32;
constexpr uint8_t kSecret = 64;  // From version 7 on.

void WriteFinding(const CaseFinding& finding, ByteWriter& writer) {
  WriteId(finding.finding_id, writer);
  writer.String(finding.detector);
  WriteEnum(finding.family, writer);
  WriteEnum(finding.severity, writer);
  writer.Byte(static_cast<uint8_t>(finding.confidence));
  writer.Double(finding.weight);
  WriteTime(finding.at, writer);
  WriteStrings(finding.cause, writer);
  writer.String(finding.reason);
  writer.String(finding.observed);
  writer.String(finding.usual);
  writer.Byte(static_cast<uint8_t>(
      (finding.in_ticket ? kInTicket : 0U) | static_cast<unsigned>(finding.label) << kLabelShift |
      (finding.earlier_case.empty() ? 0U : kHasEarlierCase) | (finding.payment == 0 ? 0U : kHasPayment) |
      (finding.secret ? kSecret : 0U)));
  if (!finding.earlier_case.empty()) WriteId(finding.earlier_case, writer);
  if (finding.payment != 0) writer.Fixed64(finding.payment);
}

Label ReadLabel(ByteReader& reader, unsigned value) {
  if (value > static_cast<unsigned>(Label::kWrongByAnalyst)) reader.Fail();
  return reader.ok() ? static_cast<Label>(value) : Label::kNone;
}

CaseFinding ReadFinding(ByteReader& reader, uint8_t version) {
  CaseFinding finding;
  finding.finding_id = ReadId(reader);
  finding.detector = reader.String();
  finding.family = ReadEnum(reader, schemas::Family::kReport);
  finding.severity = ReadEnum(reader, schemas::Severity::kCritical);
  finding.confidence = reader.Byte();
  if (finding.confidence > 100) reader.Fail();
  finding.weight = reader.Double();
  // A weight that is no number, or absurd, would poison every risk of the account.
  if (!(finding.weight > -1000 && finding.weight < 1000)) reader.Fail();
  finding.at = ReadTime(reader);
  finding.cause = ReadStrings(reader);
  finding.reason = reader.String();
  finding.observed = reader.String();
  finding.usual = reader.String();
  const uint8_t said = reader.Byte();
  const int said_max = version < 4 ? kHasEarlierCase - 1 : version < 7 ? kSecret - 1 : 2 * kSecret - 1;
  if (said > said_max) reader.Fail();
  finding.in_ticket = (said & kInTicket) != 0;
  finding.secret = (said & kSecret) != 0;
  finding.label = ReadLabel(reader, said >> kLabelShift & kLabelMask);
  if ((said & kHasEarlierCase) != 0) {
    finding.earlier_case = ReadId(reader);
    if (finding.earlier_case.empty()) reader.Fail();
  }
  if ((said & kHasPayment) != 0) {
    finding.payment = reader.Fixed64();
    if (finding.payment == 0) reader.Fail();
  }
  return finding;
}

void WriteCase(const Case& one, bool replaced, ByteWriter& writer) {
  WriteEnum(one.state, writer);
  WriteEnum(one.group, writer);
  WriteId(one.case_id, writer);
  writer.String(one.reference);
  for (const Timestamp at : {one.opened_at, one.last_finding_at, one.open_until, one.last_append_at,
                             one.due_first_reply, one.due_review, one.last_notice_at, one.answered_at}) {
    WriteTime(at, writer);
  }
  WriteEnum(one.priority, writer);
  WriteEnum(one.severity, writer);
  writer.Byte(static_cast<uint8_t>((one.ticket_open ? kTicketOpen : 0) |
                                   (one.unreachable ? kUnreachable : 0) |
                                   (one.append_waits ? kAppendWaits : 0) | (HasPast(one) ? kHasPast : 0) |
                                   (HasPromise(one) ? kHasPromise : 0) | (replaced ? kReplaced : 0)));
  writer.Varint(one.findings.size());
  for (const CaseFinding& finding : one.findings) WriteFinding(finding, writer);
  writer.Varint(one.findings_dropped);
  WriteActions(one.actions, writer);
  writer.Varint(one.ticket_sequence);
  writer.Varint(one.notices_held);
  WriteEnum(one.last_notice_severity, writer);
  WriteEnum(one.owner_answer, writer);
  if (HasPast(one)) WritePast(one, writer);
  if (HasPromise(one)) WriteTime(one.promised_reply, writer);
  writer.Varint(one.batched);
  one.money.Encode(writer);
}

// Into the list that the case is of.
void ReadCase(ByteReader& reader, uint8_t version, std::vector<Case>& cases, std::vector<Case>& replaced) {
  Case one;
  one.state = ReadEnum(reader, CaseState::kResolved);
  one.group = ReadEnum(reader, CaseGroup::kInformation);
  one.case_id = ReadId(reader);
  one.reference = reader.String();
  for (Timestamp* at : {&one.opened_at, &one.last_finding_at, &one.open_until, &one.last_append_at,
                        &one.due_first_reply, &one.due_review, &one.last_notice_at, &one.answered_at}) {
    *at = ReadTime(reader);
  }
  one.priority = ReadEnum(reader, schemas::Priority::kP4);
  if (static_cast<int>(one.priority) == 0) reader.Fail();
  one.severity = ReadEnum(reader, schemas::Severity::kCritical);
  const uint8_t flags = reader.Byte();
  if ((flags & ~FlagsOf(version)) != 0) reader.Fail();
  one.ticket_open = flags & kTicketOpen;
  one.unreachable = flags & kUnreachable;
  one.append_waits = flags & kAppendWaits;
  const size_t findings = reader.Count();
  if (findings > Case::kFindingsMax) reader.Fail();
  for (size_t i = 0; i < findings && reader.ok(); ++i) one.findings.push_back(ReadFinding(reader, version));
  one.findings_dropped = ReadCounter(reader);
  one.actions = version == 1 ? ReadActionsV1(reader, one) : ReadActions(reader);
  one.ticket_sequence = ReadCounter(reader);
  one.notices_held = ReadCounter(reader);
  one.last_notice_severity = ReadEnum(reader, schemas::Severity::kCritical);
  one.owner_answer = ReadEnum(reader, schemas::FeedbackVerdict::kFalsePositive);
  if ((flags & kHasPast) != 0) ReadPast(reader, version, one);
  one.promised_reply = (flags & kHasPromise) != 0 ? ReadTime(reader) : UsualPromise(one);
  if (((flags & kHasPromise) != 0) != HasPromise(one)) reader.Fail();
  if (version >= 3) one.batched = ReadCounter(reader);
  if (version >= 5 && !MoneyOut::Decode(reader, one.money)) reader.Fail();
  ((flags & kReplaced) != 0 ? replaced : cases).push_back(std::move(one));
}

void WriteFolded(const Folded& item, ByteWriter& writer) {
  writer.String(item.reason);
  writer.String(item.observed);
  writer.String(item.usual);
  WriteTime(item.at, writer);
  WriteEnum(item.severity, writer);
  WriteEnum(item.family, writer);
  WriteId(item.case_id, writer);
  writer.Varint(item.times);
}

Folded ReadFolded(ByteReader& reader) {
  Folded item;
  item.reason = reader.String();
  item.observed = reader.String();
  item.usual = reader.String();
  item.at = ReadTime(reader);
  item.severity = ReadEnum(reader, schemas::Severity::kCritical);
  item.family = ReadEnum(reader, schemas::Family::kReport);
  item.case_id = ReadId(reader);
  item.times = ReadCounter(reader);
  return item;
}

}  // namespace

void EncodeCases(const std::vector<Case>& cases, const std::vector<Case>& replaced,
                 const std::vector<NoticeSent>& notices, const std::vector<Folded>& folded,
                 const std::optional<FreezeSaid>& freeze_said, ByteWriter& writer) {
  writer.Varint(cases.size() + replaced.size());
  for (const Case& one : cases) WriteCase(one, false, writer);
  for (const Case& one : replaced) WriteCase(one, true, writer);
  writer.Varint(notices.size());
  for (const NoticeSent& notice : notices) {
    writer.String(notice.reason);
    WriteTime(notice.at, writer);
    writer.Byte(static_cast<uint8_t>(static_cast<unsigned>(notice.severity) | (notice.digest ? kDigest : 0U) |
                                     (notice.attempts ? kAttempts : 0U)));
    WriteId(notice.notice_id, writer);
    WriteId(notice.case_id, writer);
  }
  // Most accounts have nothing that waits, and those of before there was a digest end here.
  if (folded.empty() && !freeze_said) return;
  writer.Varint(folded.size());
  for (const Folded& item : folded) WriteFolded(item, writer);
  if (!freeze_said) return;
  WriteTime(freeze_said->at, writer);
  writer.Bool(freeze_said->frozen);
}

bool DecodeCases(ByteReader& reader, uint8_t version, std::vector<Case>& cases, std::vector<Case>& replaced,
                 std::vector<NoticeSent>& notices, std::vector<Folded>& folded,
                 std::optional<FreezeSaid>& freeze_said) {
  if (version == 0 || version > CaseFile::kVersion) return false;
  const size_t case_count = reader.Count();
  if (case_count > kCasesMax + CaseFile::kReplacedMax) return false;
  for (size_t i = 0; i < case_count && reader.ok(); ++i) ReadCase(reader, version, cases, replaced);
  if (cases.size() > kCasesMax || replaced.size() > CaseFile::kReplacedMax) return false;
  const size_t notice_count = reader.Count();
  if (notice_count > CaseFile::kNoticesMax) return false;
  for (size_t i = 0; i < notice_count && reader.ok(); ++i) {
    NoticeSent& notice = notices.emplace_back();
    notice.reason = reader.String();
    notice.at = ReadTime(reader);
    const uint8_t severity = reader.Byte();
    notice.digest = (severity & kDigest) != 0;
    notice.attempts = version >= 6 && (severity & kAttempts) != 0;
    notice.severity =
        static_cast<schemas::Severity>(severity & ~(version >= 6 ? kDigest | kAttempts : kDigest));
    if (notice.severity > schemas::Severity::kCritical) reader.Fail();
    notice.notice_id = ReadId(reader);
    notice.case_id = ReadId(reader);
  }
  if (!reader.ok() || reader.AtEnd()) return reader.ok();
  const size_t folded_count = reader.Count();
  if (folded_count > CaseFile::kFoldedMax) return false;
  for (size_t i = 0; i < folded_count && reader.ok(); ++i) folded.push_back(ReadFolded(reader));
  if (!reader.ok() || (reader.AtEnd() && folded_count > 0)) return reader.ok();
  if (version == 1 || reader.AtEnd()) return false;
  const Timestamp at = ReadTime(reader);
  freeze_said = FreezeSaid{.at = at, .frozen = reader.Bool()};
  return reader.ok();
}

void EncodeTold(const std::vector<Told>& told, ByteWriter& writer) {
  writer.Varint(told.size());
  for (const Told& one : told) {
    WriteId(one.finding_id, writer);
    WriteId(one.case_id, writer);
    writer.String(one.reason);
    WriteTime(one.at, writer);
    WriteEnum(one.family, writer);
    WriteEnum(one.severity, writer);
    writer.Byte(static_cast<uint8_t>(one.confidence));
    WriteEnum(one.mode, writer);
    writer.String(one.detector);
    WriteEnum(one.label, writer);
    writer.Bool(one.payment != 0);
    if (one.payment != 0) writer.Fixed64(one.payment);
    WriteStrings(one.cause, writer);
  }
}

bool DecodeTold(ByteReader& reader, uint8_t version, std::vector<Told>& told) {
  if (version == 0 || version > CaseFile::kToldVersion) return false;
  const size_t count = reader.Count();
  if (count == 0 || count > CaseFile::kToldMax) return false;
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    Told& one = told.emplace_back();
    one.finding_id = ReadId(reader);
    one.case_id = ReadId(reader);
    one.reason = reader.String();
    one.at = ReadTime(reader);
    one.family = ReadEnum(reader, schemas::Family::kReport);
    one.severity = ReadEnum(reader, schemas::Severity::kCritical);
    one.confidence = reader.Byte();
    if (one.confidence > 100) reader.Fail();
    one.mode = ReadEnum(reader, schemas::Mode::kShadow);
    if (version == 1) continue;
    one.detector = reader.String();
    one.label = ReadLabel(reader, reader.Byte());
    if (reader.Bool()) {
      one.payment = reader.Fixed64();
      if (one.payment == 0) reader.Fail();
    }
    one.cause = ReadStrings(reader);
  }
  return reader.ok();
}

}  // namespace tocsin::alerts

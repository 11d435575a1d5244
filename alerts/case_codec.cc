#include "alerts/case_codec.h"

#include <algorithm>
#include <array>

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
// From version 7 on: promised_reply is another than that of most cases; it is of CaseFile::replaced(); what
// the ticket says follows.
constexpr uint8_t kHasPromise = 32;
constexpr uint8_t kReplaced = 64;
constexpr uint8_t kHasSaid = 128;

uint8_t FlagsOf(uint8_t version) {
  if (version == 1) return kFlags | kFrozen;
  return version < 7 ? kFlags : kFlags | kHasPromise | kReplaced | kHasSaid;
}

// What asked for a ticket was told, for most.
Timestamp UsualPromise(const Case& one) { return one.ticket_open ? one.due_first_reply : kTimestampMin; }
bool HasPromise(const Case& one) { return one.promised_reply != UsualPromise(one); }

// What follows the notices, from version 7 on.
constexpr uint8_t kHasFolded = 1;
constexpr uint8_t kHasFreeze = 2;
constexpr uint8_t kHasAddressed = 4;

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
constexpr uint8_t kSecret = 64;    // From version 7 on.
constexpr uint8_t kMovedOn = 128;  // From version 9 on: told_before and size.

uint8_t SaidMask(uint8_t version) {
  if (version < 4) return kHasEarlierCase - 1;
  if (version < 7) return kSecret - 1;
  return version < 9 ? kMovedOn - 1 : UINT8_MAX;
}

bool HasMovedOn(const CaseFinding& finding) {
  return finding.told_before != kTimestampMax || finding.size != 0;
}

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
      (finding.secret ? kSecret : 0U) | (HasMovedOn(finding) ? kMovedOn : 0U)));
  if (!finding.earlier_case.empty()) WriteId(finding.earlier_case, writer);
  if (finding.payment != 0) writer.Fixed64(finding.payment);
  if (!HasMovedOn(finding)) return;
  WriteTime(finding.told_before, writer);
  writer.Varint(finding.size);
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
  if ((said & ~SaidMask(version)) != 0) reader.Fail();
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
  if ((said & kMovedOn) != 0) {
    finding.told_before = ReadTime(reader);
    finding.size = ReadCounter(reader);
    const bool told = finding.told_before < finding.at && finding.severity >= schemas::Severity::kMedium;
    if (!HasMovedOn(finding) || (finding.told_before != kTimestampMax && !told)) reader.Fail();
  }
  return finding;
}

void WriteSaid(const TicketSaid& said, ByteWriter& writer) {
  WriteTime(said.until, writer);
  WriteTime(said.written, writer);
  writer.Double(said.risk_most);
  WriteTime(said.risk_most_at, writer);
}

TicketSaid ReadSaid(ByteReader& reader) {
  TicketSaid said;
  said.until = ReadTime(reader);
  said.written = ReadTime(reader);
  said.risk_most = reader.Double();
  if (!(said.risk_most >= 0 && said.risk_most <= 1)) reader.Fail();
  said.risk_most_at = ReadTime(reader);
  if (said == TicketSaid()) reader.Fail();
  return said;
}

void WriteCase(const Case& one, bool replaced, ByteWriter& writer) {
  const bool has_said = one.said != TicketSaid();
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
  writer.Byte(static_cast<uint8_t>(
      (one.ticket_open ? kTicketOpen : 0) | (one.unreachable ? kUnreachable : 0) |
      (one.append_waits ? kAppendWaits : 0) | (HasPast(one) ? kHasPast : 0) |
      (HasPromise(one) ? kHasPromise : 0) | (replaced ? kReplaced : 0) | (has_said ? kHasSaid : 0)));
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
  if (has_said) WriteSaid(one.said, writer);
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
  if ((flags & kHasSaid) != 0) one.said = ReadSaid(reader);
  // As near as what is known of it comes.
  if (version < 7) one.said.until = one.said.written = one.last_append_at;
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
  writer.Bool(item.payment.has_value());
  if (item.payment) item.payment->Encode(writer);
  if (!item.reason.empty()) return;
  item.no_room.money.Encode(writer);
  for (const uint32_t count : {item.no_room.others, item.no_room.takeovers, item.no_room.uses})
    writer.Varint(count);
}

Folded ReadFolded(ByteReader& reader, uint8_t version) {
  Folded item;
  item.reason = reader.String();
  item.observed = reader.String();
  item.usual = reader.String();
  item.at = ReadTime(reader);
  item.severity = ReadEnum(reader, schemas::Severity::kCritical);
  item.family = ReadEnum(reader, schemas::Family::kReport);
  item.case_id = ReadId(reader);
  item.times = ReadCounter(reader);
  if (version >= 7 && reader.Bool()) item.payment = PaymentFact::Decode(reader);
  if (!item.reason.empty()) return item;
  NoRoom& no_room = item.no_room;
  if (version < 8) {
    no_room.uses = item.times;  // What they were, it did not say.
    return item;
  }
  if (!MoneyOut::Decode(reader, no_room.money)) reader.Fail();
  for (uint32_t* count : {&no_room.others, &no_room.takeovers, &no_room.uses}) *count = ReadCounter(reader);
  return item;
}

void WriteFreeze(const FreezeSaid& said, ByteWriter& writer) {
  WriteTime(said.at, writer);
  writer.Bool(said.frozen);
}

FreezeSaid ReadFreeze(ByteReader& reader) {
  const Timestamp at = ReadTime(reader);
  return {.at = at, .frozen = reader.Bool()};
}

bool ReadAllFolded(ByteReader& reader, uint8_t version, std::vector<Folded>& folded) {
  const size_t count = reader.Count();
  if (count > CaseFile::kFoldedMax) return false;
  for (size_t i = 0; i < count && reader.ok(); ++i) folded.push_back(ReadFolded(reader, version));
  return reader.ok();
}

// Before version 7: nothing, what waits, or that and the freeze.
bool ReadOldAccount(ByteReader& reader, uint8_t version, AccountSaid said) {
  if (reader.AtEnd()) return true;
  if (!ReadAllFolded(reader, version, said.folded)) return false;
  if (reader.AtEnd()) return !said.folded.empty();
  if (version == 1) return false;
  said.freeze_said = ReadFreeze(reader);
  return reader.ok();
}

bool ReadAccount(ByteReader& reader, uint8_t version, AccountSaid said) {
  const uint8_t flags = reader.Byte();
  if ((flags & ~(kHasFolded | kHasFreeze | kHasAddressed)) != 0) return false;
  if ((flags & kHasFolded) != 0 && (!ReadAllFolded(reader, version, said.folded) || said.folded.empty()))
    return false;
  if ((flags & kHasFreeze) != 0) said.freeze_said = ReadFreeze(reader);
  if ((flags & kHasAddressed) == 0) return reader.ok();
  AddressedBefore& before = said.addressed_before.emplace();
  if (version >= 8) before.display_name = reader.String();
  before.locale = reader.String();
  before.timezone = reader.String();
  before.changed_at = ReadTime(reader);
  return reader.ok();
}

}  // namespace

void EncodeCases(const std::vector<Case>& cases, const std::vector<Case>& replaced,
                 const std::vector<NoticeSent>& notices, const std::vector<Folded>& folded,
                 const std::optional<FreezeSaid>& freeze_said,
                 const std::optional<AddressedBefore>& addressed_before, ByteWriter& writer) {
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
  writer.Byte(static_cast<uint8_t>((folded.empty() ? 0 : kHasFolded) | (freeze_said ? kHasFreeze : 0) |
                                   (addressed_before ? kHasAddressed : 0)));
  if (!folded.empty()) {
    writer.Varint(folded.size());
    for (const Folded& item : folded) WriteFolded(item, writer);
  }
  if (freeze_said) WriteFreeze(*freeze_said, writer);
  if (!addressed_before) return;
  writer.String(addressed_before->display_name);
  writer.String(addressed_before->locale);
  writer.String(addressed_before->timezone);
  WriteTime(addressed_before->changed_at, writer);
}

bool DecodeCases(ByteReader& reader, uint8_t version, std::vector<Case>& cases, std::vector<Case>& replaced,
                 std::vector<NoticeSent>& notices, AccountSaid said) {
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
  if (!reader.ok()) return false;
  return version < 7 ? ReadOldAccount(reader, version, said) : ReadAccount(reader, version, said);
}

}  // namespace tocsin::alerts

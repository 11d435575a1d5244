#include "alerts/case_file.h"

#include <algorithm>

#include "alerts/case_codec.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace tocsin::alerts {
namespace {

// Heap behind a string, when it is not held inside the object.
size_t HeapOf(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 1 : 0; }

size_t HeapOf(const std::vector<std::string>& texts) {
  size_t bytes = texts.capacity() * sizeof(std::string);
  for (const std::string& text : texts) bytes += HeapOf(text);
  return bytes;
}

size_t HeapOf(const std::vector<Case>& cases) {
  size_t bytes = cases.capacity() * sizeof(Case);
  for (const Case& one : cases) {
    bytes += HeapOf(one.case_id) + HeapOf(one.reference) + one.money.HeapBytes();
    bytes += one.actions.capacity() * sizeof(Asked);
    for (const Asked& asked : one.actions) bytes += HeapOf(asked.target);
    bytes += one.findings.capacity() * sizeof(CaseFinding) + one.allowances.capacity() * sizeof(Allowance);
    for (const Allowance& allowance : one.allowances)
      bytes += HeapOf(allowance.detector) + HeapOf(allowance.case_id);
    for (const CaseFinding& finding : one.findings) {
      bytes += HeapOf(finding.finding_id) + HeapOf(finding.detector) + HeapOf(finding.cause) +
               HeapOf(finding.reason) + HeapOf(finding.observed) + HeapOf(finding.usual) +
               HeapOf(finding.earlier_case);
    }
  }
  return bytes;
}

bool IsOpenSecurityCase(const Case& one, Timestamp at) {
  return one.group == CaseGroup::kSecurity && one.state == CaseState::kOpen && at < one.open_until;
}

// Medium or more, and about a use of the account.
bool TellsOfUse(const CaseFinding& finding) {
  return finding.severity >= schemas::Severity::kMedium && finding.detector != kGuessing;
}

// Since when the case is told of a use: it may have begun with less.
Timestamp ToldSince(const Case& one) {
  Timestamp since = kTimestampMax;
  for (const CaseFinding& finding : one.findings) {
    if (TellsOfUse(finding)) since = std::min({since, finding.at, finding.told_before});
  }
  return since == kTimestampMax ? one.opened_at : since;
}

}  // namespace

bool IsToldOfUse(const Case& one) {
  if (one.severity < schemas::Severity::kMedium) return false;
  if (std::ranges::any_of(one.findings, TellsOfUse)) return true;
  // What made it one of medium has gone, unless that was guessing. A full case gives guesses away first.
  return std::ranges::none_of(one.findings, [](const CaseFinding& finding) {
    return finding.severity >= schemas::Severity::kMedium;
  });
}

uint64_t PaymentKey(std::string_view transaction_id) {
  return transaction_id.empty() ? 0 : std::max<uint64_t>(1, Hash64(transaction_id));
}

const Case* CaseFile::FindCase(std::string_view case_id) const {
  const auto one = std::ranges::find(cases_, case_id, &Case::case_id);
  return one == cases_.end() ? nullptr : &*one;
}

bool CaseFile::HasOpenCase(Timestamp at) const {
  return std::ranges::any_of(cases_, [at](const Case& one) { return IsOpenSecurityCase(one, at); });
}

bool CaseFile::HasToldCase(Timestamp at) const {
  return std::ranges::any_of(cases_, [at](const Case& one) {
    return IsOpenSecurityCase(one, at) && IsToldOfUse(one) && at >= ToldSince(one);
  });
}

const Allowance* CaseFile::AllowanceOf(const schemas::Claim& claim, Timestamp at) const {
  if (claim.family == schemas::Family::kReport) return nullptr;
  for (const Case& one : cases_) {
    for (const Allowance& allowance : one.allowances) {
      if (allowance.detector == claim.detector && claim.severity <= allowance.severity &&
          at < allowance.until)
        return &allowance;
    }
  }
  return nullptr;
}

Timestamp CaseFile::HeldUntil(Timestamp at) const {
  for (const Case& one : cases_) {
    if (one.group != CaseGroup::kSecurity || one.state != CaseState::kOpen) continue;
    return IsToldOfUse(one) && one.open_until <= at ? one.open_until : one.held_until;
  }
  return kTimestampMin;
}

void CaseFile::Remember(const schemas::Event& event) {
  const size_t items_max = HasOpenCase(event.occurred_at) ? Timeline::kItemsMax : kQuietItemsMax;
  if (timeline_.Remember(event, items_max)) changed_ |= Bit(Segment::kTimeline);
  RememberFreeze(event);
}

void CaseFile::RememberFreeze(const schemas::Event& event) {
  std::optional<FreezeSaid> said = freeze_said_;
  if (said && event.occurred_at < said->at) return;
  if (const schemas::AccountChange* change = event.change()) {
    const bool frozen = change->change == schemas::ChangeKind::kFrozen;
    if (!frozen && change->change != schemas::ChangeKind::kUnfrozen) return;
    said = FreezeSaid{.at = event.occurred_at, .frozen = frozen};
  } else if (const schemas::AccountProfile* profile = event.profile()) {
    if (profile->status != schemas::AccountStatus::kNone) said.reset();  // It says it itself.
  }
  if (said == freeze_said_) return;
  freeze_said_ = said;
  changed_ |= Bit(Segment::kCase);
}

bool CaseFile::IsFrozen(schemas::AccountStatus status) const {
  return freeze_said_ ? freeze_said_->frozen : status == schemas::AccountStatus::kFrozen;
}

void CaseFile::NoteCauses(std::span<const std::string> event_ids) {
  if (timeline_.MarkCauses(event_ids)) changed_ |= Bit(Segment::kTimeline);
}

void CaseFile::EncodeSegment(Segment segment, std::string& out) const {
  ByteWriter writer(out);
  switch (segment) {
    case Segment::kCase:
      if (cases_.empty() && replaced_.empty() && notices_.empty() && folded_.empty() && !freeze_said_ &&
          !addressed_before_)
        return;
      writer.Byte(kVersion);
      EncodeCases(cases_, replaced_, notices_, folded_, freeze_said_, addressed_before_, writer);
      return;
    case Segment::kTimeline:
      if (timeline_.empty()) return;
      writer.Byte(Timeline::kVersion);
      timeline_.Encode(writer);
      return;
    case Segment::kTold:
      if (told_.empty()) return;
      writer.Byte(kToldVersion);
      EncodeTold(told_, writer);
      return;
  }
}

Result<Done> CaseFile::DecodeSegment(Segment segment, std::string_view bytes) {
  ByteReader reader(bytes);
  switch (segment) {
    case Segment::kCase: {
      const auto clear = [this] {
        cases_.clear();
        replaced_.clear();
        notices_.clear();
        folded_.clear();
        freeze_said_.reset();
        addressed_before_.reset();
      };
      clear();
      if (bytes.empty()) return Done{};
      const uint8_t version = reader.Byte();
      if (DecodeCases(reader, version, cases_, replaced_, notices_,
                      {folded_, freeze_said_, addressed_before_}) &&
          reader.AtEnd())
        return Done{};
      clear();
      return Error{ErrorCode::kCorrupt, "case", "stored bytes are not a case segment"};
    }
    case Segment::kTimeline: {
      timeline_ = {};
      if (bytes.empty()) return Done{};
      const uint8_t version = reader.Byte();
      if (Timeline::Decode(reader, version, timeline_) && reader.AtEnd()) return Done{};
      timeline_ = {};
      return Error{ErrorCode::kCorrupt, "timeline", "stored bytes are not a timeline segment"};
    }
    case Segment::kTold: {
      told_.clear();
      if (bytes.empty()) return Done{};
      const uint8_t version = reader.Byte();
      if (DecodeTold(reader, version, told_) && reader.AtEnd()) return Done{};
      told_.clear();
      return Error{ErrorCode::kCorrupt, "told", "stored bytes are not a segment of findings told"};
    }
  }
  return Error{ErrorCode::kInvalid, "segment", "not a segment of the case file"};
}

size_t CaseFile::ByteSize() const {
  size_t bytes = sizeof *this + timeline_.HeapBytes();
  bytes += HeapOf(cases_) + HeapOf(replaced_) + notices_.capacity() * sizeof(NoticeSent);
  for (const NoticeSent& notice : notices_) {
    bytes += HeapOf(notice.reason) + HeapOf(notice.notice_id) + HeapOf(notice.case_id);
  }
  bytes += told_.capacity() * sizeof(Told);
  for (const Told& told : told_) {
    bytes += HeapOf(told.finding_id) + HeapOf(told.detector) + HeapOf(told.case_id) + HeapOf(told.reason) +
             HeapOf(told.cause);
  }
  bytes += folded_.capacity() * sizeof(Folded);
  for (const Folded& item : folded_) {
    bytes += HeapOf(item.reason) + HeapOf(item.observed) + HeapOf(item.usual) + HeapOf(item.case_id);
    if (item.payment) bytes += HeapOf(item.payment->other);
    bytes += item.no_room.money.HeapBytes();
  }
  if (addressed_before_) {
    bytes += HeapOf(addressed_before_->display_name) + HeapOf(addressed_before_->locale) +
             HeapOf(addressed_before_->timezone);
  }
  return bytes;
}

}  // namespace tocsin::alerts

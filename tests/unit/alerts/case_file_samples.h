// Case files with something in every member, for tests of their bytes.
#pragma once

#include <string>

#include "alerts/case_file.h"

namespace tocsin::alerts::samples {

using namespace std::chrono_literals;

inline const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

// Every member of a case file but those of Said() is another than the default.
inline CaseFile Full() {
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
                   .payment = PaymentKey("tx-1"),
                   .secret = true,
                   .told_before = kNoon - 1h}};
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
  one.promised_reply = kNoon + 20h;
  one.notices_held = 5;
  one.owner_answer = schemas::FeedbackVerdict::kNotMe;
  Case information;
  information.state = CaseState::kResolved;
  information.group = CaseGroup::kInformation;
  information.case_id = "not hex";
  information.denied_at = kNoon - 96h;
  file.MutableCases() = {one, information};
  Case replaced;
  replaced.case_id = "00112233445566778899aabbccddee11";
  replaced.actions = one.actions;
  file.MutableReplaced() = {replaced};
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

inline std::string Bytes(const CaseFile& file, Segment segment) {
  std::string bytes;
  file.EncodeSegment(segment, bytes);
  return bytes;
}

// What waits for the digest, and what is said of the account.
inline CaseFile Said() {
  CaseFile file = Full();
  Folded payment{.reason = "limit_breach",
                 .observed = "CNY 68000.00 in 24 h",
                 .at = kNoon,
                 .severity = schemas::Severity::kMedium,
                 .family = schemas::Family::kLimit,
                 .case_id = "00112233445566778899aabbccddeeff",
                 .times = 2};
  Folded counter{.at = kNoon, .times = 9};
  counter.no_room = {.others = 3, .takeovers = 2, .uses = 4};
  counter.no_room.money.Begin(kNoon);
  counter.no_room.money.Note({.key = PaymentKey("tx-4"),
                              .at = kNoon + 1h,
                              .said_at = kNoon + 1h,
                              .amount = {250'000, *Currency::Find("CNY")},
                              .status = schemas::TransactionStatus::kCompleted});
  file.MutableFolded() = {payment, payment, counter};
  file.MutableFolded()[1].payment = PaymentFact{.key = PaymentKey("tx-3"),
                                                .said_at = kNoon + 1h,
                                                .kind = schemas::TransactionKind::kTransfer,
                                                .direction = schemas::Direction::kOut,
                                                .status = schemas::TransactionStatus::kCompleted,
                                                .amount = {6'800'000, *Currency::Find("CNY")},
                                                .other = "62…45"};
  file.MutableAddressedBefore() = AddressedBefore{
      .display_name = "Li Wei", .locale = "en", .timezone = "Asia/Hong_Kong", .changed_at = kNoon};
  schemas::Event frozen;
  frozen.event_id = EventId("frozen");
  frozen.occurred_at = kNoon;
  frozen.type = schemas::EventType::kAccountChange;
  frozen.payload = schemas::AccountChange{.change = schemas::ChangeKind::kFrozen};
  file.Remember(frozen);
  return file;
}

}  // namespace tocsin::alerts::samples

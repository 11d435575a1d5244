// What the alert side remembers of one account: its open case, what it was told, and the timeline a person
// would want to see. Kept beside the detectors' AccountState, in segments of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/money_out.h"
#include "alerts/payment_fact.h"
#include "alerts/timeline.h"
#include "base/result.h"
#include "base/time.h"
#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// Stored: never renumber. Below 32 belongs to detectors/.
enum class Segment : uint8_t { kCase = 32, kTimeline = 33, kTold = 34 };
inline constexpr std::array kSegments = {Segment::kCase, Segment::kTimeline, Segment::kTold};

// What people said of a finding. Stored: never renumber.
enum class Label : uint8_t { kNone = 0, kRight = 1, kWrong = 2, kRightByAnalyst = 3, kWrongByAnalyst = 4 };

// What is kept of a payment's transaction_id, to find it again; 0: it has none.
[[nodiscard]] uint64_t PaymentKey(std::string_view transaction_id);

// A finding that is part of the case.
struct CaseFinding {
  std::string finding_id;
  std::string detector;
  schemas::Family family = schemas::Family::kLocation;
  schemas::Severity severity = schemas::Severity::kLow;
  int confidence = 50;
  double weight = 0;
  Timestamp at;
  std::vector<std::string> cause;
  std::string reason;    // Code of its first reason.
  std::string observed;  // Of that reason; cleaned.
  std::string usual;
  bool in_ticket = false;  // The ticket says it, as it is now, and not only in a batch under way.
  Label label = Label::kNone;
  std::string earlier_case;  // Of a case that is over and that had it before; "" for most.
  uint64_t payment = 0;      // PaymentKey of the one payment that it is about; 0: of none, or of many.
  bool secret = false;       // The policy keeps it from the owner.
  // When it was of medium severity or more for the first time, if it has moved on from there; kTimestampMax:
  // it has not.
  Timestamp told_before = kTimestampMax;
  uint32_t size = 0;  // Claim::size when it was told last.
  friend bool operator==(const CaseFinding&, const CaseFinding&) = default;
};

struct NoticeSent {
  std::string
      reason;  // Code: one notice per reason and day. A notice that tells several has an entry for each.
  Timestamp at;
  schemas::Severity severity = schemas::Severity::kLow;
  std::string notice_id;
  std::string case_id;
  bool digest = false;    // It told of what was over: the reason may be told again.
  bool attempts = false;  // It told of logins that failed, and of nothing else.
  friend bool operator==(const NoticeSent&, const NoticeSent&) = default;
};

// What found no room among what waits for the digest (alerts/fold.h).
struct NoRoom {
  MoneyOut money;          // Payments out; not begun: none.
  uint32_t others = 0;     // What was found in other payments, or in several,
  uint32_t takeovers = 0;  // of a possible takeover, or as a report,
  uint32_t uses = 0;       // and in anything else.
  friend bool operator==(const NoRoom&, const NoRoom&) = default;
};

// Something the owner was not told by a notice of its own: for the digest.
struct Folded {
  std::string reason;    // Code; "" : this entry, the last, counts what found no room.
  std::string observed;  // Cleaned, as `usual` is.
  std::string usual;
  Timestamp at;  // The first time.
  schemas::Severity severity = schemas::Severity::kLow;
  schemas::Family family = schemas::Family::kLocation;
  std::string case_id;
  uint32_t times = 1;
  std::optional<PaymentFact> payment;  // That it was found in.
  NoRoom no_room;
  friend bool operator==(const Folded&, const Folded&) = default;
};

// A finding that was told and that no case holds any more (alerts/told.h).
struct Told {
  std::string finding_id;
  std::string detector;  // "" of what version 1 remembered, as are the members below.
  std::string case_id;   // "" in shadow.
  std::string reason;    // Code of its first reason.
  Timestamp at;
  schemas::Family family = schemas::Family::kLocation;
  schemas::Severity severity = schemas::Severity::kLow;
  int confidence = 50;
  schemas::Mode mode = schemas::Mode::kLive;  // It was told in.
  Label label = Label::kNone;
  uint64_t payment = 0;
  std::vector<std::string> cause;
  friend bool operator==(const Told&, const Told&) = default;
};

// What an account_change said last: the account was frozen, or a freeze was lifted.
struct FreezeSaid {
  Timestamp at;
  bool frozen = false;
  friend bool operator==(const FreezeSaid&, const FreezeSaid&) = default;
};

// How the owner was addressed before they were last told to have another name, to speak another language, or
// to live by another clock.
struct AddressedBefore {
  std::string display_name;  // "" of what version 7 remembered.
  std::string locale;
  std::string timezone;
  Timestamp changed_at;
  friend bool operator==(const AddressedBefore&, const AddressedBefore&) = default;
};

enum class CaseState : uint8_t { kNone = 0, kOpen = 1, kResolved = 2 };

// One account has at most one case of each group. Everything that could be an attack is one story for the
// person who reads it, whatever family found it; what is merely good to know (a limit coming near), or a
// matter for support (a balance that does not add up), neither begins that story nor keeps it open.
enum class CaseGroup : uint8_t { kSecurity = 0, kInformation = 1 };

// Until when a detector is not told for this account: an analyst called what it found wrong.
struct Allowance {
  std::string detector;
  Timestamp until;
  schemas::Severity severity =
      schemas::Severity::kLow;  // Of what was called wrong: graver findings are told.
  std::string case_id;          // Of the case in which it was said.
  friend bool operator==(const Allowance&, const Allowance&) = default;
};

// What the platform was asked to do; each kind and target once.
struct Asked {
  schemas::ActionKind kind = schemas::ActionKind::kNone;
  std::string target;  // A transaction, a session, or the account by its id.
  Timestamp at;        // The last time that it was asked.
  Timestamp until;     // When it expires, or when the platform said that it is over.
  [[nodiscard]] bool InForce(Timestamp now) const { return now < until; }
  friend bool operator==(const Asked&, const Asked&) = default;
};

// What the ticket of a case says. Times are those of the events that its operations were about.
struct TicketSaid {
  Timestamp until = kTimestampMin;    // Of the last that is with the agents, and not in a batch under way.
  Timestamp written = kTimestampMin;  // Of the last.
  double risk_most = 0;               // The highest risk that an operation said.
  Timestamp risk_most_at = kTimestampMin;
  friend bool operator==(const TicketSaid&, const TicketSaid&) = default;
};

struct Case {
  static constexpr size_t kAllowancesMax = 64;
  static constexpr size_t kFindingsMax = 64;
  static constexpr size_t kActionsMax = 64;

  CaseState state = CaseState::kNone;
  CaseGroup group = CaseGroup::kSecurity;
  std::string case_id;
  std::string reference;  // "T-2026-7KQ4-M2QX"
  Timestamp opened_at;
  Timestamp last_finding_at;
  Timestamp open_until;  // The first instant at which a finding would begin a new case.
  schemas::Priority priority = schemas::Priority::kP4;    // Only rises.
  schemas::Severity severity = schemas::Severity::kInfo;  // The highest of its findings so far; only rises.
  bool ticket_open = false;
  bool unreachable = false;           // A notice was due and the owner has no contact it could go to.
  bool append_waits = false;          // Something the ticket does not say yet.
  std::vector<CaseFinding> findings;  // By time; at most kFindingsMax, oldest info ones go first.
  uint32_t findings_dropped = 0;
  std::vector<Asked> actions;                // At most kActionsMax; the one that ends first goes first.
  uint32_t ticket_sequence = 0;              // Operations so far: ids of the next.
  Timestamp last_append_at = kTimestampMin;  // Of any ticket operation; ahead while a batch is under way.
  uint32_t batched = 0;                      // Appends of the batch under way.
  TicketSaid said;
  // Worked out once, when the ticket opened: however grave it becomes, a late reply is late.
  Timestamp due_first_reply = kTimestampMin;
  // By when the owner is told that a person replies; kTimestampMin: only what is kept from them asked for the
  // ticket, and they do not hear of it.
  Timestamp promised_reply = kTimestampMin;
  // The earliest of the restrictions in force, and not later ones'.
  Timestamp due_review = kTimestampMin;
  uint32_t notices_held = 0;  // Folded by cooldown or cap since the last notice.
  Timestamp last_notice_at = kTimestampMin;
  schemas::Severity last_notice_severity = schemas::Severity::kInfo;
  schemas::FeedbackVerdict owner_answer = schemas::FeedbackVerdict::kNone;
  Timestamp answered_at = kTimestampMin;
  // The end of the told and undecided case whose place it took; kTimestampMin: none.
  Timestamp held_until = kTimestampMin;
  // When the owner said "not me" in a case whose place it took and on which no person had decided;
  // kTimestampMin: never.
  Timestamp denied_at = kTimestampMin;
  MoneyOut money;                     // alerts/case_money.h
  std::vector<Allowance> allowances;  // By detector, each once; the next case of the group takes them over.
  friend bool operator==(const Case&, const Case&) = default;
};

// Told, severity medium or more, and not of failed logins alone (password_guessing): these name no use of the
// account, and whoever knows no password must not decide what the account may learn.
[[nodiscard]] bool IsToldOfUse(const Case& one);
// The detector of failed logins.
inline constexpr std::string_view kGuessing = "password_guessing";

class CaseFile {
 public:
  // 1 did not know when an action ends; 2 did not count what a batch of a ticket says; 3 did not know of a
  // finding's earlier case and payment; 4 did not know what money left; 5 did not know of a "not me" of
  // before, and not which notices told of failed logins alone; 6 did not know what is kept from the owner,
  // what was replaced, what a ticket says, the payment of what waits for a digest, and how the owner was
  // addressed before; 7 did not know what it is that finds no room in a digest, and not the owner's name of
  // before; 8 did not know since when what moved on has been told, and not how many events a run had.
  static constexpr uint8_t kVersion = 9;
  static constexpr size_t kNoticesMax = 64;
  static constexpr size_t kFoldedMax = 16;
  static constexpr size_t kReplacedMax = 4;
  static constexpr uint8_t kToldVersion = 2;  // 1 could only be taken back.
  static constexpr size_t kToldMax = 128;
  // Events kept for a ticket while no case is open: enough to see how a story began. With one:
  // Timeline::kItemsMax.
  static constexpr size_t kQuietItemsMax = 24;

  // A closed case is kept until the next of its group opens, so that a late answer finds it.
  [[nodiscard]] const std::vector<Case>& cases() const { return cases_; }
  // Cases that another took the place of while something that restricts the owner was in force by them: until
  // that has ended, and their ticket says so. At most kReplacedMax, those whose restrictions end last.
  [[nodiscard]] const std::vector<Case>& replaced() const { return replaced_; }
  // In cases(); null when there is none of that id.
  [[nodiscard]] const Case* FindCase(std::string_view case_id) const;
  // By time.
  [[nodiscard]] const std::vector<NoticeSent>& notices() const { return notices_; }
  // What the next digest tells.
  [[nodiscard]] const std::vector<Folded>& folded() const { return folded_; }
  // Of the last 72 h; nullopt: nothing of it was changed.
  [[nodiscard]] const std::optional<AddressedBefore>& addressed_before() const { return addressed_before_; }
  // Each id once.
  [[nodiscard]] const std::vector<Told>& told() const { return told_; }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  // Room for a case of each group, so that references into cases() stay good while findings join.
  void ReserveCases() { cases_.reserve(2); }
  std::vector<Case>& MutableCases() { return changed_ |= Bit(Segment::kCase), cases_; }
  std::vector<Case>& MutableReplaced() { return changed_ |= Bit(Segment::kCase), replaced_; }
  std::vector<NoticeSent>& MutableNotices() { return changed_ |= Bit(Segment::kCase), notices_; }
  std::vector<Folded>& MutableFolded() { return changed_ |= Bit(Segment::kCase), folded_; }
  std::optional<AddressedBefore>& MutableAddressedBefore() {
    return changed_ |= Bit(Segment::kCase), addressed_before_;
  }
  std::vector<Told>& MutableTold() { return changed_ |= Bit(Segment::kTold), told_; }

  // The allowance in force for the claim of an event at event time `at`, or null. Never of reports.
  [[nodiscard]] const Allowance* AllowanceOf(const schemas::Claim& claim, Timestamp at) const;

  // The end of the last security case that was told of a use (IsToldOfUse) and ended before `at` without a
  // decision; kTimestampMin when there is none that is remembered, or it was decided.
  [[nodiscard]] Timestamp HeldUntil(Timestamp at) const;

  // A case of the security group is open at event time `at`: before Case::open_until (72 h after its last
  // finding, 14 d after it was opened, by default) and not resolved.
  [[nodiscard]] bool HasOpenCase(Timestamp at) const;

  // Such a case, told of a use by what happened until then. Its subject is not learnt.
  [[nodiscard]] bool HasToldCase(Timestamp at) const;

  // The platform says that the account is frozen: by its last account_change of that kind, or by the profile
  // (`status`) where that is newer or nothing else was said.
  [[nodiscard]] bool IsFrozen(schemas::AccountStatus status) const;

  // Remembers the event for tickets: at most Timeline::kItemsMax events of the last 72 h, by time; and what
  // it says of a freeze. Decider::Decide calls it; twice does no harm.
  void Remember(const schemas::Event& event);
  // What a finding more than informative is about: the timeline keeps it as long as it can.
  void NoteCauses(std::span<const std::string> event_ids);

  [[nodiscard]] uint64_t changed() const { return changed_; }
  void ClearChanged() { changed_ = 0; }
  // Appends the segment's bytes, version first; nothing when it is empty.
  void EncodeSegment(Segment segment, std::string& out) const;
  // Replaces the segment and does not mark it changed; empty bytes are the empty segment. kCorrupt for
  // anything that EncodeSegment cannot have written; the segment is then empty.
  [[nodiscard]] Result<Done> DecodeSegment(Segment segment, std::string_view bytes);
  // Memory held, this object included.
  [[nodiscard]] size_t ByteSize() const;
  friend bool operator==(const CaseFile& a, const CaseFile& b) {
    return a.cases_ == b.cases_ && a.replaced_ == b.replaced_ && a.notices_ == b.notices_ &&
           a.folded_ == b.folded_ && a.told_ == b.told_ && a.freeze_said_ == b.freeze_said_ &&
           a.addressed_before_ == b.addressed_before_ && a.timeline_ == b.timeline_;
  }

 private:
  void RememberFreeze(const schemas::Event& event);

  static constexpr uint64_t Bit(Segment segment) { return uint64_t{1} << static_cast<unsigned>(segment); }
  std::vector<Case> cases_;
  std::vector<Case> replaced_;
  std::vector<NoticeSent> notices_;
  std::vector<Folded> folded_;
  std::vector<Told> told_;
  std::optional<FreezeSaid> freeze_said_;
  std::optional<AddressedBefore> addressed_before_;
  Timeline timeline_;
  uint64_t changed_ = 0;
};

}  // namespace tocsin::alerts

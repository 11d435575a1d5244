// Everything remembered of one account (design.md §4), in segments. A segment is small, bounded, comparable,
// versioned, and encoded by its own codec. Reading is free; whoever changes a segment asks for it by
// Mutable…, which marks it as changed: only changed segments are written.
//
// Detectors get `const AccountState&`. Only the learners (detectors/learning/) change it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "detectors/state/attempts.h"
#include "detectors/state/devices.h"
#include "detectors/state/failures.h"
#include "detectors/state/habits.h"
#include "detectors/state/ledger.h"
#include "detectors/state/money.h"
#include "detectors/state/networks.h"
#include "detectors/state/payees.h"
#include "detectors/state/places.h"
#include "detectors/state/profile.h"
#include "detectors/state/recent_events.h"
#include "detectors/state/security.h"
#include "detectors/state/security_log.h"
#include "detectors/state/sessions.h"
#include "detectors/state/sign_ins.h"

namespace tocsin::detectors {

// Stored: never renumber. 32 and up belong to alerts/ (case_file.h), 64 and up to per-partition state
// (population.h).
enum class Segment : uint8_t {
  kProfile = 1,
  kPlaces = 2,
  kDevices = 3,
  kNetworks = 4,
  kSignIns = 5,
  kFailures = 6,
  kMoney = 7,
  kSecurity = 8,
  kRecentEvents = 9,
  kSessions = 10,
  kHabits = 11,
  kSecurityLog = 12,
  kPayees = 13,
  kAttempts = 15,
  kLedger = 16,
};
inline constexpr std::array kSegments = {
    Segment::kProfile,  Segment::kPlaces,      Segment::kDevices,  Segment::kNetworks,     Segment::kSignIns,
    Segment::kFailures, Segment::kMoney,       Segment::kSecurity, Segment::kRecentEvents, Segment::kSessions,
    Segment::kHabits,   Segment::kSecurityLog, Segment::kPayees,   Segment::kAttempts,     Segment::kLedger};

class AccountState {
 public:
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] const Places& places() const { return places_; }
  [[nodiscard]] const Devices& devices() const { return devices_; }
  [[nodiscard]] const Networks& networks() const { return networks_; }
  [[nodiscard]] const SignIns& sign_ins() const { return sign_ins_; }
  [[nodiscard]] const Failures& failures() const { return failures_; }
  [[nodiscard]] const MoneyHistory& money() const { return money_; }
  [[nodiscard]] const Security& security() const { return security_; }
  [[nodiscard]] const SecurityLog& security_log() const { return security_log_; }
  [[nodiscard]] const RecentEvents& recent_events() const { return recent_events_; }
  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const Habits& habits() const { return habits_; }
  [[nodiscard]] const Payees& payees() const { return payees_; }
  [[nodiscard]] const PaymentAttempts& attempts() const { return attempts_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

  Profile& MutableProfile() { return Touch(Segment::kProfile, profile_); }
  Places& MutablePlaces() { return Touch(Segment::kPlaces, places_); }
  Devices& MutableDevices() { return Touch(Segment::kDevices, devices_); }
  Networks& MutableNetworks() { return Touch(Segment::kNetworks, networks_); }
  SignIns& MutableSignIns() { return Touch(Segment::kSignIns, sign_ins_); }
  Failures& MutableFailures() { return Touch(Segment::kFailures, failures_); }
  MoneyHistory& MutableMoney() { return Touch(Segment::kMoney, money_); }
  Security& MutableSecurity() { return Touch(Segment::kSecurity, security_); }
  SecurityLog& MutableSecurityLog() { return Touch(Segment::kSecurityLog, security_log_); }
  RecentEvents& MutableRecentEvents() { return Touch(Segment::kRecentEvents, recent_events_); }
  Sessions& MutableSessions() { return Touch(Segment::kSessions, sessions_); }
  Habits& MutableHabits() { return Touch(Segment::kHabits, habits_); }
  Payees& MutablePayees() { return Touch(Segment::kPayees, payees_); }
  PaymentAttempts& MutableAttempts() { return Touch(Segment::kAttempts, attempts_); }
  Ledger& MutableLedger() { return Touch(Segment::kLedger, ledger_); }

  // Bit n is set when segment n changed since ClearChanged.
  [[nodiscard]] uint64_t changed() const { return changed_; }
  void ClearChanged() { changed_ = 0; }

  // The segment's bytes, appended; nothing for an empty segment (which is what a missing one decodes to).
  void EncodeSegment(Segment segment, std::string& out) const;
  // Replaces the segment; empty bytes are the empty segment. Does not mark it as changed. kCorrupt for bytes
  // that EncodeSegment of this or an earlier version cannot have written; the state is then unchanged.
  [[nodiscard]] Result<Done> DecodeSegment(Segment segment, std::string_view bytes);

  // Memory held, this object included: what the account table's budget counts. Within 20 % of the truth.
  [[nodiscard]] size_t ByteSize() const;

  friend bool operator==(const AccountState& a, const AccountState& b) {
    return a.profile_ == b.profile_ && a.places_ == b.places_ && a.devices_ == b.devices_ &&
           a.networks_ == b.networks_ && a.sign_ins_ == b.sign_ins_ && a.failures_ == b.failures_ &&
           a.money_ == b.money_ && a.security_ == b.security_ && a.security_log_ == b.security_log_ &&
           a.recent_events_ == b.recent_events_ && a.sessions_ == b.sessions_ && a.habits_ == b.habits_ &&
           a.payees_ == b.payees_ && a.attempts_ == b.attempts_ && a.ledger_ == b.ledger_;
  }

 private:
  template <class T>
  T& Touch(Segment segment, T& held) {
    changed_ |= uint64_t{1} << static_cast<unsigned>(segment);
    return held;
  }

  Profile profile_;
  Places places_;
  Devices devices_;
  Networks networks_;
  SignIns sign_ins_;
  Failures failures_;
  MoneyHistory money_;
  Security security_;
  SecurityLog security_log_;
  RecentEvents recent_events_;
  Sessions sessions_;
  Habits habits_;
  Payees payees_;
  PaymentAttempts attempts_;
  Ledger ledger_;
  uint64_t changed_ = 0;
};

}  // namespace tocsin::detectors

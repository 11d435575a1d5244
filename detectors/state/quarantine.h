// Where something new waits while its event is under suspicion: it is remembered, but it is not yet the
// account's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace tocsin::detectors {

enum class Standing : uint8_t {
  kKnown = 0,    // Learnt: the account's own.
  kPending = 1,  // In quarantine: waits for the owner, for the case to close, or for its age.
  kRefused = 2,  // The owner said "not me": never trusted again until it is forgotten.
};

// Common to places, devices and networks of an account.
struct Tenure {
  Standing standing = Standing::kKnown;
  bool hour_before = false;  // The hour before last_seen is among the uses as well.
  float uses = 0;            // Hours with a confirmed use, decayed to last_seen with half-life 30 d.
  Timestamp first_seen = kTimestampMin;
  Timestamp last_seen = kTimestampMin;  // The beginning of its hour.
  // The same of the last use under suspicion of what is known, where it is later: it gains nothing by it, but
  // it was seen, and is not new because its owner is suspected for months. kTimestampMin: none.
  Timestamp suspected_at = kTimestampMin;
  // Its age ended its quarantine then: to an event that comes before, and arrives later, it still waits.
  Timestamp known_since = kTimestampMin;
  // The event that introduced it, at first_seen. A novelty finding's identity is this cause, so that the
  // second login from the same new place is the same finding, and an earlier one that arrives late moves the
  // cause. Kept while pending, and for kMovable once it is known; "" in what an answer confirmed.
  std::string introduced_by;
  friend bool operator==(const Tenure&, const Tenure&) = default;
};

inline constexpr Millis kTenureHalfLife = std::chrono::hours(24 * 30);
// Countries and networks not used for longer are new again.
inline constexpr Millis kUnseenAfter = std::chrono::hours(24 * 90);
// Everything not used for longer is forgotten, refusals included.
inline constexpr Millis kForgottenAfter = std::chrono::hours(24 * 180);
// How late an event may be (RecentEvents::kHorizon): after it nothing can come before an introduction any
// more.
inline constexpr Millis kMovable = std::chrono::hours(72);
// Uses within one hour of the clock count once: a hundred logins in an hour earn no more trust than one, and
// an account that is used every minute does not write its habits every minute. Hours of the clock, so that
// the order in which uses arrive does not decide how many they are.
inline constexpr Millis kUseGrain = std::chrono::hours(1);
[[nodiscard]] Timestamp UseHour(Timestamp at);
// An hour counts once it has been over for this long: what arrives later by less is judged alike.
inline constexpr Millis kSettled = std::chrono::minutes(10);
// What an account learns about itself (that it has been used enough, what it pays) counts once it is this
// old. So no sitting teaches what it is judged by, and the order in which its events arrive decides nothing.
inline constexpr Millis kSitting = kUseGrain;

// The newest use, whatever it was worth.
[[nodiscard]] inline Timestamp LastSeen(const Tenure& tenure) {
  return tenure.suspected_at > tenure.last_seen ? tenure.suspected_at : tenure.last_seen;
}

[[nodiscard]] bool IsKnownAt(const Tenure& tenure, Timestamp at);

// Uses that were settled at the event's time, decayed to it; 0 unless it was known then.
[[nodiscard]] double SettledUses(const Tenure& tenure, Timestamp at);

// 0…1: grows with age and confirmed use, decays with disuse; 0 unless known.
//   trust = min(1, age / 30 d) · (1 − exp(−SettledUses / 3))
[[nodiscard]] double Trust(const Tenure& tenure, Timestamp at);

// What an entry is to an event at a point of the account's history.
enum class Seen : uint8_t {
  kNot,  // Forgotten by then.
  kKnown,
  kPending,
  kRefused,
  kLater,  // Known, but only since a later event, and this one arrived late: at its time it was new.
};
// `unseen_after` is for the account's own; what waits lasts kForgottenAfter at most, a refusal just that.
[[nodiscard]] Seen SeenAt(const Tenure& tenure, Timestamp at, std::string_view event_id, Millis unseen_after);

// The event comes before the one that introduced the entry (by time, then id).
[[nodiscard]] bool PrecedesIntroduction(const Tenure& tenure, Timestamp at, std::string_view event_id);

// How long quarantine is.
struct Hold {
  Millis quarantine{0};
  bool case_open = false;
  Timestamp held_until = kTimestampMin;  // Context::held_until.
};

// A pending entry that has waited long enough, since its introduction and since the account's last undecided
// case: the next event that is not under suspicion makes it known, and until then it counts as known. Never
// while the account has an open case that was told.
[[nodiscard]] bool IsRipe(const Tenure& tenure, Timestamp at, const Hold& hold);

// What has waited long enough becomes known, as of when it had. REQUIRES: pending.
void Release(Tenure& tenure, const Hold& hold);
// What waits is said to be the owner's: whenever it was used, it was known. REQUIRES: pending.
void Confirm(Tenure& tenure);

// A first use.
[[nodiscard]] Tenure NewTenure(Standing standing, Timestamp at, std::string_view introduced_by);

// Whether CountUse would change the entry.
[[nodiscard]] bool UseCounts(const Tenure& tenure, Timestamp at, std::string_view event_id);
// A use that is not under suspicion, of an entry that is known. A late one counts as what is left of it.
void CountUse(Tenure& tenure, Timestamp at, std::string_view event_id);

// Segment codecs only. `base` is a time near all times of the segment.
void WriteTenure(ByteWriter& writer, const Tenure& tenure, Timestamp base);
void ReadTenure(ByteReader& reader, Tenure& tenure, Timestamp base);

}  // namespace tocsin::detectors

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
  Timestamp first_seen = kTimestampMin;
  Timestamp last_seen = kTimestampMin;  // To kUseGrain.
  float uses = 0;                       // Confirmed uses, decayed to last_seen with half-life 30 d.
  // The event that introduced it, at first_seen. A novelty finding's identity is this cause, so that the
  // second login from the same new place is the same finding, and an earlier one that arrives late moves the
  // cause. Kept while pending, and for kMovable once it is known; "" in what was learnt during the learning
  // phase and what an answer confirmed.
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
// Uses nearer to each other than this are one sitting and count once: a hundred logins in an hour earn no
// more trust than one, and an account that is used every minute does not write its habits every minute.
inline constexpr Millis kUseGrain = std::chrono::hours(1);
// What an account learns about itself (that it has been used enough, what it pays) counts once it is this
// old. So no sitting teaches what it is judged by, and the order in which its events arrive decides nothing.
inline constexpr Millis kSitting = kUseGrain;

// 0…1: grows with age and confirmed use, decays with disuse; 0 unless known.
//   trust = min(1, age / 30 d) · (1 − exp(−uses_now / 3))
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

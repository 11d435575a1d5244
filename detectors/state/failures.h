// Failed attempts on the account, for guessing.
//
// Invariants: `attempts` is sorted by time, then event id; the first attempt of a run is never given up
// before the whole run is, so that a run keeps its identity however long and large it grows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Only failures that are evidence of guessing are kept (detectors/guessing.h).
struct FailedAttempt {
  Timestamp at;
  KeptId event_id;
  uint32_t address_hash = 0;  // 0 unknown.
  uint32_t asn = 0;           // 0 unknown.
  std::string country;        // "" unknown.
  uint32_t device_id_hash =
      0;  // Of the device's own id; 0 when it has none (families alone are not an identity).
  schemas::FailureReason reason = schemas::FailureReason::kNone;
  // Attempts of the same run right after this one that had to go, because there were too many or they were
  // too old.
  uint32_t folded = 0;
  Timestamp folded_until = kTimestampMin;  // Time of the last of them.

  [[nodiscard]] Timestamp end() const { return folded > 0 ? folded_until : at; }
  friend bool operator==(const FailedAttempt&, const FailedAttempt&) = default;
};

struct Failures {
  static constexpr uint8_t kVersion = 2;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  static constexpr size_t kAttemptsMax = 128;
  // By event time, before the account's newest event: the lateness horizon, and what a late failure is
  // compared with.
  static constexpr Millis kKept = std::chrono::hours(72 + 4);
  // A run is a maximal sequence of failures with gaps of at most this: one episode of guessing.
  static constexpr Millis kRunGap = std::chrono::minutes(60);

  std::vector<FailedAttempt> attempts;

  // Keeps order and bounds: when the list is full, the oldest attempt that does not begin a run is folded
  // into its predecessor.
  void Insert(FailedAttempt attempt, Timestamp newest);
  // Gives up runs that ended before `newest` - kKept, and folds what is older in those that go on. Cheap when
  // nothing is.
  void Prune(Timestamp newest);
  // True when Prune(newest) would change something.
  [[nodiscard]] bool CanPrune(Timestamp newest) const;

  [[nodiscard]] bool empty() const { return attempts.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Failures& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Failures&, const Failures&) = default;

 private:
  void Fold(size_t index);
};

}  // namespace tocsin::detectors

// Failed attempts on the account in the last hours, for guessing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct FailedAttempt {
  Timestamp at;
  std::string event_id;
  uint64_t address_hash = 0;  // 0 unknown.
  uint32_t asn = 0;
  std::string country;
  uint64_t device_key = 0;
  schemas::FailureReason reason = schemas::FailureReason::kNone;
  friend bool operator==(const FailedAttempt&, const FailedAttempt&) = default;
};

struct Failures {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kAttemptsMax = 128;
  static constexpr Millis kKept = std::chrono::hours(6);  // By event time, before the newest event.

  std::vector<FailedAttempt> attempts;  // By time, then event id.
  bool saturated = false;               // Attempts within kKept had to go: counts are lower bounds.

  [[nodiscard]] bool empty() const { return attempts.empty() && !saturated; }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Failures& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Failures&, const Failures&) = default;
};

}  // namespace tocsin::detectors

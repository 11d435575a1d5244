// How much the account has been used: what "learning" means.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

struct SignIns {
  static constexpr uint8_t kVersion = 1;

  uint32_t successes = 0;  // Saturates.
  Timestamp first_success = kTimestampMin;
  Timestamp last_success = kTimestampMin;

  [[nodiscard]] bool empty() const { return successes == 0; }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, SignIns& into);
  [[nodiscard]] static size_t HeapBytes() { return 0; }
  friend bool operator==(const SignIns&, const SignIns&) = default;
};

}  // namespace tocsin::detectors

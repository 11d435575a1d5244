// What the platform told us of the owner: the last account_profile event, by event time.
#pragma once

#include "base/time.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Profile {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kContactsMax = 16;
  static constexpr size_t kLimitsMax = 64;
  static constexpr size_t kTextBytesMax =
      512;  // Of any text in it; longer ones are cut when they are learnt.

  schemas::AccountProfile owner;
  Timestamp updated_at = kTimestampMin;  // An older profile that arrives late does not replace a newer one.
  Timestamp first_seen = kTimestampMin;  // Of the account: its earliest event; kTimestampMin before any.

  [[nodiscard]] bool empty() const { return updated_at == kTimestampMin && first_seen == kTimestampMin; }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Profile& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace tocsin::detectors

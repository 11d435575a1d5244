// What the platform told us of the owner: the last account_profile event, by event time.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Profile {
  static constexpr uint8_t kVersion = 3;  // 2: without `tenant`; 1: without the one before.
  static constexpr size_t kContactsMax = 16;
  static constexpr size_t kLimitsMax = 64;
  static constexpr size_t kTextBytesMax =
      512;  // Of any text in it; longer ones are cut when they are learnt.
  // How long the one before is kept, by event time: as long as an event may be judged late, or an hour of the
  // day waits to be learnt.
  static constexpr Millis kBeforeKept = 2 * kSitting;

  // As it was before `updated_at`: nothing, when the account had no profile.
  struct Before {
    schemas::AccountProfile owner;
    Timestamp updated_at = kTimestampMin;
    friend bool operator==(const Before&, const Before&) = default;
  };

  schemas::AccountProfile owner;
  std::vector<Before> before;            // At most one.
  Timestamp updated_at = kTimestampMin;  // An older profile that arrives late does not replace a newer one.
  Timestamp first_seen = kTimestampMin;  // Of the account: its earliest event; kTimestampMin before any.
  // Of the first profile that named one, and until there is a profile of the first event that did; "" when
  // none has.
  std::string tenant;

  // The event is about an account of another tenant that has the same id: nothing of it is for this owner.
  [[nodiscard]] bool IsOfAnother(const schemas::Event& event) const {
    return updated_at != kTimestampMin && !tenant.empty() && !event.tenant.empty() && event.tenant != tenant;
  }

  // As it was told until `at`, as far back as it is kept. An event is judged by what was so when it happened,
  // whether it arrives before the profile that changes it or after it.
  [[nodiscard]] const schemas::AccountProfile& OwnerAt(Timestamp at) const {
    return at < updated_at && !before.empty() ? before.front().owner : owner;
  }

  [[nodiscard]] bool empty() const {
    return updated_at == kTimestampMin && first_seen == kTimestampMin && tenant.empty();
  }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Profile& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace tocsin::detectors

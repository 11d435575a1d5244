// The networks the account is used from: autonomous systems, their class, and anonymisers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"
#include "schemas/facts.h"

namespace tocsin::detectors {

// One autonomous system with one class and one kind of anonymiser.
struct KnownNetwork {
  uint32_t asn = 0;
  schemas::NetworkClass network_class = schemas::NetworkClass::kUnknown;
  schemas::Anonymiser anonymiser = schemas::Anonymiser::kNone;
  std::string organization;  // For people; cut at 40 bytes.
  Tenure tenure;
  friend bool operator==(const KnownNetwork&, const KnownNetwork&) = default;
};

struct Networks {
  // 2: without Tenure::suspected_at; 1: without hour_before and known_since.
  static constexpr uint8_t kVersion = 3;
  static constexpr size_t kKnownMax = 24;  // Of them kWaitingMax for what waits or is refused (see pool.h).
  static constexpr size_t kOrganizationBytesMax = 40;

  std::vector<KnownNetwork> known;

  [[nodiscard]] bool empty() const { return known.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Networks& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Networks&, const Networks&) = default;
};

}  // namespace tocsin::detectors

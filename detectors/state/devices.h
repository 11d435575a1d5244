// The devices the account is used with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// Texts are kept as KeptDeviceId and KeptDeviceText (novelty.h) make them, so that a hostile client cannot
// fill the memory.
struct KnownDevice {
  std::string id;  // May be empty.
  std::string platform;
  std::string model;
  std::string os_family;
  std::string browser_family;
  int os_major = 0;
  int browser_major = 0;
  bool emulator = false;
  bool rooted = false;
  Tenure tenure;
  friend bool operator==(const KnownDevice&, const KnownDevice&) = default;
};

struct Devices {
  // 2: without Tenure::suspected_at; 1: without hour_before and known_since.
  static constexpr uint8_t kVersion = 3;
  static constexpr size_t kKnownMax = 24;  // Of them kWaitingMax for what waits or is refused (see pool.h).

  std::vector<KnownDevice> known;

  [[nodiscard]] bool empty() const { return known.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Devices& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Devices&, const Devices&) = default;
};

}  // namespace tocsin::detectors

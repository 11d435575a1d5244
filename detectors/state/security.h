// Stages of a takeover: what changed around the account's defences in the last 72 h, and travel the owner announced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// Stored: append only.
enum class Stage : uint8_t {
  kPasswordChanged = 0, kNewDevice = 1, kNewCountry = 2, kAnonymousNetwork = 3, kContactChanged = 4, kNotificationsOff = 5,
  kMfaOff = 6, kLimitRaised = 7, kPayeeAdded = 8, kMoneyOut = 9, kGuessedIn = 10,
};

struct StageSeen {
  Stage stage = Stage::kPasswordChanged;
  Timestamp at;
  std::string event_id;
  friend bool operator==(const StageSeen&, const StageSeen&) = default;
};

struct TravelPlan {
  std::vector<std::string> countries;
  Timestamp from;
  Timestamp until;
  friend bool operator==(const TravelPlan&, const TravelPlan&) = default;
};

struct Security {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kStagesMax = 48;
  static constexpr size_t kTravelMax = 4;
  static constexpr Millis kStagesKept = std::chrono::hours(72 * 2);

  std::vector<StageSeen> stages;  // By time, then event id.
  std::vector<TravelPlan> travel;
  // Causes of the takeover finding that is open, so that it grows instead of multiplying; empty: none.
  std::string chain_anchor;

  [[nodiscard]] bool empty() const { return stages.empty() && travel.empty() && chain_anchor.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Security& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Security&, const Security&) = default;
};

}  // namespace tocsin::detectors

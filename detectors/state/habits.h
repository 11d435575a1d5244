// When the account is used, by the hour of its own day, and what is odd about it but its own habit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// The hours of the day in which the account was used, one count for each day. A use is compared with what was
// counted two days before its own, On(its day). The three newest days are kept apart, so that this is exact
// also of a use that arrives after the first of the next day.
struct HourCounts {
  static constexpr int kUnit = 8;                // What is counted now is stored as this …
  static constexpr int64_t kWeekDays = 7;        // … and each week takes a part of it away …
  static constexpr int kWeeklyRestPercent = 92;  // … leaving this, rounded down: half in two months.
  static constexpr uint16_t kBinMax = 60'000;

  int64_t day = 0;         // Local days since 1970 of the newest use.
  uint32_t today = 0;      // Bit h: used in hour h of `day` …
  uint32_t yesterday = 0;  // … of the day before it …
  uint32_t before = 0;     // … and of the one before that.
  uint32_t cells = 0;      // Hours of days counted so far, undecayed. Saturates.
  std::array<uint16_t, 24> bins{};

  // True when anything changed. A day that is counted already gains nothing.
  bool Note(int64_t local_day, int hour);
  // With what a use of that day is compared; of an older day than yesterday, with the same as one of
  // yesterday.
  [[nodiscard]] HourCounts On(int64_t local_day) const;
  [[nodiscard]] bool empty() const { return (today | yesterday | before | cells) == 0; }
  friend bool operator==(const HourCounts&, const HourCounts&) = default;

 private:
  void Advance(int64_t local_day);
  void Count(uint32_t mask);
  void Decay(int64_t weeks);
};

// Something that is no proof of anything as long as it always was so. Stored: append only.
enum class Oddity : uint8_t {
  kEmulator = 0,       // The device is emulated.
  kRooted = 1,         // Its system's protection is broken.
  kTwoSystems = 2,     // Its browser does not exist on the system it says it is.
  kOtherSystem = 3,    // An id that was one system is another.
  kVersionBack = 4,    // An id whose version moved backward.
  kZoneElsewhere = 5,  // The client's time zone is none of the place's.
};
inline constexpr Oddity kLastOddity = Oddity::kZoneElsewhere;

struct KnownOddity {
  Oddity oddity = Oddity::kEmulator;
  Tenure tenure;
  friend bool operator==(const KnownOddity&, const KnownOddity&) = default;
};

struct Habits {
  // 3: without Tenure::suspected_at; 2: without hour_before and known_since; 1: without HourCounts::before,
  // which was counted already.
  static constexpr uint8_t kVersion = 4;

  HourCounts hours;
  std::vector<KnownOddity> oddities;  // At most one of each.

  [[nodiscard]] size_t Find(Oddity oddity) const;  // oddities.size() when there is none.

  [[nodiscard]] bool empty() const { return hours.empty() && oddities.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Habits& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Habits&, const Habits&) = default;
};

}  // namespace tocsin::detectors

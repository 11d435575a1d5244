// The account's money: single transactions for exact rolling windows, calendar buckets for long ones, and what it usually
// pays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// One transaction_id. Authorized, completed and reversed are the same entry: money is counted once, and a reversal gives it
// back from its own time on.
struct MoneyEntry {
  Timestamp at;                     // Earliest authorized or completed.
  Timestamp reversed_at = kTimestampMax;  // kTimestampMax: not reversed.
  uint64_t transaction_key = 0;     // Hash of transaction_id.
  std::string event_id;             // Of the event at `at`.
  Money amount;
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  schemas::Direction direction = schemas::Direction::kNone;
  bool cross_border = false;
  bool counted = true;              // false: only declined, failed or reversed so far.
  uint64_t claimed_limits = 0;      // Bit n: limit n (by its stable slot) has claimed this entry.
  friend bool operator==(const MoneyEntry&, const MoneyEntry&) = default;
};

// Sum and count of one limit in one calendar window of the account's zone: entries that left the list are folded in.
struct MoneyBucket {
  uint64_t limit_key = 0;  // Hash of the limit's name and window.
  Timestamp begin;         // Of the calendar unit.
  int64_t sum_minor = 0;   // In the limit's currency, of folded entries only.
  uint32_t count = 0;
  bool warned = false;     // limit_approach has spoken in this window.
  friend bool operator==(const MoneyBucket&, const MoneyBucket&) = default;
};

// Order-independent log-scale histogram of amounts of one kind and currency: four bins an octave.
struct AmountHistogram {
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  Currency currency;
  Timestamp updated_at = kTimestampMin;
  struct Bin {
    int16_t index = 0;  // floor(4 · log2(minor))
    float count = 0;    // Decayed with half-life 90 d.
    friend bool operator==(const Bin&, const Bin&) = default;
  };
  std::vector<Bin> bins;  // By index.
  uint32_t seen = 0;      // Undecayed, saturates.
  friend bool operator==(const AmountHistogram&, const AmountHistogram&) = default;
};

struct MoneyHistory {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kEntriesMax = 8192;
  static constexpr size_t kBucketsMax = 64;
  static constexpr size_t kHistogramsMax = 16;
  static constexpr Millis kEntriesKept = std::chrono::hours(72 + 24);  // Lateness horizon plus the longest rolling window.

  std::vector<MoneyEntry> entries;  // By time, then transaction key.
  std::vector<MoneyBucket> buckets;
  std::vector<AmountHistogram> histograms;
  bool saturated = false;  // Entries within kEntriesKept had to go: rolling limits are not evaluable.

  [[nodiscard]] bool empty() const { return entries.empty() && buckets.empty() && histograms.empty() && !saturated; }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, MoneyHistory& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const MoneyHistory&, const MoneyHistory&) = default;
};

}  // namespace tocsin::detectors

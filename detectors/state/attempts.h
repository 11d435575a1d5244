// Payments and top-ups that were declined or failed, for those that probe a limit, try cards, or simply
// cannot get their money through. One for each event: a transaction that is declined and then failed has two
// (payments/refusals.h puts them together).
//
// Invariants: `list` is sorted by (at, event_id); at most kMax: when there are too many, the second goes, so
// that a burst keeps its beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Attempt {
  Timestamp at;
  KeptId event_id;
  Money amount;  // Never negative.
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  schemas::Direction direction = schemas::Direction::kNone;
  schemas::DeclineReason reason = schemas::DeclineReason::kNone;
  schemas::InstrumentType instrument_type = schemas::InstrumentType::kNone;
  uint32_t instrument = 0;       // Of the hash of its id; 0: unknown.
  uint64_t transaction_key = 0;  // TransactionKey(); 0: the event has no transaction_id.

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct PaymentAttempts {
  // 1: of what transaction was not kept.
  static constexpr uint8_t kVersion = 2;
  static constexpr size_t kMax = 64;
  // Lateness horizon, and the longest window that is asked for.
  static constexpr Millis kKept = std::chrono::hours(72 + 24);

  std::vector<Attempt> list;

  void Insert(Attempt attempt, Timestamp newest);
  [[nodiscard]] bool CanPrune(Timestamp newest) const {
    return !list.empty() && newest - list.front().at > kKept;
  }
  void Prune(Timestamp newest);

  [[nodiscard]] bool empty() const { return list.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, PaymentAttempts& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const PaymentAttempts&, const PaymentAttempts&) = default;
};

// A transaction that was declined or failed.
[[nodiscard]] bool IsRefused(const schemas::Event& event);
// REQUIRES: IsRefused(event).
[[nodiscard]] Attempt ReadAttempt(const schemas::Event& event);
// Position in the list.
[[nodiscard]] bool IsEarlier(const Attempt& a, const Attempt& b);

}  // namespace tocsin::detectors

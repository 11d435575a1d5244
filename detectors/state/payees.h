// Whom the account pays and who pays it, by transfers and withdrawals between people and banks: what is new
// among them is worth a question. Shops and terminals are not remembered: everybody pays new ones daily.
//
// Invariants: `known` is sorted by (key, incoming), at most kKnownMax; a first use is exact while it is
// recent, and only known to be long ago afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

struct Payee {
  uint32_t key = 0;       // PayeeKey().
  bool incoming = false;  // It pays the account; else the account pays it.
  bool paid = false;      // Money has moved.
  // The earliest event that names it; kTimestampMin: longer ago than kRecent.
  Timestamp first_seen = kTimestampMin;
  // When it was first added to the list of payees; kTimestampMax: never; kTimestampMin: it was, and is not
  // new (first_seen).
  Timestamp added_at = kTimestampMax;
  uint32_t last_day = 0;  // Of the latest event that names it: days since 1970, UTC.

  friend bool operator==(const Payee&, const Payee&) = default;
};

struct Payees {
  // 2: who was added, and not when; 1: and that only of what was not `paid`.
  static constexpr uint8_t kVersion = 3;
  static constexpr size_t kKnownMax = 48;
  // Lateness horizon, and the longest age that is asked for (a day).
  static constexpr Millis kRecent = std::chrono::hours(72 + 24);
  // Who was not named for so long is new again.
  static constexpr uint32_t kForgottenDays = 400;

  std::vector<Payee> known;

  [[nodiscard]] const Payee* Find(uint32_t key, bool incoming) const;
  enum class Named : uint8_t { kPaid, kAdded };
  // So many places are kept for new senders when the account pays many itself.
  static constexpr size_t kSendersKept = kKnownMax / 2;
  // One event names it. When there are too many, the sender unused for longest goes; when all senders are
  // recent and no more than kSendersKept, the payee, recent ones last. Who stays depends on the order of the
  // events only where one goes and is named again at once.
  void Insert(uint32_t key, bool incoming, Named how, Timestamp at, Timestamp newest);
  // How many with money moved were first seen after `after`, up to and including `until`.
  [[nodiscard]] int NewBetween(bool incoming, Timestamp after, Timestamp until) const;

  [[nodiscard]] bool empty() const { return known.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Payees& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Payees&, const Payees&) = default;
};

// Of a counterparty's id. Two of one account's payees share a key once in a hundred million accounts; the
// newer one would then not be new.
[[nodiscard]] uint32_t PayeeKey(std::string_view counterparty_id);
// The part of a payee's key by which payments to it are found again, never 0. One of 65,535 others has the
// same.
[[nodiscard]] constexpr uint16_t PayeeTag(uint32_t key) {
  return static_cast<uint16_t>(1 + key % UINT16_MAX);
}

}  // namespace tocsin::detectors

// What the account's transactions should add up to, and what is still open: raised limits, authorizations
// without an outcome, and the balance.
//
// The balance is followed by its own clock: what the events say is set in order for kSettled of event time,
// then added up and forgotten. An event that comes later than that takes no part.
//
// Invariants: lists are sorted by (at, event_id) and bounded; when `statements` had to give one up, the next
// balance proves nothing (`known` is false).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// A limit that was raised.
struct Raise {
  Timestamp at;
  KeptId event_id;
  std::string limit;  // Its name; may be "".
  Money previous;
  Money value;  // Greater than previous; of a limit that was removed: twice the previous.
  friend bool operator==(const Raise&, const Raise&) = default;
};

// A withdrawal or transfer that was authorized, with no outcome yet.
struct OpenTransaction {
  Timestamp at;
  KeptId event_id;
  uint64_t transaction_key = 0;  // TransactionKey().
  Money amount;
  bool withdrawal = false;  // Else a transfer.
  friend bool operator==(const OpenTransaction&, const OpenTransaction&) = default;
};

// What one event says of the balance, in the ledger's currency.
struct Statement {
  Timestamp at;
  KeptId event_id;
  int64_t change_minor = 0;  // Money in, or negative out; 0: none.
  bool sure = false;         // It moved the balance; else it may have, now or by another event.
  bool unknown = false;      // It may have moved the balance by any amount.
  bool has_balance = false;
  int64_t balance_minor = 0;
  friend bool operator==(const Statement&, const Statement&) = default;
};

struct Ledger {
  static constexpr uint8_t kVersion = 2;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  static constexpr size_t kRaisesMax = 8;
  static constexpr size_t kOpenMax = 32;
  static constexpr size_t kStatementsMax = 48;
  static constexpr Millis kSettled = std::chrono::hours(1);
  static constexpr Millis kRaisesKept = std::chrono::hours(72 + 24);
  // A bank that has not answered in a month is not waited for.
  static constexpr Millis kOpenKept = std::chrono::hours(24 * 30);
  static constexpr Millis kMismatchKept = std::chrono::hours(24 * 30);
  static constexpr size_t kNameBytesMax = 128;

  std::vector<Raise> raises;
  std::vector<OpenTransaction> open;

  Currency currency;                     // Of the balance; none: never told.
  Timestamp settled_at = kTimestampMin;  // Statements up to here are added up.
  int64_t balance_minor = 0;             // As last told, at or before settled_at.
  bool known = false;                    // balance_minor is what the next one must follow from.
  std::vector<Statement> statements;     // Since the last balance at or before settled_at.
  Timestamp mismatch_at =
      kTimestampMin;  // The latest balance that did not follow; kTimestampMin: none lately.

  [[nodiscard]] bool empty() const {
    return raises.empty() && open.empty() && currency.none() && statements.empty();
  }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Ledger& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Ledger&, const Ledger&) = default;
};

}  // namespace tocsin::detectors

// A payment as a digest tells it: how much, to whom or from whom, and what became of it.
//
// Thread safety: a value.
#pragma once

#include <cstdint>
#include <string>

#include "alerts/money_out.h"
#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"
#include "schemas/event.h"

namespace tocsin::alerts {

struct PaymentFact {
  uint64_t key = 0;   // PaymentKey; 0: it has none, or is known from the timeline only, which keeps none.
  Timestamp said_at;  // What follows was reported then.
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  schemas::Direction direction = schemas::Direction::kNone;
  schemas::TransactionStatus status = schemas::TransactionStatus::kNone;
  Money amount;
  std::string other;  // To whom it goes, or from whom it comes: cleaned, masked; "" unknown.

  [[nodiscard]] bool leaves() const { return Leaves(direction, status); }
  // The event reports it, and later than what is known of it.
  [[nodiscard]] bool IsNewsIn(const schemas::Event& event) const;

  void Encode(ByteWriter& writer) const;
  // The reader fails when Encode cannot have written the bytes.
  [[nodiscard]] static PaymentFact Decode(ByteReader& reader);
  friend bool operator==(const PaymentFact&, const PaymentFact&) = default;
};

// REQUIRES: the event is of a transaction.
[[nodiscard]] PaymentFact ToPaymentFact(const schemas::Event& event);

// The other side's name, or its id where it has none.
[[nodiscard]] std::string MaskedOther(const schemas::Transaction& transaction);

}  // namespace tocsin::alerts

// What money left an account since the story of a case began: each payment once, as it was last reported.
//
// Bounded: of more than kPaymentsMax payments the oldest live on in sums alone, first those of which no more
// is expected; what is reported of such a payment later is told by its amount. Beyond kSumsMax sums, a
// payment is counted without its amount. What is of before `since` and comes later is not counted.
//
// Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// Money goes out of the account, or is on its way, and did not come back: the one meaning of "leaves".
[[nodiscard]] constexpr bool Leaves(schemas::Direction direction, schemas::TransactionStatus status) {
  using enum schemas::TransactionStatus;
  return direction == schemas::Direction::kOut && status != kDeclined && status != kFailed &&
         status != kReversed;
}

class MoneyOut {
 public:
  static constexpr size_t kPaymentsMax = 64;
  static constexpr size_t kSumsMax = 16;

  // How far a payment is on its way. Stored: never renumber.
  enum class Fate : uint8_t { kPending = 0, kGone = 1, kBack = 2 };

  struct Payment {
    uint64_t key = 0;   // PaymentKey; 0: known from the timeline only, which keeps no id of it.
    Timestamp at;       // When it was first reported.
    Timestamp said_at;  // `amount` and `status` are of then.
    Money amount;
    schemas::TransactionStatus status = schemas::TransactionStatus::kNone;
    [[nodiscard]] Fate fate() const;
    friend bool operator==(const Payment&, const Payment&) = default;
  };
  // Payments that are not kept one by one.
  struct Sum {
    Money amount;  // Its currency none: of what found no room, and 0.
    Fate fate = Fate::kPending;
    uint64_t payments = 0;
    friend bool operator==(const Sum&, const Sum&) = default;
  };

  // Payments of this time and later are noted; kTimestampMin: none are.
  [[nodiscard]] Timestamp since() const { return since_; }
  [[nodiscard]] bool begun() const { return since_ > kTimestampMin; }
  void Begin(Timestamp since) { since_ = since; }

  // REQUIRES: it has begun, and the payment goes out. What is reported again is the same payment by its key;
  // one of the timeline, by its amount and by having been less far on its way.
  void Note(const Payment& payment);
  [[nodiscard]] bool Knows(uint64_t key) const;

  // By first report; what stands in sums() is not among them.
  [[nodiscard]] const std::vector<Payment>& payments() const { return payments_; }
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }

  // Payments that left, are on their way, or would be but for us.
  [[nodiscard]] uint64_t CountLeft() const;
  // In this currency.
  [[nodiscard]] int64_t Left(Currency currency) const;
  // The owner was told of what left so far.
  void MarkTold();
  // At least twice as much left, in this currency, as at the last MarkTold, without what came back since.
  [[nodiscard]] bool DoubledSinceTold(Currency currency) const;

  void Encode(ByteWriter& writer) const;
  // False when the bytes cannot have been written by Encode.
  static bool Decode(ByteReader& reader, MoneyOut& into);
  [[nodiscard]] size_t HeapBytes() const {
    return payments_.capacity() * sizeof(Payment) + sums_.capacity() * sizeof(Sum) +
           told_.capacity() * sizeof(Money);
  }
  friend bool operator==(const MoneyOut&, const MoneyOut&) = default;

 private:
  void MakeRoom();
  void AddToSum(const Money& amount, Fate fate);
  bool MoveBetweenSums(const Payment& payment);

  Timestamp since_ = kTimestampMin;
  std::vector<Payment> payments_;
  std::vector<Sum> sums_;
  std::vector<Money> told_;  // Each currency once.
};

}  // namespace tocsin::alerts

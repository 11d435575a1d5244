// The account's money: single transactions for exact windows, sums of long calendar windows, and what it
// usually pays.
//
// What counts, from event times alone, so that the order of arrival does not matter:
// - A transaction counts from its earliest `authorized` or `completed` event on, with the amount of its
// latest one.
// - `reversed`, `failed` and `declined` give it back from their own time on; before any `authorized` or
// `completed`
//   they change nothing (a declined attempt that is tried again under the same id counts).
// - Events of one transaction_id belong together when they are at most kTied apart. A later one is still tied
// while the
//   transaction is remembered (at least kEntriesKept before the account's newest transaction), else it is a
//   new one: a completion counts again, a reversal gives nothing back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Whether money crossed a border. Stored: never renumber. A larger value wins when the events of one
// transaction differ.
enum class CrossBorder : uint8_t { kUnknown = 0, kNo = 1, kYes = 2 };

// Somebody with an account of their own, whom one can be wrong about: neither a shop nor a terminal, nor
// unnamed.
[[nodiscard]] constexpr bool IsParty(schemas::CounterpartyType type) {
  using enum schemas::CounterpartyType;
  return type == kPerson || type == kBankAccount || type == kWallet || type == kCrypto;
}

// The facts of one transaction_id that limits need; no text, so that a detector can make one without
// allocating.
struct Movement {
  Timestamp at;         // Earliest authorized or completed; of an uncounted one: ended_first.
  Timestamp stated_at;  // Of the latest authorized or completed event, which gave what follows.
  Timestamp ended_first = kTimestampMax;  // Earliest reversed, failed or declined event; kTimestampMax: none.
  Timestamp ended_last = kTimestampMin;   // Latest of them; kTimestampMin: none.
  uint64_t transaction_key = 0;           // TransactionKey(), 40 bits.
  Money amount;                           // Never negative.
  uint16_t payee_tag = 0;                 // PayeeTag() of whom it is paid to; 0: nobody, or not known.
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  schemas::Direction direction = schemas::Direction::kNone;
  CrossBorder cross_border = CrossBorder::kUnknown;
  bool with_party : 1 = false;  // IsParty(counterparty).
  bool completed : 1 = false;   // The event at `stated_at` said completed, not authorized.
  bool counted = false;         // false: only declined, failed or reversed so far.

  // From here on the money is given back; kTimestampMax: never. The first end that no authorized or completed
  // event follows, as far as the first and the last end tell.
  [[nodiscard]] Timestamp GoneAt() const;
  // It counts for some time.
  [[nodiscard]] bool Live() const { return counted && GoneAt() > at; }

  friend bool operator==(const Movement&, const Movement&) = default;
};

// Position in the list: by time, then transaction key. A window that ends at a movement holds those before it
// in this order.
[[nodiscard]] inline bool Before(const Movement& a, const Movement& b) {
  return a.at != b.at ? a.at < b.at : a.transaction_key < b.transaction_key;
}

struct MoneyEntry : Movement {
  KeptId event_id;  // Of the authorized or completed event at `at` (the smallest id of several); ""
                    // while uncounted.
  // To be learnt as a habit: the newest is not kSettling newer. Only of counted ones.
  bool waits : 1 = false;
  // In quarantine: was under suspicion, and is learnt when somebody says that it was the owner's, or once it
  // is ripe. Only of counted ones, and not of one that waits.
  bool held : 1 = false;
  [[nodiscard]] bool TeachesHabit() const {
    return direction == schemas::Direction::kOut && amount.minor > 0;
  }
  friend bool operator==(const MoneyEntry&, const MoneyEntry&) = default;
};
static_assert(sizeof(MoneyEntry) == 104);  // An account may have thousands.

// A payment in the list that has been under suspicion.
struct SuspectedPayment {
  uint64_t transaction_key = 0;
  // CauseKey() of the finding that it was found by: its own, the beginning of a run, the login before it. 0:
  // none is known.
  uint32_t found_with = 0;
  bool refused = false;  // Somebody said that it was not the owner's.
  friend bool operator==(const SuspectedPayment&, const SuspectedPayment&) = default;
};
[[nodiscard]] uint32_t CauseKey(std::string_view event_id);

// Sum and count of one limit in one calendar window of the account's zone: of entries that left the list.
struct MoneyBucket {
  uint64_t limit_key = 0;  // LimitKey(): what the limit counts.
  Timestamp begin;         // Of the calendar unit.
  Timestamp end;           // Of the calendar unit: kept until no transaction can be judged in it any more.
  int64_t sum_minor = 0;   // In the limit's currency.
  int64_t peak_minor = 0;  // Largest sum any folded entry saw at its own time, itself included.
  uint32_t count = 0;
  uint32_t peak_count = 0;
  uint32_t unconverted = 0;  // Folded without an exchange rate: in `count`, not in `sum_minor`.
  bool partial = false;  // Entries of this window had left before the limit was there: sums are lower bounds.
  friend bool operator==(const MoneyBucket&, const MoneyBucket&) = default;
};

// What the account pays of one kind in one currency, outgoing only.
struct AmountHistogram {
  static constexpr Millis kHalfLife = std::chrono::hours(24 * 90);
  static constexpr Millis kBlock = std::chrono::hours(24 * 5);
  static constexpr int kBlocksKept =
      7;  // The block of the newest payment and six before it: the last 30 to 35 days.

  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  Currency currency;
  Timestamp updated_at = kTimestampMin;  // The newest payment; counts are decayed to it.
  struct Bin {
    int16_t index = 0;  // AmountBin().
    float count = 0;    // Decayed with half-life 90 d.
    friend bool operator==(const Bin&, const Bin&) = default;
  };
  struct Block {
    int32_t index = 0;  // Five days since 1970, UTC.
    uint32_t count = 0;
    int64_t sum_minor = 0;  // Saturates.
    friend bool operator==(const Block&, const Block&) = default;
  };
  std::vector<Bin> bins;      // By index.
  std::vector<Block> blocks;  // By index; at most kBlocksKept.
  uint32_t seen = 0;          // Undecayed, saturates.

  void Learn(int64_t minor, Timestamp at);
  friend bool operator==(const AmountHistogram&, const AmountHistogram&) = default;
};

struct MoneyHistory {
  // 6: without `suspected`, nothing is held; 5: without Movement::payee_tag as well; 4: without
  // MoneyEntry::waits as well, all were learnt; 3: ids and kinds in full as well; 2: without
  // Movement::with_party as well, which is false of it.
  static constexpr uint8_t kVersion = 7;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  static constexpr size_t kEntriesMax = 8192;
  static constexpr size_t kUncountedMax =
      512;  // Of kEntriesMax: declined attempts never push out what counts.
  static constexpr size_t kBucketsMax = 64;
  static constexpr size_t kHistogramsMax = 16;
  // Events older than the lateness horizon (RecentEvents::kHorizon) are not processed; a transaction's events
  // are tied over kTied; a rolling window is at most 24 h, and whether it had been near its limit before is
  // one window more.
  static constexpr Millis kTied = std::chrono::hours(72);
  static constexpr Millis kRollingMax = std::chrono::hours(24);
  static constexpr Millis kEntriesKept = std::chrono::hours(72) + kTied + 2 * kRollingMax;
  // A payment waits this long before the histograms learn it. kSitting of it is what a payment is not judged
  // by (AmountHabit); the rest is how much later than its neighbours it may arrive for that to be exact.
  static constexpr Millis kLateness = std::chrono::minutes(15);
  static constexpr Millis kSettling = kSitting + kLateness;
  // What is held may wait for the end of a case, and for the quarantine after it: so long it stays in the
  // list, as far as there are no more than kHeldMax of them older than kEntriesKept. What leaves before is
  // not learnt.
  static constexpr Millis kHeldKept = std::chrono::hours(24 * 120);
  static constexpr size_t kHeldMax = 64;

  std::vector<MoneyEntry> entries;   // By time, then transaction key.
  std::vector<MoneyBucket> buckets;  // By limit key, then begin.
  std::vector<AmountHistogram> histograms;
  std::vector<SuspectedPayment> suspected;  // By transaction key; of entries in the list, of each held one.
  // Entries up to this time may have left the list: what came before it is known from buckets or not at all.
  Timestamp forgotten_until = kTimestampMin;

  [[nodiscard]] const MoneyEntry* Find(uint64_t transaction_key) const;
  [[nodiscard]] const AmountHistogram* Histogram(schemas::TransactionKind kind, Currency currency) const;

  // Calls `take` with what waits of the payments up to `until`, the newest first.
  template <class Take>
  void ForWaiting(Timestamp until, Take take) const {
    if (entries.empty()) return;
    const Timestamp settled = entries.back().at - kSettling;
    for (auto entry = entries.rbegin(); entry != entries.rend() && entry->at > settled; ++entry) {
      if (entry->at <= until && entry->waits && entry->TeachesHabit()) take(*entry);
    }
  }

  // Calls `take` with what is held of the payments, and has been ripe at `at`: it counts as learnt.
  template <class Take>
  void ForRipe(Timestamp at, const Hold& hold, Take take) const {
    if (suspected.empty() || !EndsQuarantine(at, hold)) return;
    for (const MoneyEntry& entry : entries) {
      if (entry.at > at - hold.quarantine) return;
      if (entry.held && entry.TeachesHabit()) take(entry);
    }
  }
  // Whether what came before `at - hold.quarantine` is ripe at `at`.
  [[nodiscard]] static bool EndsQuarantine(Timestamp at, const Hold& hold) {
    return !hold.case_open && at - hold.quarantine >= hold.held_until;
  }

  // Null: it never was under suspicion.
  [[nodiscard]] const SuspectedPayment* FindSuspected(uint64_t transaction_key) const;
  // The entry's, which is made where there is none.
  SuspectedPayment& Suspected(uint64_t transaction_key);

  [[nodiscard]] bool empty() const {
    return entries.empty() && buckets.empty() && histograms.empty() && forgotten_until == kTimestampMin;
  }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, MoneyHistory& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const MoneyHistory&, const MoneyHistory&) = default;
};

// What the account paid of one kind in one currency until kSitting before `at`.
class AmountHabit {
 public:
  // `hold`: by which what is in quarantine counts at `at`; by default nothing of it does.
  AmountHabit(const MoneyHistory& money, schemas::TransactionKind kind, Currency currency, Timestamp at,
              const Hold& hold = {.case_open = true});
  AmountHabit(const AmountHabit&) = delete;
  AmountHabit& operator=(const AmountHabit&) = delete;
  // Null: nothing.
  [[nodiscard]] const AmountHistogram* histogram() const { return with_ ? &*with_ : learnt_; }

 private:
  const AmountHistogram* learnt_;
  std::optional<AmountHistogram> with_;  // And with what waits and is old enough: seldom anything.
};

// Histogram bin of an amount: four bins an octave, floor(4 · log2(minor)), in integers so that every machine
// agrees. REQUIRES: minor > 0.
[[nodiscard]] int16_t AmountBin(int64_t minor);
inline constexpr int16_t kAmountBinMax = 4 * 63 - 1;
// The middle of a bin in log2 of minor units.
[[nodiscard]] constexpr double AmountBinLog2(int index) { return (index + 0.5) / 4; }

// Hash of the transaction id, or of the event's identity when it has none. 40 bits: a new transaction is
// taken for one of the thirty that an account has in the list once in 3 · 10^10. A fee, a refund and what an
// exchange brings in are money of their own beside the payment of the same id: only what says that the
// payment itself was completed or reversed is a statement about it.
[[nodiscard]] uint64_t TransactionKey(const schemas::Event& event);

// What one transaction event says by itself, but for payee_tag, which the learner adds. `home_country`
// decides cross_border where the event does not report it. REQUIRES: event.transaction().
[[nodiscard]] Movement ReadMovement(const schemas::Event& event, std::string_view home_country);
// Two partial accounts of one transaction as one; commutative and associative.
[[nodiscard]] Movement Merge(const Movement& a, const Movement& b);
// MoneyEntry::event_id once `known` and the event `event_id`, which says `own`, are merged.
[[nodiscard]] std::string_view FirstEventId(const MoneyEntry& known, const Movement& own,
                                            std::string_view event_id);

}  // namespace tocsin::detectors

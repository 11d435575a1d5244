#include "detectors/state/money.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

#include "base/check.h"
#include "base/hash.h"
#include "detectors/state/codec.h"
#include "detectors/state/room.h"
#include "detectors/state/transaction_key.h"

namespace tocsin::detectors {
namespace {

using schemas::TransactionKind;
using schemas::TransactionStatus;

// Marks the key of what comes with a payment, under its transaction id, and is money of its own.
constexpr uint64_t kBesides = uint64_t{0x5a} << 32U;

// What is less is forgotten: 90 days of half-life make one payment this small after about 20 months.
constexpr float kBinCountMin = 0.01F;

// The later statement wins; at the same time completed over authorized, then any fixed order.
auto StatementRank(const Movement& m) {
  return std::tuple(m.counted, m.stated_at, m.completed, m.amount.minor, m.amount.currency.packed(), m.kind,
                    m.direction);
}

bool ComesBeside(const schemas::Transaction& transaction) {
  return transaction.kind == TransactionKind::kFee || transaction.kind == TransactionKind::kRefund ||
         (transaction.kind == TransactionKind::kExchange && transaction.direction == schemas::Direction::kIn);
}

}  // namespace

Timestamp Movement::GoneAt() const {
  if (ended_first == kTimestampMax) return kTimestampMax;
  if (ended_first >= stated_at) return ended_first;
  return ended_last >= stated_at ? ended_last : kTimestampMax;
}

uint64_t TransactionKey(const schemas::Event& event) {
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || transaction->transaction_id.empty()) return event.DedupKey() >> 8U;
  const uint64_t key = TransactionKeyOf(transaction->transaction_id);
  return ComesBeside(*transaction) ? key ^ kBesides ^ static_cast<uint64_t>(transaction->kind) : key;
}

uint32_t CauseKey(std::string_view event_id) {
  return std::max(uint32_t{1}, static_cast<uint32_t>(Hash64(event_id) >> 32U));
}

uint64_t TransactionKeyOf(std::string_view transaction_id) { return Hash64(transaction_id) >> 24U; }

Movement ReadMovement(const schemas::Event& event, std::string_view home_country) {
  const schemas::Transaction* transaction = event.transaction();
  CHECK(transaction != nullptr);
  // kTimestampMax means "never" here.
  const Timestamp at = std::min(event.occurred_at, kTimestampMax - Millis{1});
  Movement movement{.at = at, .stated_at = kTimestampMin, .transaction_key = TransactionKey(event)};
  if (transaction->cross_border) {
    movement.cross_border = *transaction->cross_border ? CrossBorder::kYes : CrossBorder::kNo;
  } else if (const std::string& country = transaction->counterparty.country;
             !country.empty() && !home_country.empty()) {
    movement.cross_border = country == home_country ? CrossBorder::kNo : CrossBorder::kYes;
  }
  switch (transaction->status) {
    case TransactionStatus::kDeclined:
    case TransactionStatus::kFailed:
    case TransactionStatus::kReversed:
      movement.ended_first = movement.ended_last = at;
      break;
    case TransactionStatus::kNone:
    case TransactionStatus::kAuthorized:
    case TransactionStatus::kCompleted:
      movement.counted = true;
      movement.stated_at = at;
      movement.amount = transaction->amount;
      movement.kind = transaction->kind;
      movement.direction = transaction->direction;
      movement.with_party = IsParty(transaction->counterparty.type);
      movement.completed = transaction->status != TransactionStatus::kAuthorized;
      break;
  }
  return movement;
}

Movement Merge(const Movement& a, const Movement& b) {
  Movement merged = StatementRank(a) >= StatementRank(b) ? a : b;
  merged.counted = a.counted || b.counted;
  merged.ended_first = std::min(a.ended_first, b.ended_first);
  merged.ended_last = std::max(a.ended_last, b.ended_last);
  merged.cross_border = std::max(a.cross_border, b.cross_border);
  // Whoever says that a payment is completed need not say again to whom.
  merged.payee_tag = merged.direction == schemas::Direction::kOut ? std::max(a.payee_tag, b.payee_tag) : 0;
  if (a.counted && b.counted) {
    merged.at = std::min(a.at, b.at);
  } else if (merged.counted) {
    merged.at = a.counted ? a.at : b.at;
  } else {
    merged.at = merged.ended_first;
  }
  return merged;
}

std::string_view FirstEventId(const MoneyEntry& known, const Movement& own, std::string_view event_id) {
  if (!own.counted) return known.event_id;
  const bool first = !known.counted || own.at < known.at || (own.at == known.at && event_id < known.event_id);
  return first ? event_id : std::string_view(known.event_id);
}

int16_t AmountBin(int64_t minor) {
  CHECK(minor > 0);
  // The amount as 1.xxx · 2^octave, the fraction with 63 bits; compared with 2^(1/4), 2^(2/4) and 2^(3/4),
  // rounded up.
  constexpr uint64_t kQuarters[] = {0x9837f0518db8a970, 0xb504f333f9de6485, 0xd744fccad69d6af5};
  const auto value = static_cast<uint64_t>(minor);
  const int octave = static_cast<int>(std::bit_width(value)) - 1;
  const uint64_t mantissa = value << (63 - octave);
  int quarter = 0;
  for (const uint64_t bound : kQuarters) quarter += mantissa >= bound ? 1 : 0;
  return static_cast<int16_t>(4 * octave + quarter);
}

void AmountHistogram::Learn(int64_t minor, Timestamp at) {
  const auto block_of = [](Timestamp time) { return static_cast<int32_t>(time.time_since_epoch() / kBlock); };
  float weight = 1;
  if (at > updated_at) {
    const auto left = static_cast<float>(Decay(at - updated_at, kHalfLife));
    for (Bin& bin : bins) bin.count *= left;
    std::erase_if(bins, [](const Bin& bin) { return bin.count < kBinCountMin; });
    updated_at = at;
    std::erase_if(blocks, [&](const Block& block) { return block.index <= block_of(at) - kBlocksKept; });
  } else {
    weight = static_cast<float>(Decay(updated_at - at, kHalfLife));
  }

  const int16_t index = AmountBin(minor);
  const auto bin = std::ranges::lower_bound(bins, index, {}, &Bin::index);
  if (bin != bins.end() && bin->index == index) {
    bin->count += weight;
  } else if (weight >= kBinCountMin) {
    const auto at_bin = bin - bins.begin();
    MakeRoom(bins);
    bins.insert(bins.begin() + at_bin, {.index = index, .count = weight});
  }

  const int32_t number = block_of(at);
  if (number > block_of(updated_at) - kBlocksKept) {
    auto block = std::ranges::lower_bound(blocks, number, {}, &Block::index);
    if (block == blocks.end() || block->index != number) block = blocks.insert(block, {.index = number});
    if (block->count < std::numeric_limits<uint32_t>::max()) ++block->count;
    block->sum_minor = SaturatingAdd(block->sum_minor, minor);
  }
  if (seen < std::numeric_limits<uint32_t>::max()) ++seen;
}

const MoneyEntry* MoneyHistory::Find(uint64_t transaction_key) const {
  // A status usually follows soon after: newest first.
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->transaction_key == transaction_key) return &*entry;
  }
  return nullptr;
}

const SuspectedPayment* MoneyHistory::FindSuspected(uint64_t transaction_key) const {
  const auto found =
      std::ranges::lower_bound(suspected, transaction_key, {}, &SuspectedPayment::transaction_key);
  return found != suspected.end() && found->transaction_key == transaction_key ? &*found : nullptr;
}

SuspectedPayment& MoneyHistory::Suspected(uint64_t transaction_key) {
  const auto place =
      std::ranges::lower_bound(suspected, transaction_key, {}, &SuspectedPayment::transaction_key);
  if (place != suspected.end() && place->transaction_key == transaction_key) return *place;
  return *suspected.insert(place, {.transaction_key = transaction_key});
}

const AmountHistogram* MoneyHistory::Histogram(schemas::TransactionKind kind, Currency currency) const {
  for (const AmountHistogram& histogram : histograms) {
    if (histogram.kind == kind && histogram.currency == currency) return &histogram;
  }
  return nullptr;
}

AmountHabit::AmountHabit(const MoneyHistory& money, schemas::TransactionKind kind, Currency currency,
                         Timestamp at, const Hold& hold)
    : learnt_(money.Histogram(kind, currency)) {
  const auto add = [&](const MoneyEntry& entry) {
    if (entry.kind != kind || entry.amount.currency != currency) return;
    if (!with_) with_ = learnt_ == nullptr ? AmountHistogram{.kind = kind, .currency = currency} : *learnt_;
    with_->Learn(entry.amount.minor, entry.at);
  };
  money.ForRipe(at, hold, add);
  // Of what is older nothing waits: most need not look.
  if (money.entries.empty() || at - kSitting <= money.entries.back().at - MoneyHistory::kSettling) return;
  money.ForWaiting(at - kSitting, add);
}

size_t MoneyHistory::HeapBytes() const {
  size_t bytes =
      HeapBytesOf(entries) + HeapBytesOf(buckets) + HeapBytesOf(histograms) + HeapBytesOf(suspected);
  for (const MoneyEntry& entry : entries) bytes += HeapBytesOf(entry.event_id);
  for (const AmountHistogram& histogram : histograms) {
    bytes += HeapBytesOf(histogram.bins) + HeapBytesOf(histogram.blocks);
  }
  return bytes;
}

}  // namespace tocsin::detectors

// The stored form of MoneyHistory, version 7. An ordinary entry takes about 30 bytes with a UUID for its
// event, and 20 with an id that is counted up: times are differences, and what an entry has in common with
// the one before it is not written again.
#include <algorithm>
#include <cmath>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_after.h"
#include "detectors/state/money.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

using schemas::Direction;
using schemas::TransactionKind;

// Flags of an entry.
constexpr uint8_t kCounted = 1;
constexpr uint8_t kCompleted = 2;
constexpr uint8_t kStatedLater = 4;  // stated_at follows, as milliseconds after `at`.
constexpr uint8_t kEnded = 8;
constexpr uint8_t kEndedAgain = 16;    // ended_last follows, as milliseconds after ended_first.
constexpr uint8_t kSameCurrency = 32;  // As the counted entry before.
constexpr uint8_t kUuid = 64;
constexpr uint8_t kSameKinds = 128;  // The byte of the kinds is that of the entry before. Since version 4.
// In the byte of kind (3 bits), direction (2) and border (2).
constexpr unsigned kWithParty = 8;
// Instead of a direction: out, and the payee's tag follows. Since version 6.
constexpr unsigned kOutTagged = 3;
static_assert(static_cast<unsigned>(TransactionKind::kFee) == 7);

constexpr size_t kKeyBytes = 5;  // Of a transaction.
constexpr size_t kTagBytes = 2;  // Of a payee.
constexpr size_t kCauseBytes = 4;
constexpr size_t kEntryBytesMin = 1 + kKeyBytes + 1;
constexpr size_t kBucketBytesMin = 8 + 8;
constexpr size_t kHistogramBytesMin = 6;
constexpr size_t kBinBytes = 1 + 4;
constexpr size_t kBlockBytesMin = 3;

uint64_t ReadUpTo(ByteReader& reader, uint64_t max) {
  const uint64_t value = reader.Varint();
  if (value > max) reader.Fail();
  return reader.ok() ? value : 0;
}

uint32_t ReadCount32(ByteReader& reader) { return static_cast<uint32_t>(ReadUpTo(reader, UINT32_MAX)); }
int64_t ReadMinor(ByteReader& reader, int64_t max) {
  return static_cast<int64_t>(ReadUpTo(reader, static_cast<uint64_t>(max)));
}

Currency ReadCurrency(ByteReader& reader) {
  const auto currency = Currency::FromPacked(static_cast<uint16_t>(ReadUpTo(reader, UINT16_MAX)));
  if (!currency) reader.Fail();
  return currency.value_or(Currency{});
}

// What one entry borrows from the one before it.
struct Previous {
  Timestamp at = kTimestampMin;
  Currency currency;
  uint8_t kinds = 0;
  std::string_view event_id;
};

uint8_t KindsOf(const MoneyEntry& entry) {
  const unsigned direction = entry.payee_tag == 0 ? static_cast<unsigned>(entry.direction) : kOutTagged;
  return static_cast<uint8_t>(static_cast<unsigned>(entry.kind) | (entry.with_party ? kWithParty : 0U) |
                              direction << 4 | static_cast<unsigned>(entry.cross_border) << 6);
}

void WriteEntry(ByteWriter& writer, const MoneyEntry& entry, Previous& previous) {
  const auto uuid = PackUuid(entry.event_id);
  const bool ended = entry.ended_first != kTimestampMax;
  const uint8_t kinds = KindsOf(entry);
  uint8_t flags = ended ? kEnded : 0;
  if (kinds == previous.kinds) flags |= kSameKinds;
  if (ended && entry.ended_last != entry.ended_first) flags |= kEndedAgain;
  if (entry.counted) {
    flags |= kCounted;
    if (entry.completed) flags |= kCompleted;
    if (entry.stated_at != entry.at) flags |= kStatedLater;
    if (entry.amount.currency == previous.currency) flags |= kSameCurrency;
    if (uuid) flags |= kUuid;
  }
  WriteTimeAfter(writer, previous.at, entry.at);
  WriteHash<kKeyBytes>(writer, entry.transaction_key);
  writer.Byte(flags);
  if (kinds != previous.kinds) writer.Byte(kinds);
  if (entry.payee_tag != 0) WriteHash<kTagBytes>(writer, entry.payee_tag);
  if (entry.counted) {
    if ((flags & kStatedLater) != 0) WriteTimeAfter(writer, entry.at, entry.stated_at);
    writer.Varint(static_cast<uint64_t>(entry.amount.minor));
    if ((flags & kSameCurrency) == 0) writer.Varint(entry.amount.currency.packed());
    if (uuid) {
      WriteUuid(writer, *uuid);
    } else {
      WriteTextAfter(writer, previous.event_id, entry.event_id);
    }
    // A declined attempt may lie before the one that counts.
    if (ended) writer.Signed((entry.ended_first - entry.at).count());
    previous.currency = entry.amount.currency;
    previous.event_id = entry.event_id;
  }
  if ((flags & kEndedAgain) != 0) WriteTimeAfter(writer, entry.ended_first, entry.ended_last);
  previous.at = entry.at;
  previous.kinds = kinds;
}

// Time of an end relative to `at`, which may lie on either side.
Timestamp ReadEnd(ByteReader& reader, Timestamp at) {
  const int64_t millis = reader.Signed();
  if (millis < (kTimestampMin - at).count() || millis >= (kTimestampMax - at).count()) {
    reader.Fail();
    return at;
  }
  return at + Millis{millis};
}

void ReadEventIdOf(ByteReader& reader, uint8_t version, bool uuid, std::string_view previous,
                   MoneyEntry& entry) {
  if (uuid) {
    entry.event_id = ReadUuid(reader);
  } else if (version >= 4) {
    entry.event_id = ReadTextId(reader, previous);
  } else {
    const std::string_view text = reader.String();
    if (text.size() > kIdBytesMax || PackUuid(text)) return reader.Fail();
    entry.event_id.assign(text);
  }
}

void ReadEntry(ByteReader& reader, uint8_t version, MoneyEntry& entry, Previous& previous) {
  entry.at = ReadTimeAfter(reader, previous.at);
  if (entry.at == kTimestampMax) return reader.Fail();  // It means "never".
  entry.transaction_key = ReadHash<kKeyBytes>(reader);
  const uint8_t flags = reader.Byte();
  const bool same_kinds = (flags & kSameKinds) != 0;
  const uint8_t kinds = same_kinds ? previous.kinds : reader.Byte();
  if (same_kinds ? version < 4 : version >= 4 && kinds == previous.kinds) return reader.Fail();
  const bool ended = (flags & kEnded) != 0;
  entry.counted = (flags & kCounted) != 0;
  entry.kind = static_cast<TransactionKind>(kinds & 7);
  entry.with_party = (kinds & kWithParty) != 0;
  const bool tagged = (kinds >> 4 & 3) == kOutTagged;
  if (tagged) {
    if (version >= 6) entry.payee_tag = static_cast<uint16_t>(ReadHash<kTagBytes>(reader));
    if (entry.payee_tag == 0) return reader.Fail();
  }
  entry.direction = tagged ? Direction::kOut : static_cast<Direction>(kinds >> 4 & 3);
  entry.cross_border = static_cast<CrossBorder>(kinds >> 6);
  if (entry.cross_border > CrossBorder::kYes || (!ended && (flags & kEndedAgain) != 0)) {
    return reader.Fail();
  }
  if (entry.counted) {
    entry.completed = (flags & kCompleted) != 0;
    entry.stated_at = entry.at;
    if ((flags & kStatedLater) != 0) {
      entry.stated_at = ReadTimeAfter(reader, entry.at);
      if (entry.stated_at == entry.at) return reader.Fail();
    }
    entry.amount.minor = ReadMinor(reader, kMoneyMinorMax);
    entry.amount.currency = previous.currency;
    if ((flags & kSameCurrency) == 0) {
      entry.amount.currency = ReadCurrency(reader);
      if (entry.amount.currency == previous.currency) return reader.Fail();
    }
    ReadEventIdOf(reader, version, (flags & kUuid) != 0, previous.event_id, entry);
    if (ended) entry.ended_first = ReadEnd(reader, entry.at);
    previous.currency = entry.amount.currency;
    previous.event_id = entry.event_id;
  } else {
    constexpr uint8_t kOfCounted = kCompleted | kStatedLater | kSameCurrency | kUuid;
    if (!ended || (flags & kOfCounted) != 0 || (kinds & 63) != 0) return reader.Fail();
    entry.stated_at = kTimestampMin;
    entry.ended_first = entry.at;
  }
  if (ended) entry.ended_last = entry.ended_first;
  if ((flags & kEndedAgain) != 0) {
    entry.ended_last = ReadTimeAfter(reader, entry.ended_first);
    if (entry.ended_last == entry.ended_first || entry.ended_last == kTimestampMax) reader.Fail();
  }
  previous.at = entry.at;
  previous.kinds = kinds;
}

// How many entries wait, and where: each by how many lie between it and the one after it that waits. They are
// the newest, and most accounts have none.
void WriteWaiting(ByteWriter& writer, const std::vector<MoneyEntry>& entries) {
  writer.Varint(static_cast<uint64_t>(
      std::ranges::count_if(entries, [](const MoneyEntry& entry) { return entry.waits; })));
  uint64_t between = 0;
  for (const MoneyEntry& entry : entries | std::views::reverse) {
    if (entry.waits)
      writer.Varint(std::exchange(between, 0));
    else
      ++between;
  }
}

void ReadWaiting(ByteReader& reader, std::vector<MoneyEntry>& entries) {
  size_t left = entries.size();
  for (uint64_t count = ReadUpTo(reader, entries.size()); count > 0 && reader.ok(); --count) {
    const uint64_t between = reader.Varint();
    if (between >= left) return reader.Fail();
    left -= between + 1;
    if (!entries[left].counted) return reader.Fail();
    entries[left].waits = true;
  }
}

// In the byte of a payment that has been under suspicion.
constexpr uint8_t kHeld = 1;
constexpr uint8_t kRefused = 2;
constexpr uint8_t kFoundWith = 4;  // Its cause's key follows.

// As what waits, each with what is known of it.
void WriteSuspected(ByteWriter& writer, const MoneyHistory& money) {
  writer.Varint(money.suspected.size());
  if (money.suspected.empty()) return;
  uint64_t between = 0;
  for (const MoneyEntry& entry : money.entries | std::views::reverse) {
    const SuspectedPayment* const one = money.FindSuspected(entry.transaction_key);
    if (one == nullptr) {
      ++between;
      continue;
    }
    writer.Varint(std::exchange(between, 0));
    writer.Byte(static_cast<uint8_t>((entry.held ? kHeld : 0) | (one->refused ? kRefused : 0) |
                                     (one->found_with != 0 ? kFoundWith : 0)));
    if (one->found_with != 0) WriteHash<kCauseBytes>(writer, one->found_with);
  }
}

void ReadSuspected(ByteReader& reader, MoneyHistory& money) {
  const uint64_t count = ReadUpTo(reader, money.entries.size());
  size_t left = money.entries.size();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t between = reader.Varint();
    if (between >= left) return reader.Fail();
    left -= between + 1;
    MoneyEntry& entry = money.entries[left];
    const uint8_t flags = reader.Byte();
    entry.held = (flags & kHeld) != 0;
    SuspectedPayment one{.transaction_key = entry.transaction_key, .refused = (flags & kRefused) != 0};
    if ((flags & kFoundWith) != 0) {
      one.found_with = static_cast<uint32_t>(ReadHash<kCauseBytes>(reader));
      if (one.found_with == 0) return reader.Fail();
    }
    const bool undecided = entry.waits || entry.held;
    if (!entry.counted || flags >= 2 * kFoundWith || (entry.waits && entry.held) ||
        (one.refused && undecided))
      return reader.Fail();
    money.suspected.push_back(one);
  }
  if (money.suspected.empty()) return;
  std::ranges::sort(money.suspected, {}, &SuspectedPayment::transaction_key);
  std::vector<uint64_t> keys;
  keys.reserve(money.entries.size());
  for (const MoneyEntry& entry : money.entries) keys.push_back(entry.transaction_key);
  std::ranges::sort(keys);
  if (std::ranges::adjacent_find(keys) != keys.end()) reader.Fail();  // What is known would be of two.
}

void WriteBucket(ByteWriter& writer, const MoneyBucket& bucket) {
  writer.Fixed64(bucket.limit_key);
  WriteTimeAfter(writer, kTimestampMin, bucket.begin);
  WriteTimeAfter(writer, bucket.begin, bucket.end);
  writer.Varint(static_cast<uint64_t>(bucket.sum_minor));
  writer.Varint(static_cast<uint64_t>(bucket.peak_minor));
  writer.Varint(bucket.count);
  writer.Varint(bucket.peak_count);
  writer.Varint(bucket.unconverted);
  writer.Bool(bucket.partial);
}

void ReadBucket(ByteReader& reader, MoneyBucket& bucket) {
  bucket.limit_key = reader.Fixed64();
  bucket.begin = ReadTimeAfter(reader, kTimestampMin);
  bucket.end = ReadTimeAfter(reader, bucket.begin);
  bucket.sum_minor = ReadMinor(reader, INT64_MAX);
  bucket.peak_minor = ReadMinor(reader, INT64_MAX);
  bucket.count = ReadCount32(reader);
  bucket.peak_count = ReadCount32(reader);
  bucket.unconverted = ReadCount32(reader);
  bucket.partial = reader.Bool();
  if (bucket.end <= bucket.begin || bucket.unconverted > bucket.count) reader.Fail();
}

void WriteHistogram(ByteWriter& writer, const AmountHistogram& histogram) {
  writer.Byte(static_cast<uint8_t>(histogram.kind));
  writer.Varint(histogram.currency.packed());
  WriteTimeAfter(writer, kTimestampMin, histogram.updated_at);
  writer.Varint(histogram.seen);
  writer.Varint(histogram.bins.size());
  int next = 0;
  for (const AmountHistogram::Bin& bin : histogram.bins) {
    writer.Varint(static_cast<uint64_t>(bin.index - next));
    writer.Float(bin.count);
    next = bin.index + 1;
  }
  writer.Varint(histogram.blocks.size());
  int32_t block_next = 0;
  for (const AmountHistogram::Block& block : histogram.blocks) {
    writer.Varint(static_cast<uint64_t>(block.index - block_next));
    writer.Varint(block.count);
    writer.Varint(static_cast<uint64_t>(block.sum_minor));
    block_next = block.index + 1;
  }
}

void ReadHistogram(ByteReader& reader, AmountHistogram& histogram) {
  const uint8_t kind = reader.Byte();
  if (kind > static_cast<uint8_t>(TransactionKind::kFee)) return reader.Fail();
  histogram.kind = static_cast<TransactionKind>(kind);
  histogram.currency = ReadCurrency(reader);
  histogram.updated_at = ReadTimeAfter(reader, kTimestampMin);
  histogram.seen = ReadCount32(reader);
  const size_t bins = reader.Count(kBinBytes);
  histogram.bins.reserve(bins);
  uint64_t next = 0;
  for (size_t i = 0; i < bins && reader.ok(); ++i) {
    const uint64_t index = next + ReadUpTo(reader, kAmountBinMax);
    const float count = reader.Float();
    if (index > kAmountBinMax || !std::isfinite(count) || count <= 0) return reader.Fail();
    histogram.bins.push_back({.index = static_cast<int16_t>(index), .count = count});
    next = index + 1;
  }
  constexpr uint64_t kBlockIndexMax =
      static_cast<uint64_t>(kTimestampMax.time_since_epoch() / AmountHistogram::kBlock);
  const size_t blocks = reader.Count(kBlockBytesMin);
  if (blocks > AmountHistogram::kBlocksKept) return reader.Fail();
  histogram.blocks.reserve(blocks);
  next = 0;
  for (size_t i = 0; i < blocks && reader.ok(); ++i) {
    const uint64_t index = next + ReadUpTo(reader, kBlockIndexMax);
    if (index > kBlockIndexMax) return reader.Fail();
    AmountHistogram::Block block{.index = static_cast<int32_t>(index), .count = ReadCount32(reader)};
    block.sum_minor = ReadMinor(reader, INT64_MAX);
    if (block.count == 0) return reader.Fail();
    histogram.blocks.push_back(block);
    next = index + 1;
  }
}

template <class T, class ReadOne>
void ReadList(ByteReader& reader, size_t count_max, size_t bytes_min, std::vector<T>& into,
              ReadOne read_one) {
  const size_t count = reader.Count(bytes_min);
  if (count > count_max) return reader.Fail();
  into.reserve(count);
  for (size_t i = 0; i < count && reader.ok(); ++i) read_one(into.emplace_back());
}

}  // namespace

void MoneyHistory::Encode(ByteWriter& writer) const {
  WriteTimeAfter(writer, kTimestampMin, forgotten_until);
  writer.Varint(entries.size());
  Previous previous;
  for (const MoneyEntry& entry : entries) WriteEntry(writer, entry, previous);
  WriteWaiting(writer, entries);
  WriteSuspected(writer, *this);
  writer.Varint(buckets.size());
  for (const MoneyBucket& bucket : buckets) WriteBucket(writer, bucket);
  writer.Varint(histograms.size());
  for (const AmountHistogram& histogram : histograms) WriteHistogram(writer, histogram);
}

bool MoneyHistory::Decode(ByteReader& reader, uint8_t version, MoneyHistory& into) {
  MoneyHistory read;
  read.forgotten_until = ReadTimeAfter(reader, kTimestampMin);
  Previous previous;
  ReadList(reader, kEntriesMax, kEntryBytesMin, read.entries,
           [&](MoneyEntry& entry) { ReadEntry(reader, version, entry, previous); });
  if (version >= 5) ReadWaiting(reader, read.entries);
  if (version >= 7) ReadSuspected(reader, read);
  ReadList(reader, kBucketsMax, kBucketBytesMin, read.buckets,
           [&](MoneyBucket& bucket) { ReadBucket(reader, bucket); });
  ReadList(reader, kHistogramsMax, kHistogramBytesMin, read.histograms,
           [&](AmountHistogram& histogram) { ReadHistogram(reader, histogram); });
  if (!reader.ok()) return false;

  const auto unordered_entries = [](const MoneyEntry& a, const MoneyEntry& b) { return !Before(a, b); };
  if (std::ranges::adjacent_find(read.entries, unordered_entries) != read.entries.end()) return false;
  const auto unordered_buckets = [](const MoneyBucket& a, const MoneyBucket& b) {
    return a.limit_key != b.limit_key ? a.limit_key > b.limit_key : a.begin >= b.begin;
  };
  if (std::ranges::adjacent_find(read.buckets, unordered_buckets) != read.buckets.end()) return false;
  for (size_t i = 0; i < read.histograms.size(); ++i) {
    const AmountHistogram& one = read.histograms[i];
    if (read.Histogram(one.kind, one.currency) != &one) return false;
  }
  into = std::move(read);
  return true;
}

}  // namespace tocsin::detectors

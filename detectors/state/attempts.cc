#include "detectors/state/attempts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "detectors/state/money.h"
#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {

using schemas::DeclineReason;
using schemas::Direction;
using schemas::InstrumentType;
using schemas::TransactionKind;
using schemas::TransactionStatus;

namespace {

constexpr size_t kKeyBytes = 5;

}  // namespace

bool IsEarlier(const Attempt& a, const Attempt& b) {
  return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
}

bool IsRefused(const schemas::Event& event) {
  const schemas::Transaction* transaction = event.transaction();
  return transaction != nullptr && (transaction->status == TransactionStatus::kDeclined ||
                                    transaction->status == TransactionStatus::kFailed);
}

Attempt ReadAttempt(const schemas::Event& event) {
  CHECK(IsRefused(event));
  const schemas::Transaction& transaction = *event.transaction();
  const std::string& instrument = transaction.instrument.id;
  return {.at = event.occurred_at,
          .event_id = event.event_id.str(),
          .amount = transaction.amount,
          .kind = transaction.kind,
          .direction = transaction.direction,
          .reason = transaction.decline_reason,
          .instrument_type = transaction.instrument.type,
          .instrument = instrument.empty() ? 0 : static_cast<uint32_t>(Hash64(instrument)) | 1U,
          .transaction_key = transaction.transaction_id.empty() ? 0 : TransactionKey(event)};
}

void PaymentAttempts::Insert(Attempt attempt, Timestamp newest) {
  MakeRoom(list);
  list.insert(std::ranges::upper_bound(list, attempt, IsEarlier), std::move(attempt));
  Prune(newest);
  if (list.size() > kMax) list.erase(list.begin() + 1);
}

void PaymentAttempts::Prune(Timestamp newest) {
  std::erase_if(list, [&](const Attempt& attempt) { return newest - attempt.at > kKept; });
}

void PaymentAttempts::Encode(ByteWriter& writer) const {
  writer.Varint(list.size());
  Timestamp previous = kTimestampMin;
  for (const Attempt& attempt : list) {
    WriteTimeAfter(writer, previous, attempt.at);
    previous = attempt.at;
    WriteEventId(writer, attempt.event_id);
    writer.Varint(static_cast<uint64_t>(attempt.amount.minor));
    writer.Varint(attempt.amount.currency.packed());
    writer.Byte(static_cast<uint8_t>(static_cast<unsigned>(attempt.kind) |
                                     static_cast<unsigned>(attempt.direction) << 4 |
                                     static_cast<unsigned>(attempt.instrument_type) << 6));
    WriteEnum(writer, attempt.reason);
    writer.Varint(attempt.instrument);
    WriteHash<kKeyBytes>(writer, attempt.transaction_key);
  }
}

bool PaymentAttempts::Decode(ByteReader& reader, uint8_t version, PaymentAttempts& into) {
  into.list.resize(ReadCount(reader, kMax, version == 1 ? 7 : 7 + kKeyBytes));
  Timestamp previous = kTimestampMin;
  for (Attempt& attempt : into.list) {
    attempt.at = previous = ReadTimeAfter(reader, previous);
    attempt.event_id = ReadEventId(reader);
    const uint64_t minor = reader.Varint();
    const uint64_t packed = reader.Varint();
    const uint8_t what = reader.Byte();
    attempt.reason = ReadEnum(reader, DeclineReason::kOther);
    const uint64_t instrument = reader.Varint();
    if (version >= 2) attempt.transaction_key = ReadHash<kKeyBytes>(reader);
    if (minor > static_cast<uint64_t>(kMoneyMinorMax) || packed > UINT16_MAX || instrument > UINT32_MAX)
      return false;
    const auto currency = Currency::FromPacked(static_cast<uint16_t>(packed));
    if (!currency) return false;
    attempt.amount = {static_cast<int64_t>(minor), *currency};
    attempt.kind = static_cast<TransactionKind>(what & 15);
    attempt.direction = static_cast<Direction>(what >> 4 & 3);
    attempt.instrument_type = static_cast<InstrumentType>(what >> 6);
    attempt.instrument = static_cast<uint32_t>(instrument);
    if (attempt.kind > TransactionKind::kFee || attempt.direction > Direction::kIn) return false;
  }
  return reader.ok() && std::ranges::is_sorted(into.list, IsEarlier);
}

size_t PaymentAttempts::HeapBytes() const {
  size_t bytes = HeapBytesOf(list);
  for (const Attempt& attempt : list) bytes += HeapBytesOf(attempt.event_id);
  return bytes;
}

}  // namespace tocsin::detectors

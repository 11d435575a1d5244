#include "detectors/state/ledger.h"

#include <algorithm>
#include <tuple>

#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

constexpr uint8_t kHasBalance = 1;
constexpr uint8_t kSure = 2;
constexpr uint8_t kUnknown = 4;
constexpr uint8_t kBalanceSide = 4;  // The ledger holds a balance.

template <class T>
bool Ordered(const std::vector<T>& list) {
  return std::ranges::is_sorted(
      list, [](const T& a, const T& b) { return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id); });
}

void WriteMoney(ByteWriter& writer, const Money& money) {
  writer.Varint(static_cast<uint64_t>(money.minor));
  writer.Varint(money.currency.packed());
}

Currency ReadCurrency(ByteReader& reader) {
  const uint64_t packed = reader.Varint();
  const auto currency =
      packed > UINT16_MAX ? std::nullopt : Currency::FromPacked(static_cast<uint16_t>(packed));
  if (!currency || currency->none()) reader.Fail();
  return currency.value_or(Currency{});
}

Money ReadMoney(ByteReader& reader) {
  const uint64_t minor = reader.Varint();
  if (minor > static_cast<uint64_t>(INT64_MAX)) reader.Fail();
  return {static_cast<int64_t>(minor & INT64_MAX), ReadCurrency(reader)};
}

}  // namespace

void Ledger::Encode(ByteWriter& writer) const {
  writer.Varint(raises.size());
  for (const Raise& raise : raises) {
    WriteTime(writer, raise.at);
    WriteEventId(writer, raise.event_id);
    writer.String(raise.limit);
    WriteMoney(writer, raise.previous);
    writer.Varint(static_cast<uint64_t>(raise.value.minor));
  }
  writer.Varint(open.size());
  for (const OpenTransaction& one : open) {
    WriteTime(writer, one.at);
    WriteEventId(writer, one.event_id);
    WriteHash<5>(writer, one.transaction_key);
    WriteMoney(writer, one.amount);
    writer.Bool(one.withdrawal);
  }
  const bool followed = !currency.none();
  writer.Byte(static_cast<uint8_t>((followed ? kBalanceSide : 0) | (known ? kHasBalance : 0)));
  if (!followed) return;
  writer.Varint(currency.packed());
  WriteTime(writer, settled_at);
  if (known) writer.Signed(balance_minor);
  WriteTime(writer, mismatch_at);
  writer.Varint(statements.size());
  Timestamp previous = kTimestampMin;
  for (const Statement& one : statements) {
    WriteTimeAfter(writer, previous, one.at);
    previous = one.at;
    WriteEventId(writer, one.event_id);
    writer.Signed(one.change_minor);
    writer.Byte(static_cast<uint8_t>((one.has_balance ? kHasBalance : 0) | (one.sure ? kSure : 0) |
                                     (one.unknown ? kUnknown : 0)));
    if (one.has_balance) writer.Signed(one.balance_minor);
  }
}

bool Ledger::Decode(ByteReader& reader, uint8_t /*version*/, Ledger& into) {
  into.raises.resize(ReadCount(reader, kRaisesMax, 8));
  for (Raise& raise : into.raises) {
    raise.at = ReadTime(reader);
    raise.event_id = ReadEventId(reader);
    raise.limit = ReadText(reader, kNameBytesMax);
    raise.previous = ReadMoney(reader);
    const uint64_t value = reader.Varint();
    if (value > static_cast<uint64_t>(INT64_MAX)) return false;
    raise.value = {static_cast<int64_t>(value), raise.previous.currency};
    if (raise.value.minor <= raise.previous.minor) return false;
  }
  into.open.resize(ReadCount(reader, kOpenMax, 11));
  for (OpenTransaction& one : into.open) {
    one.at = ReadTime(reader);
    one.event_id = ReadEventId(reader);
    one.transaction_key = ReadHash<5>(reader);
    one.amount = ReadMoney(reader);
    one.withdrawal = reader.Bool();
  }
  const uint8_t side = reader.Byte();
  if (side != 0 && side != kBalanceSide && side != (kBalanceSide | kHasBalance)) return false;
  if (side != 0) {
    into.currency = ReadCurrency(reader);
    into.settled_at = ReadTime(reader);
    into.known = (side & kHasBalance) != 0;
    if (into.known) into.balance_minor = reader.Signed();
    into.mismatch_at = ReadTime(reader);
    into.statements.resize(ReadCount(reader, kStatementsMax, 4));
    Timestamp previous = kTimestampMin;
    for (Statement& one : into.statements) {
      one.at = previous = ReadTimeAfter(reader, previous);
      one.event_id = ReadEventId(reader);
      one.change_minor = reader.Signed();
      const uint8_t flags = reader.Byte();
      if (flags > (kHasBalance | kSure | kUnknown)) return false;
      one.unknown = (flags & kUnknown) != 0;
      one.sure = (flags & kSure) != 0;
      one.has_balance = (flags & kHasBalance) != 0;
      if (one.has_balance) one.balance_minor = reader.Signed();
    }
  }
  return reader.ok() && Ordered(into.raises) && Ordered(into.open) && Ordered(into.statements);
}

size_t Ledger::HeapBytes() const {
  size_t bytes = HeapBytesOf(raises) + HeapBytesOf(open) + HeapBytesOf(statements);
  for (const Raise& raise : raises) bytes += HeapBytesOf(raise.event_id) + HeapBytesOf(raise.limit);
  for (const OpenTransaction& one : open) bytes += HeapBytesOf(one.event_id);
  for (const Statement& one : statements) bytes += HeapBytesOf(one.event_id);
  return bytes;
}

}  // namespace tocsin::detectors

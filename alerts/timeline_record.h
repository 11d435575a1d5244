// The bytes of one record of a timeline. Used by timeline.cc and timeline_room.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// Bits of a stored record's first byte; the low three are the event's type.
inline constexpr uint8_t kTypeMask = 0x07;
inline constexpr uint8_t kUuidBit = 0x08;
inline constexpr uint8_t kMoneyBit = 0x10;
inline constexpr uint8_t kPayeeBit = 0x20;
inline constexpr uint8_t kCauseBit = 0x40;  // A finding named it.
inline constexpr size_t kRecordBytesMin = 8;

// ByteWriter's bytes, gathered beside the string: seven bytes and at most four varints, appended at once.
class HeadWriter {
 public:
  void Byte(uint8_t value) { bytes_[size_++] = static_cast<char>(value); }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Byte(static_cast<uint8_t>(value | 0x80));
    Byte(static_cast<uint8_t>(value));
  }
  void Signed(int64_t value) {
    Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 7 + 4 * 10> bytes_;
  size_t size_ = 0;
};

// The part of a stored record before names are looked up.
struct StoredRecord {
  uint8_t flags = 0;
  uint64_t distance = 0;
  uint8_t code = 0;
  uint8_t detail = 0;
  uint8_t place = 0;
  uint8_t network = 0;
  uint8_t device = 0;
  uint8_t payee = 0;
  int64_t amount_minor = 0;
  uint16_t currency = 0;
  std::string_view id;
};

// All but the id, which comes last.
inline StoredRecord ReadHead(ByteReader& reader) {
  StoredRecord stored;
  stored.flags = reader.Byte();
  stored.distance = reader.Varint();
  stored.code = reader.Byte();
  stored.detail = reader.Byte();
  stored.place = reader.Byte();
  stored.network = reader.Byte();
  stored.device = reader.Byte();
  if (stored.flags & kPayeeBit) stored.payee = reader.Byte();
  if (stored.flags & kMoneyBit) {
    stored.amount_minor = reader.Signed();
    const uint64_t currency = reader.Varint();
    if (currency == 0 || currency > UINT16_MAX) reader.Fail();
    stored.currency = static_cast<uint16_t>(currency);
  }
  return stored;
}

// 16 bytes of a UUID. REQUIRES: `reader` reads `bytes` to their end.
inline std::string_view ReadRawUuid(ByteReader& reader, std::string_view bytes) {
  if (reader.remaining() < 16) {
    reader.Fail();
    return {};
  }
  const std::string_view id = bytes.substr(bytes.size() - reader.remaining(), 16);
  reader.Fixed64();
  reader.Fixed64();
  return id;
}

// REQUIRES: `reader` reads `bytes` to their end.
inline StoredRecord ReadStored(ByteReader& reader, std::string_view bytes) {
  StoredRecord stored = ReadHead(reader);
  stored.id = (stored.flags & kUuidBit) != 0 ? ReadRawUuid(reader, bytes) : reader.String();
  return stored;
}

// What a record tells, as far as room for it goes.
enum class RecordKind : uint8_t { kFailedLogin, kRefusedMoney, kLogin, kMoney, kChange };
inline constexpr size_t kRecordKinds = 5;

// By what is stored of an event: Code and Detail in timeline.cc.
[[nodiscard]] inline RecordKind KindOf(uint8_t type, uint8_t code, uint8_t detail) {
  switch (static_cast<schemas::EventType>(type)) {
    case schemas::EventType::kLogin:
      return (code & 0x0f) == static_cast<uint8_t>(schemas::LoginOutcome::kFailure) ? RecordKind::kFailedLogin
                                                                                    : RecordKind::kLogin;
    case schemas::EventType::kTransaction: {
      const auto status = static_cast<schemas::TransactionStatus>(detail & 0x0f);
      const bool refused =
          status == schemas::TransactionStatus::kDeclined || status == schemas::TransactionStatus::kFailed;
      return refused ? RecordKind::kRefusedMoney : RecordKind::kMoney;
    }
    default:
      return RecordKind::kChange;
  }
}

[[nodiscard]] inline RecordKind KindOf(const StoredRecord& stored) {
  return KindOf(static_cast<uint8_t>(stored.flags & kTypeMask), stored.code, stored.detail);
}

}  // namespace tocsin::alerts

// Values as the alert side stores them. Used by case_codec.cc and by what is stored with a case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"

namespace tocsin::alerts {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr size_t kIdText = 32;
inline constexpr size_t kIdBytes = kIdText / 2;

inline bool IsHexId(std::string_view id) {
  return id.size() == kIdText && id.find_first_not_of(kHexDigits) == std::string_view::npos;
}

// Our own ids are 32 hex digits: 16 bytes behind a 1. Anything else is a text behind a 0.
inline void WriteId(std::string_view id, ByteWriter& writer) {
  writer.Bool(IsHexId(id));
  if (!IsHexId(id)) {
    writer.String(id);
    return;
  }
  for (size_t i = 0; i < kIdText; i += 2) {
    writer.Byte(static_cast<uint8_t>(kHexDigits.find(id[i]) << 4 | kHexDigits.find(id[i + 1])));
  }
}

inline std::string ReadId(ByteReader& reader) {
  if (!reader.Bool()) return std::string(reader.String());
  std::string id;
  for (size_t i = 0; i < kIdBytes; ++i) {
    const uint8_t byte = reader.Byte();
    id += kHexDigits[byte >> 4];
    id += kHexDigits[byte & 0x0f];
  }
  return id;
}

inline void WriteTime(Timestamp at, ByteWriter& writer) { writer.Signed(ToMillis(at)); }

inline Timestamp ReadTime(ByteReader& reader) {
  const Timestamp at = FromMillis(reader.Signed());
  if (at < kTimestampMin || at > kTimestampMax) {
    reader.Fail();
    return kTimestampMin;
  }
  return at;
}

template <class E>
E ReadEnum(ByteReader& reader, E last) {
  const uint8_t value = reader.Byte();
  if (value > static_cast<uint8_t>(last)) {
    reader.Fail();
    return E{};
  }
  return static_cast<E>(value);
}

template <class E>
void WriteEnum(E value, ByteWriter& writer) {
  writer.Byte(static_cast<uint8_t>(value));
}

inline void WriteStrings(const std::vector<std::string>& texts, ByteWriter& writer) {
  writer.Varint(texts.size());
  for (const std::string& text : texts) writer.String(text);
}

inline std::vector<std::string> ReadStrings(ByteReader& reader) {
  std::vector<std::string> texts;
  const size_t count = reader.Count();
  for (size_t i = 0; i < count && reader.ok(); ++i) texts.emplace_back(reader.String());
  return texts;
}

inline void WriteMoney(const Money& money, ByteWriter& writer) {
  writer.Signed(money.minor);
  writer.Varint(money.currency.packed());
}

inline Money ReadMoney(ByteReader& reader) {
  Money money;
  money.minor = reader.Signed();
  const uint64_t packed = reader.Varint();
  if (packed == 0) return money;
  const auto currency =
      packed > UINT16_MAX ? std::nullopt : Currency::FromPacked(static_cast<uint16_t>(packed));
  if (!currency) reader.Fail();
  money.currency = currency.value_or(Currency());
  return money;
}

inline uint32_t ReadCounter(ByteReader& reader) {
  const uint64_t value = reader.Varint();
  if (value > UINT32_MAX) reader.Fail();
  return static_cast<uint32_t>(value);
}

}  // namespace tocsin::alerts

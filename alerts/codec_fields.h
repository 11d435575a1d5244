// The fields of which the bytes of cases and findings are made. A reader that was given something else has
// failed afterwards, and what it gave means nothing.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"

namespace tocsin::alerts {

// Our own ids are 32 hex digits: 16 bytes behind a 1. Anything else is a text behind a 0.
void WriteId(std::string_view id, ByteWriter& writer);
[[nodiscard]] std::string ReadId(ByteReader& reader);

void WriteTime(Timestamp at, ByteWriter& writer);
[[nodiscard]] Timestamp ReadTime(ByteReader& reader);

void WriteStrings(const std::vector<std::string>& texts, ByteWriter& writer);
[[nodiscard]] std::vector<std::string> ReadStrings(ByteReader& reader);

void WriteMoney(const Money& money, ByteWriter& writer);
[[nodiscard]] Money ReadMoney(ByteReader& reader);

// At most UINT32_MAX.
[[nodiscard]] uint32_t ReadCounter(ByteReader& reader);

template <class E>
void WriteEnum(E value, ByteWriter& writer) {
  writer.Byte(static_cast<uint8_t>(value));
}

// From 0 to `last`.
template <class E>
[[nodiscard]] E ReadEnum(ByteReader& reader, E last) {
  const uint8_t value = reader.Byte();
  if (value > static_cast<uint8_t>(last)) {
    reader.Fail();
    return E{};
  }
  return static_cast<E>(value);
}

}  // namespace tocsin::alerts

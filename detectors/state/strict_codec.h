// More helpers for the segments' codecs: absolute and ascending times, enums, bounded texts and counts. A
// value that no writer can have written fails the reader, so that hostile or torn bytes are refused instead
// of believed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "detectors/state/codec.h"

namespace tocsin::detectors {

inline void WriteTime(ByteWriter& writer, Timestamp at) {
  writer.Varint(static_cast<uint64_t>(ToMillis(at)));
}

// Fails beyond the accepted range of times.
inline Timestamp ReadTime(ByteReader& reader) {
  const uint64_t millis = reader.Varint();
  if (millis > static_cast<uint64_t>(ToMillis(kTimestampMax))) {
    reader.Fail();
    return kTimestampMin;
  }
  return FromMillis(static_cast<int64_t>(millis));
}

// For sorted lists: two or three bytes instead of six. REQUIRES: `at` is not before `previous`.
inline void WriteTimeAfter(ByteWriter& writer, Timestamp previous, Timestamp at) {
  writer.Varint(static_cast<uint64_t>((at - previous).count()));
}

inline Timestamp ReadTimeAfter(ByteReader& reader, Timestamp previous) {
  const uint64_t millis = reader.Varint();
  if (millis > static_cast<uint64_t>((kTimestampMax - previous).count())) {
    reader.Fail();
    return previous;
  }
  return previous + Millis(static_cast<int64_t>(millis));
}

// What WriteTimeAfter(writer, it, `next`) wrote.
inline Timestamp ReadTimeBefore(ByteReader& reader, Timestamp next) {
  const uint64_t millis = reader.Varint();
  if (millis > static_cast<uint64_t>((next - kTimestampMin).count())) {
    reader.Fail();
    return kTimestampMin;
  }
  return next - Millis(static_cast<int64_t>(millis));
}

template <class E>
void WriteEnum(ByteWriter& writer, E value) {
  writer.Byte(static_cast<uint8_t>(value));
}

// Fails for a value after `last`, the enum's highest.
template <class E>
E ReadEnum(ByteReader& reader, E last) {
  const uint8_t value = reader.Byte();
  if (value > static_cast<uint8_t>(last)) {
    reader.Fail();
    return E{};
  }
  return static_cast<E>(value);
}

// Fails when the text is longer than any we write.
inline std::string ReadText(ByteReader& reader, size_t bytes_max) {
  const std::string_view text = reader.String();
  if (text.size() > bytes_max) {
    reader.Fail();
    return {};
  }
  return std::string(text);
}

// Fails when there are more than any list of ours holds, or more than the bytes that are left can hold.
inline size_t ReadCount(ByteReader& reader, size_t count_max, size_t bytes_each = 1) {
  const size_t count = reader.Count(bytes_each);
  if (count > count_max) {
    reader.Fail();
    return 0;
  }
  return count;
}

}  // namespace tocsin::detectors

// What the segment codecs share: times, event ids and circles in few bytes, and the sizes of what is held on
// the heap.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/geo.h"
#include "base/time.h"

namespace tocsin::detectors {

// A time as its distance from `base`. Reading fails (ByteReader::Fail) outside of
// kTimestampMin…kTimestampMax.
void WriteTime(ByteWriter& writer, Timestamp base, Timestamp at);
[[nodiscard]] Timestamp ReadTime(ByteReader& reader, Timestamp base);

// A string; 16 bytes and a tag when it is a UUID in its canonical lower-case form.
void WriteEventId(ByteWriter& writer, const std::string& id);
void ReadEventId(ByteReader& reader, std::string& id);

// Points are kept to 1/10,000 degree (11 m) and radii to 100 m, far below what GeoIP knows. What is kept is
// rounded before it is used, so that a state read back is the state that was written. Not finite or out of
// range becomes the nearest value in range (not a number: 0).
[[nodiscard]] GeoPoint KeptPoint(const GeoPoint& point);
[[nodiscard]] float KeptRadiusKm(double radius_km);
// REQUIRES: point and radius are kept ones.
void WriteCircle(ByteWriter& writer, const GeoPoint& point, float radius_km);
void ReadCircle(ByteReader& reader, GeoPoint& point, float& radius_km);

// Longest prefix of at most `bytes_max` bytes that does not cut a UTF-8 sequence.
[[nodiscard]] std::string_view CutUtf8(std::string_view text, size_t bytes_max);

// Bytes on the heap, with what the allocator adds to a block.
inline constexpr size_t kBlockOverhead = 8;
[[nodiscard]] inline size_t HeapBytesOf(const std::string& text) {
  constexpr size_t kInlineCapacity = std::string().capacity();
  return text.capacity() > kInlineCapacity ? text.capacity() + 1 + kBlockOverhead : 0;
}
template <class T>
[[nodiscard]] size_t HeapBytesOf(const std::vector<T>& list) {
  return list.capacity() == 0 ? 0 : list.capacity() * sizeof(T) + kBlockOverhead;
}

}  // namespace tocsin::detectors

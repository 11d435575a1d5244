// What the segment codecs share: times, event ids and circles in few bytes, and the sizes of what is held on
// the heap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/geo.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"

namespace tocsin::detectors {

// A time as its distance from `base`. Reading fails (ByteReader::Fail) outside of
// kTimestampMin…kTimestampMax.
void WriteTime(ByteWriter& writer, Timestamp base, Timestamp at);
[[nodiscard]] Timestamp ReadTime(ByteReader& reader, Timestamp base);

// The 16 bytes of a UUID in its canonical lower-case form; nullopt for any other text.
[[nodiscard]] std::optional<std::array<char, 16>> PackUuid(std::string_view text);
inline constexpr size_t kUuidSize = 36;
[[nodiscard]] std::array<char, kUuidSize> UnpackUuid(const std::array<char, 16>& packed);

// A text; 16 bytes and a tag when it is a UUID. Reading fails beyond kIdBytesMax.
void WriteEventId(ByteWriter& writer, std::string_view id);
[[nodiscard]] KeptId ReadEventId(ByteReader& reader);
// For lists whose entries say themselves which ids are UUIDs: those as their 16 bytes, any other as
// WriteTextAfter (base/text_after.h) writes it. Reading fails as well for a UUID among the others.
void WriteUuid(ByteWriter& writer, const std::array<char, 16>& packed);
[[nodiscard]] KeptId ReadUuid(ByteReader& reader);
[[nodiscard]] KeptId ReadTextId(ByteReader& reader, std::string_view previous);
// Ids are at most 128 characters of up to four bytes (contracts.md §1).
inline constexpr size_t kIdBytesMax = 512;

// The low `kBytes` bytes of a hash that has no others.
template <size_t kBytes>
void WriteHash(ByteWriter& writer, uint64_t hash) {
  for (size_t i = 0; i < kBytes; ++i) writer.Byte(static_cast<uint8_t>(hash >> (8 * i)));
}
template <size_t kBytes>
[[nodiscard]] uint64_t ReadHash(ByteReader& reader) {
  uint64_t hash = 0;
  for (size_t i = 0; i < kBytes; ++i) hash |= uint64_t{reader.Byte()} << (8 * i);
  return hash;
}

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
inline const size_t kInlineCapacity = std::string().capacity();
[[nodiscard]] inline size_t HeapBytesOf(const std::string& text) {
  return text.capacity() > kInlineCapacity ? text.capacity() + 1 + kBlockOverhead : 0;
}
[[nodiscard]] inline size_t HeapBytesOf(const KeptId& id) { return id.HeapBytes(); }
template <class T>
[[nodiscard]] size_t HeapBytesOf(const std::vector<T>& list) {
  return list.capacity() == 0 ? 0 : list.capacity() * sizeof(T) + kBlockOverhead;
}

}  // namespace tocsin::detectors

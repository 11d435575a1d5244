#include "detectors/state/codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

#include "base/text_after.h"

namespace tocsin::detectors {
namespace {

constexpr double kStepsPerDegree = 10'000;
constexpr double kStepsPerKm = 10;
constexpr double kRadiusKmMax = 20'038;  // Half the equator: everywhere.

constexpr bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// Of lower-case digits; -1 for anything else.
constexpr std::array<int8_t, 256> kHexDigits = [] {
  std::array<int8_t, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 16; ++i) digits[static_cast<uint8_t>("0123456789abcdef"[i])] = static_cast<int8_t>(i);
  return digits;
}();

int HexDigit(char c) { return kHexDigits[static_cast<uint8_t>(c)]; }

// NaN passes every comparison with false; 0 is what is left to say.
double InRange(double value, double low, double high) {
  return value >= low ? std::min(value, high) : value < low ? low : 0;
}

}  // namespace

void WriteTime(ByteWriter& writer, Timestamp base, Timestamp at) {
  writer.Signed(ToMillis(base) - ToMillis(at));
}

Timestamp ReadTime(ByteReader& reader, Timestamp base) {
  const int64_t distance = reader.Signed();
  const int64_t from = ToMillis(base);  // In range: it was read or written by us.
  if (distance > from - ToMillis(kTimestampMin) || distance < from - ToMillis(kTimestampMax)) {
    reader.Fail();
    return kTimestampMin;
  }
  return FromMillis(from - distance);
}

std::optional<std::array<char, 16>> PackUuid(std::string_view text) {
  if (text.size() != kUuidSize) return std::nullopt;
  std::array<char, 16> packed{};
  size_t digit = 0;
  for (size_t i = 0; i < kUuidSize; ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexDigit(text[i]);
    if (value < 0) return std::nullopt;
    char& byte = packed[digit / 2];
    byte = static_cast<char>(static_cast<uint8_t>(byte) << 4 | value);
    ++digit;
  }
  return packed;
}

std::array<char, kUuidSize> UnpackUuid(const std::array<char, 16>& packed) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kUuidSize> text{};
  size_t at = 0;
  for (const char byte : packed) {
    if (IsDash(at)) text[at++] = '-';
    text[at++] = kDigits[static_cast<uint8_t>(byte) >> 4];
    text[at++] = kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

void WriteUuid(ByteWriter& writer, const std::array<char, 16>& packed) {
  for (const uint64_t half : std::bit_cast<std::array<uint64_t, 2>>(packed)) writer.Fixed64(half);
}

KeptId ReadUuid(ByteReader& reader) {
  const std::array<uint64_t, 2> halves = {reader.Fixed64(), reader.Fixed64()};
  const std::array<char, kUuidSize> text = UnpackUuid(std::bit_cast<std::array<char, 16>>(halves));
  return {std::string_view(text.data(), text.size())};
}

void WriteEventId(ByteWriter& writer, std::string_view id) {
  if (const auto packed = PackUuid(id)) {
    writer.Byte(0);
    return WriteUuid(writer, *packed);
  }
  writer.Varint(id.size() + 1);
  for (const char c : id) writer.Byte(static_cast<uint8_t>(c));
}

KeptId ReadEventId(ByteReader& reader) {
  const uint64_t tag = reader.Varint();
  if (tag == 0) return ReadUuid(reader);
  const uint64_t size = tag - 1;
  std::array<char, kIdBytesMax>
      text;  // NOLINT(cppcoreguidelines-pro-type-member-init): written up to `size`.
  if (size > text.size() || size > reader.remaining()) {
    reader.Fail();
    return {};
  }
  for (uint64_t i = 0; i < size; ++i) text[i] = static_cast<char>(reader.Byte());
  return {std::string_view(text.data(), static_cast<size_t>(size))};
}

KeptId ReadTextId(ByteReader& reader, std::string_view previous) {
  std::array<char, kIdBytesMax>
      room;  // NOLINT(cppcoreguidelines-pro-type-member-init): read where it was written.
  const std::string_view id = ReadTextAfter(reader, previous, room);
  if (PackUuid(id)) reader.Fail();
  return id;
}

GeoPoint KeptPoint(const GeoPoint& point) {
  return {.latitude = std::round(InRange(point.latitude, -90, 90) * kStepsPerDegree) / kStepsPerDegree,
          .longitude = std::round(InRange(point.longitude, -180, 180) * kStepsPerDegree) / kStepsPerDegree};
}

float KeptRadiusKm(double radius_km) {
  return static_cast<float>(std::round(InRange(radius_km, 0, kRadiusKmMax) * kStepsPerKm) / kStepsPerKm);
}

void WriteCircle(ByteWriter& writer, const GeoPoint& point, float radius_km) {
  writer.Signed(std::llround(point.latitude * kStepsPerDegree));
  writer.Signed(std::llround(point.longitude * kStepsPerDegree));
  writer.Varint(static_cast<uint64_t>(std::llround(double{radius_km} * kStepsPerKm)));
}

void ReadCircle(ByteReader& reader, GeoPoint& point, float& radius_km) {
  const int64_t latitude = reader.Signed();
  const int64_t longitude = reader.Signed();
  const uint64_t radius = reader.Varint();
  if (latitude < -900'000 || latitude > 900'000 || longitude < -1'800'000 || longitude > 1'800'000 ||
      radius > static_cast<uint64_t>(kRadiusKmMax * kStepsPerKm)) {
    return reader.Fail();
  }
  point.latitude = static_cast<double>(latitude) / kStepsPerDegree;
  point.longitude = static_cast<double>(longitude) / kStepsPerDegree;
  radius_km = static_cast<float>(static_cast<double>(radius) / kStepsPerKm);
}

std::string_view CutUtf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace tocsin::detectors

#include "detectors/state/codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace tocsin::detectors {
namespace {

constexpr double kStepsPerDegree = 10'000;
constexpr double kStepsPerKm = 10;
constexpr double kRadiusKmMax = 20'038;  // Half the equator: everywhere.

constexpr size_t kUuidSize = 36;
constexpr bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool PackUuid(std::string_view text, std::array<uint8_t, 16>& packed) {
  if (text.size() != kUuidSize) return false;
  size_t digit = 0;
  packed.fill(0);
  for (size_t i = 0; i < kUuidSize; ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = HexDigit(text[i]);
    if (value < 0) return false;
    packed[digit / 2] = static_cast<uint8_t>(packed[digit / 2] << 4 | value);
    ++digit;
  }
  return true;
}

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

void WriteEventId(ByteWriter& writer, const std::string& id) {
  std::array<uint8_t, 16> packed{};
  if (PackUuid(id, packed)) {
    writer.Varint(0);
    for (const uint8_t byte : packed) writer.Byte(byte);
    return;
  }
  writer.Varint(id.size() + 1);
  for (const char c : id) writer.Byte(static_cast<uint8_t>(c));
}

void ReadEventId(ByteReader& reader, std::string& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  id.clear();
  const uint64_t tag = reader.Varint();
  const uint64_t size = tag == 0 ? 16 : tag - 1;
  if (size > reader.remaining()) return reader.Fail();
  if (tag != 0) {
    id.reserve(static_cast<size_t>(size));
    for (uint64_t i = 0; i < size; ++i) id.push_back(static_cast<char>(reader.Byte()));
    return;
  }
  id.reserve(kUuidSize);
  while (id.size() < kUuidSize) {
    if (IsDash(id.size())) id.push_back('-');
    const uint8_t byte = reader.Byte();
    id.push_back(kDigits[byte >> 4]);
    id.push_back(kDigits[byte & 15]);
  }
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

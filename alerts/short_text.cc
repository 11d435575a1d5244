#include "alerts/short_text.h"

#include <algorithm>
#include <cstring>

namespace tocsin::alerts {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr size_t kUuidText = 36;
bool IsDash(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

void ShortText::Add(std::string_view text, size_t bytes_max) {
  size_t size = std::min({text.size(), bytes_max, kNameBytesMax - size_});
  if (size < text.size()) {
    while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  }
  if (size == 0) return;
  std::memcpy(bytes_.data() + size_, text.data(), size);
  size_ += size;
}

void ShortText::AddByte(uint8_t byte) {
  if (size_ < kNameBytesMax) bytes_[size_++] = static_cast<char>(byte);
}

void ShortText::AddVarint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) AddByte(static_cast<uint8_t>(value | 0x80));
  AddByte(static_cast<uint8_t>(value));
}

void AddPlace(const schemas::Place& place, ShortText& text) {
  if (!place.known()) return;
  const std::string& local = place.city.empty() ? place.region : place.city;
  if (!local.empty()) {
    text.Add(local, kNameBytesMax - 4);
    text.Add(", ");
  }
  text.Add(place.country);
}

void AddDevice(const schemas::Device& device, ShortText& text) {
  if (!device.known()) return;
  const std::string& with = device.browser_family.empty() ? device.model : device.browser_family;
  const std::string& on = device.os_family.empty() ? device.platform : device.os_family;
  text.Add(with, 28);
  if (!with.empty() && !on.empty()) text.Add(" on ");
  text.Add(on);
}

std::optional<std::array<char, 16>> PackUuid(std::string_view id) {
  if (id.size() != kUuidText) return std::nullopt;
  std::array<char, 16> bytes{};
  size_t digits = 0;
  for (size_t i = 0; i < kUuidText; ++i) {
    if (IsDash(i)) {
      if (id[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = HexDigit(id[i]);
    if (digit < 0) return std::nullopt;
    char& byte = bytes[digits / 2];
    byte = static_cast<char>((static_cast<unsigned>(byte) << 4) | static_cast<unsigned>(digit));
    ++digits;
  }
  return bytes;
}

std::string UnpackUuid(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  id.reserve(kUuidText);
  for (const char c : bytes) {
    if (IsDash(id.size())) id += '-';
    id += kDigits[static_cast<uint8_t>(c) >> 4];
    id += kDigits[static_cast<uint8_t>(c) & 0x0f];
  }
  return id;
}

}  // namespace tocsin::alerts

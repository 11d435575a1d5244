#include "alerts/short_text.h"

#include <algorithm>
#include <cstring>

namespace tocsin::alerts {
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
  const bool browser = !device.browser_family.empty();
  const std::string& with = browser ? device.browser_family : device.model;
  const std::string& on = device.os_family.empty() ? device.platform : device.os_family;
  text.Add(with, 28);
  if (with.empty() || on.empty()) return text.Add(on);
  text.Add(browser ? " on " : " (");
  text.Add(on, 15);
  if (!browser) text.Add(")");
}

}  // namespace tocsin::alerts

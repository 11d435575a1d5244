// Short forms a timeline keeps: names of bounded length built on the stack. Used by timeline.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schemas/facts.h"

namespace tocsin::alerts {

inline constexpr size_t kNameBytesMax = 48;

// A text of at most kNameBytesMax bytes; what does not fit is cut between two characters.
class ShortText {
 public:
  void Add(std::string_view text, size_t bytes_max = kNameBytesMax);
  void AddByte(uint8_t byte);
  void AddVarint(uint64_t value);
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kNameBytesMax> bytes_{};
  size_t size_ = 0;
};

// "Kunming, CN", "CN", or nothing.
void AddPlace(const schemas::Place& place, ShortText& text);
// "Chrome on Windows", "iPhone 15 (iOS)", or nothing.
void AddDevice(const schemas::Device& device, ShortText& text);

}  // namespace tocsin::alerts

#include "base/uuid.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace tocsin {
namespace {

static_assert(std::endian::native == std::endian::little, "digits are handled eight at a time");

constexpr size_t kDigits = 32;
constexpr uint64_t kEach = 0x0101010101010101;

// The four bytes that eight lower-case digits say. Of anything else: some four bytes.
uint32_t FromDigits(const char* digits) {
  uint64_t word = 0;
  std::memcpy(&word, digits, sizeof word);
  word = (word & kEach * 0x0f) + 9 * (word >> 6 & kEach);  // 'a' is 0x61.
  word = (word << 4 | word >> 8) & 0x00ff00ff00ff00ff;
  word = (word | word >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(word | word >> 16);
}

void ToDigits(uint32_t bytes, char* digits) {
  uint64_t word = bytes;
  word = (word | word << 16) & 0x0000ffff0000ffff;
  word = (word | word << 8) & 0x00ff00ff00ff00ff;
  word = (word >> 4 & kEach * 0x0f) | (word & 0x000f000f000f000f) << 8;
  const uint64_t letters = (word + kEach * 6) >> 4 & kEach;
  word += kEach * '0' + letters * ('a' - '0' - 10);
  std::memcpy(digits, &word, sizeof word);
}

}  // namespace

std::optional<UuidBytes> PackUuid(std::string_view text) {
  if (text.size() != kUuidSize) return std::nullopt;
  std::array<char, kDigits> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): all of it is written.
  std::memcpy(digits.data(), text.data(), 8);
  std::memcpy(digits.data() + 8, text.data() + 9, 4);
  std::memcpy(digits.data() + 12, text.data() + 14, 4);
  std::memcpy(digits.data() + 16, text.data() + 19, 4);
  std::memcpy(digits.data() + 20, text.data() + 24, 12);
  UuidBytes bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): all of it is written.
  for (size_t i = 0; i < kDigits / 8; ++i) {
    const uint32_t four = FromDigits(digits.data() + 8 * i);
    std::memcpy(bytes.data() + 4 * i, &four, sizeof four);
  }
  // What is no UUID comes back as something else.
  const UuidText back = UnpackUuid(bytes);
  if (std::memcmp(back.data(), text.data(), kUuidSize) != 0) return std::nullopt;
  return bytes;
}

UuidText UnpackUuid(const UuidBytes& bytes) {
  std::array<char, kDigits> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): all of it is written.
  for (size_t i = 0; i < kDigits / 8; ++i) {
    uint32_t four = 0;
    std::memcpy(&four, bytes.data() + 4 * i, sizeof four);
    ToDigits(four, digits.data() + 8 * i);
  }
  UuidText text;  // NOLINT(cppcoreguidelines-pro-type-member-init): all of it is written.
  std::memcpy(text.data(), digits.data(), 8);
  std::memcpy(text.data() + 9, digits.data() + 8, 4);
  std::memcpy(text.data() + 14, digits.data() + 12, 4);
  std::memcpy(text.data() + 19, digits.data() + 16, 4);
  std::memcpy(text.data() + 24, digits.data() + 20, 12);
  for (const size_t dash : {8, 13, 18, 23}) text[dash] = '-';
  return text;
}

}  // namespace tocsin

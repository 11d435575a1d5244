// Holds a segment's codec to its promises: what is written is read back, what was written by an earlier build
// stays readable, and nothing else is believed.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "detectors/account_state.h"

namespace tocsin::test {

inline std::string ToHexText(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

inline std::string FromHexText(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
  return bytes;
}

inline std::string Encoded(const detectors::AccountState& state, detectors::Segment segment) {
  std::string bytes;
  state.EncodeSegment(segment, bytes);
  return bytes;
}

// What is written gives an equal state and equal bytes again.
inline void ExpectRoundTrip(const detectors::AccountState& state, detectors::Segment segment) {
  const std::string bytes = Encoded(state, segment);
  detectors::AccountState read;
  ASSERT_TRUE(read.DecodeSegment(segment, bytes).ok());
  EXPECT_EQ(read, state);
  EXPECT_EQ(Encoded(read, segment), bytes);
  EXPECT_EQ(read.changed(), 0U);
}

// Bytes of the version in use: a change of these breaks every stored account. Raise kVersion instead, keep
// these readable.
inline void ExpectGolden(const detectors::AccountState& state, detectors::Segment segment,
                         std::string_view hex) {
  EXPECT_EQ(ToHexText(Encoded(state, segment)), hex);
  detectors::AccountState read;
  ASSERT_TRUE(read.DecodeSegment(segment, FromHexText(hex)).ok());
  EXPECT_EQ(read, state);
}

// Cut, lengthened, and flipped bytes are refused or give a state that holds the invariants; never a crash,
// never a partial change.
inline void ExpectStrict(const detectors::AccountState& state, detectors::Segment segment) {
  const std::string bytes = Encoded(state, segment);
  const detectors::AccountState before;
  for (size_t size = 1; size < bytes.size(); ++size) {
    detectors::AccountState read;
    EXPECT_FALSE(read.DecodeSegment(segment, std::string_view(bytes).substr(0, size)).ok())
        << size << " bytes";
    EXPECT_EQ(read, before);
  }
  detectors::AccountState longer;
  EXPECT_FALSE(longer.DecodeSegment(segment, bytes + '\0').ok());
  std::string newer = bytes;
  newer[0] = '\x7f';
  EXPECT_FALSE(longer.DecodeSegment(segment, newer).ok());
  newer[0] = '\0';
  EXPECT_FALSE(longer.DecodeSegment(segment, newer).ok());

  std::mt19937_64 random(20260301);
  for (int i = 0; i < 5000; ++i) {
    std::string hostile = bytes;
    const int flips = 1 + static_cast<int>(random() % 4);
    for (int flip = 0; flip < flips; ++flip) hostile[random() % hostile.size()] = static_cast<char>(random());
    detectors::AccountState read;
    if (read.DecodeSegment(segment, hostile).ok()) {
      // What was believed can be written and read again.
      detectors::AccountState again;
      ASSERT_TRUE(again.DecodeSegment(segment, Encoded(read, segment)).ok());
      EXPECT_EQ(again, read);
    } else {
      EXPECT_EQ(read, before);
    }
  }
}

}  // namespace tocsin::test

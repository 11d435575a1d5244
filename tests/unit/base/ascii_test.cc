#include "base/ascii.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Ascii, OnlyItsLettersAreFolded) {
  EXPECT_TRUE(EqualsIgnoringCase("Application/JSON", "application/json"));
  EXPECT_TRUE(EqualsIgnoringCase("", ""));
  EXPECT_FALSE(EqualsIgnoringCase("application/json ", "application/json"));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));  // They differ in the bit that letters do.
  EXPECT_FALSE(EqualsIgnoringCase("\xC3\x84", "\xC3\xA4"));
  EXPECT_TRUE(StartsWithIgnoringCase("BEARER x", "bearer "));
  EXPECT_FALSE(StartsWithIgnoringCase("bear", "bearer "));
}

}  // namespace
}  // namespace tocsin

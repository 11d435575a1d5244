#include "alerts/owner_text.h"

#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

struct Read {
  const char* name;
  const char* text;
  const char* read;
};
class OwnerTextTest : public testing::TestWithParam<Read> {};

TEST_P(OwnerTextTest, HasNothingToDial) { EXPECT_EQ(OwnerText(GetParam().text, 120), GetParam().read); }

INSTANTIATE_TEST_SUITE_P(
    Texts, OwnerTextTest,
    testing::Values(
        Read{"International", "Fraud team: call +1 888 555 0199 now", "Fraud team: call … now"},
        Read{"WithBrackets", "call (888) 555-0199!", "call …!"}, Read{"WithDots", "888.555.0199", "…"},
        Read{"AsALink", "tel:+18885550199", "…"}, Read{"AsALinkInCapitals", "TEL:+18885550199", "…"},
        Read{"AtOneBlow", "A18885550199B", "A…B"}, Read{"Local", "555 0199", "…"},
        Read{"Fullwidth", "电话 ４００５５５０１００", "电话 …"},
        Read{"WithWordsAround", "Anna 13800000000 Li", "Anna … Li"},
        Read{"LetterInFront", "A1 888 555 0199", "A1 …"}, Read{"Name", "Li Wei", "Li Wei"},
        Read{"Samsung", "SM-G998B", "SM-G998B"}, Read{"Apple", "iPhone14,2 (iOS)", "iPhone14,2 (iOS)"},
        Read{"Vivo", "V2309A", "V2309A"}, Read{"Xiaomi", "22101316G (Android)", "22101316G (Android)"},
        Read{"Realme", "RMX3630 11.0", "RMX3630 11.0"}, Read{"Build", "Pixel 7 22631", "Pixel 7 22631"},
        Read{"Browser", "Chrome 120 on Windows 11", "Chrome 120 on Windows 11"},
        Read{"Count", "12 in 10 min", "12 in 10 min"},
        Read{"Money", "CNY 268000.00 in 24 h", "CNY 268000.00 in 24 h"},
        Read{"Limit", "limit daily-out: CNY 2680000.00", "limit daily-out: CNY 2680000.00"},
        Read{"MoneyOfADay", "CNY 14468.11 in 2026-01-15", "CNY 14468.11 in 2026-01-15"},
        Read{"CountOfADay", "5 in 2026-01-04", "5 in 2026-01-04"},
        Read{"MaskedAddress", "203.0.113.*", "203.0.113.*"},
        Read{"AddressBetweenWords", "from 203.0.113.* on", "from 203.0.113.* on"},
        Read{"NoAddress", "888.555.019.*", "…"}, Read{"NoDay", "2026-01-15-99", "…"},
        Read{"MoneyInAName", "call USD 18885550199", "call USD …"},
        Read{"NoCurrency", "TEL 18885550199", "TEL …"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::alerts

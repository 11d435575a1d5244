// Wrong passwords alone take nothing from the owner, however many, from wherever and for how long they come:
// no action is asked for, and the owner signs in as ever.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/time.h"
#include "tests/support/detection_line.h"

namespace tocsin {
namespace {

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z
constexpr int64_t kMinute = 60'000;
constexpr int64_t kDay = 1440 * kMinute;
constexpr std::string_view kHome = "139.12.16.10";
// Lines, mobile networks, rented servers and an exit of Tor, all over the world (tests/support/README.md).
constexpr std::array<std::string_view, 12> kElsewhere = {
    "2.205.80.10",   "77.188.0.10", "185.220.101.10", "46.225.244.10", "90.98.0.10",  "31.55.0.10",
    "106.48.128.10", "3.84.0.10",   "111.188.18.10",  "1.234.0.10",    "37.147.0.10", "179.212.64.10"};

std::string Login(const std::string& id, Timestamp at, std::string_view ip, const std::string& device,
                  const std::string& outcome) {
  return R"({"type":"login","event_id":")" + id +
         R"(","source":"idp.example.com","account_id":"acct-1","occurred_at":")" + FormatRfc3339(at) +
         R"(","ip":")" + std::string(ip) + R"(","device":{"id":")" + device +
         R"(","platform":"ios","model":"iPhone 14"},)" + outcome + R"(,"method":"password"})";
}
std::string SignIn(const std::string& id, Timestamp at, std::string_view ip, const std::string& device) {
  return Login(id, at, ip, device, R"("outcome":"success")");
}
std::string Guess(const std::string& id, Timestamp at, std::string_view ip, const std::string& device) {
  return Login(id, at, ip, device, R"("outcome":"failure","failure_reason":"bad_credentials")");
}
std::string Home(const std::string& id, Timestamp at) { return SignIn(id, at, kHome, "owners-phone"); }

size_t Actions(const test::DetectionLine& line) {
  size_t count = 0;
  for (const schemas::OutRecord& record : line.outputs())
    count += record.kind == schemas::OutputKind::kAction ? 1 : 0;
  return count;
}

TEST(GuessingTest, AFloodOfWrongPasswordsTakesNothingFromTheOwner) {
  test::DetectionLine line;
  for (int day = 30; day > 0; --day) line.Run(Home("home" + std::to_string(day), kNoon - Millis(day * kDay)));
  // A guess every ten seconds for six hours; each hour the owner comes by.
  for (int i = 0; i < 2160; ++i) {
    const Timestamp at = kNoon + Millis(i * kMinute / 6);
    const std::string n = std::to_string(i);
    line.Run(Guess("guess" + n, at, kElsewhere.at(static_cast<size_t>(i) % kElsewhere.size()),
                   "stranger-" + std::to_string(i % 40)));
    if (i % 360 == 359) line.Run(Home("owner" + n, at + Millis(1000)));
  }
  EXPECT_EQ(Actions(line), 0U);
  size_t found = 0;
  for (const schemas::OutRecord& record : line.outputs()) {
    if (record.kind != schemas::OutputKind::kFinding) continue;
    found += record.value.find(R"("detector":"password_guessing")") == std::string::npos ? 0 : 1;
    EXPECT_EQ(record.value.find(R"("severity":"high")"), std::string::npos) << record.value;
    EXPECT_EQ(record.value.find(R"("severity":"critical")"), std::string::npos) << record.value;
  }
  EXPECT_GT(found, 0U) << "it is seen";
}

// The same with one that was right asks for something.
TEST(GuessingTest, AGuessThatIsRightIsAnotherMatter) {
  test::DetectionLine line;
  for (int day = 30; day > 0; --day) line.Run(Home("home" + std::to_string(day), kNoon - Millis(day * kDay)));
  for (int i = 0; i < 20; ++i)
    line.Run(Guess("guess" + std::to_string(i), kNoon + Millis(i * 10'000), kElsewhere.front(), "stranger"));
  line.Run(SignIn("in", kNoon + Millis(5 * kMinute), kElsewhere.front(), "stranger"));
  EXPECT_GT(Actions(line), 0U);
}

}  // namespace
}  // namespace tocsin

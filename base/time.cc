#include "base/time.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/past_time.h"

namespace tocsin {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

constexpr int64_t kMillisPerDay = 86'400'000;

static_assert(std::endian::native == std::endian::little, "the first character is the lowest byte");

uint64_t Load(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

unsigned Byte(uint64_t word, int i) { return word >> (8 * i) & 0xff; }

// Eight characters: a digit where the text has '0', and the same character elsewhere.
struct Form {
  uint64_t zero = 0;
  uint64_t reach =
      0;  // Added, it lifts every byte that is too large above 15: a digit above 9, a mark above 0.

  consteval Form(const char (&text)[9]) {  // NOLINT(google-explicit-constructor)
    for (int i = 0; i < 8; ++i) {
      zero |= uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
      reach |= uint64_t{text[i] == '0' ? 0x06U : 0x0FU} << (8 * i);
    }
  }
};

// Byte i of the answer is the number that the digits i and i + 1 form (a mark counts as 0). Sets `bad` when
// `word` is not of the form.
uint64_t Pairs(uint64_t word, Form form, bool& bad) {
  constexpr uint64_t kLow7 = 0x7f7f'7f7f'7f7f'7f7f;  // So that no sum carries into the next byte.
  constexpr uint64_t kHigh4 = 0xf0f0'f0f0'f0f0'f0f0;
  const uint64_t digits = word ^ form.zero;
  bad |= ((digits | ((digits & kLow7) + form.reach)) & kHigh4) != 0;
  return digits * 10 + (digits >> 8);
}

// Two decimal digits; anything else sets `bad` instead of branching, so that a good text runs straight
// through.
unsigned TwoDigits(const char* at, bool& bad) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  bad |= (tens > 9) | (ones > 9);
  return tens * 10 + ones;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void PutTwo(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

constexpr unsigned DaysInMonth(unsigned y, unsigned m) {
  constexpr unsigned char kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
  return m == 2 && leap ? 29 : kDays[m - 1];
}

int64_t DaysFromCivil(unsigned y, unsigned m, unsigned d) {
  return sys_days{year{static_cast<int>(y)} / month{m} / day{d}}.time_since_epoch().count();
}

std::optional<Timestamp> ParseSince(std::string_view text, Timestamp earliest) {
  constexpr size_t kSizeMin = sizeof("2026-03-01T04:05:06Z") - 1;
  if (text.size() < kSizeMin) return std::nullopt;
  const char* at = text.data();
  const char* const end = at + text.size();

  bool bad = false;
  // "2026-03-", "01T04:05", "04:05:06". Bit 5 makes "T" and "t" one.
  const uint64_t date = Pairs(Load(at), "0000-00-", bad);
  const uint64_t middle = Pairs(Load(at + 8) | uint64_t{0x20} << 16, "00t00:00", bad);
  const uint64_t time = Pairs(Load(at + 11), "00:00:00", bad);
  const unsigned y = Byte(date, 0) * 100 + Byte(date, 2);
  const unsigned mon = Byte(date, 5);
  const unsigned d = Byte(middle, 0);
  const unsigned hour = Byte(time, 0);
  const unsigned minute = Byte(time, 3);
  const unsigned second = Byte(time, 6);
  if (bad || mon < 1 || mon > 12 || d < 1 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (d > DaysInMonth(y, mon)) return std::nullopt;
  at += 19;

  unsigned millis = 0;
  if (*at == '.') {
    const char* const first = ++at;
    unsigned weight = 100;
    for (; at != end && IsDigit(*at); ++at) {
      millis += static_cast<unsigned>(*at - '0') * weight;
      weight /= 10;  // 0 after three digits: what follows is cut.
    }
    if (at == first || at == end) return std::nullopt;
  }

  int offset_minutes = 0;
  if ((*at | 0x20) == 'z') {
    if (at + 1 != end) return std::nullopt;
  } else if (*at == '+' || *at == '-') {
    if (end - at != 6 || at[3] != ':') return std::nullopt;
    const unsigned offset_hours = TwoDigits(at + 1, bad);
    const unsigned rest = TwoDigits(at + 4, bad);
    if (bad || offset_hours > 23 || rest > 59) return std::nullopt;
    offset_minutes = static_cast<int>(offset_hours * 60 + rest);
    if (*at == '-') offset_minutes = -offset_minutes;
  } else {
    return std::nullopt;
  }

  const int utc_minutes = static_cast<int>(hour * 60 + minute) - offset_minutes;
  int64_t in_minute = int64_t{second} * 1000 + millis;
  if (second == 60) {
    // Leap seconds are announced for the end of a UTC day and for nothing else.
    if ((utc_minutes + 2 * 1440) % 1440 != 1439) return std::nullopt;
    in_minute = 59'999;
  }
  const int64_t since_epoch =
      DaysFromCivil(y, mon, d) * kMillisPerDay + int64_t{utc_minutes} * 60'000 + in_minute;
  const Timestamp result = FromMillis(since_epoch);
  if (result < earliest || result > kTimestampMax) return std::nullopt;
  return result;
}

}  // namespace

std::optional<Timestamp> ParseRfc3339(std::string_view text) { return ParseSince(text, kTimestampMin); }

std::optional<Timestamp> ParsePastTime(std::string_view text) {
  constexpr Timestamp kEarliest = FromMillis(-5'364'662'400'000);  // 1800-01-01T00:00:00Z
  const std::optional<Timestamp> at = ParseSince(text, kEarliest);
  return at ? std::optional(std::max(*at, kTimestampMin)) : at;
}

void AppendRfc3339(std::string& out, Timestamp at) {
  constexpr int64_t kYearZero = -62'167'219'200'000;  // 0000-01-01T00:00:00Z
  const int64_t since_epoch = std::clamp(ToMillis(at), kYearZero, ToMillis(kTimestampMax));
  int64_t days = since_epoch / kMillisPerDay;
  int64_t rest = since_epoch % kMillisPerDay;
  if (rest < 0) {
    rest += kMillisPerDay;
    --days;
  }
  const std::chrono::year_month_day date{sys_days{std::chrono::days{days}}};
  const auto y = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto of_day = static_cast<unsigned>(rest);

  char text[] = "0000-00-00T00:00:00.000Z";
  PutTwo(text, y / 100);
  PutTwo(text + 2, y % 100);
  PutTwo(text + 5, static_cast<unsigned>(date.month()));
  PutTwo(text + 8, static_cast<unsigned>(date.day()));
  PutTwo(text + 11, of_day / 3'600'000);
  PutTwo(text + 14, of_day / 60'000 % 60);
  PutTwo(text + 17, of_day / 1000 % 60);
  text[20] = static_cast<char>('0' + of_day % 1000 / 100);
  PutTwo(text + 21, of_day % 100);
  out.append(text, sizeof text - 1);
}

std::string FormatRfc3339(Timestamp at) {
  std::string out;
  AppendRfc3339(out, at);
  return out;
}

double Decay(Millis age, Millis half_life) {
  CHECK(half_life.count() > 0);
  if (age.count() <= 0) return 1.0;
  return std::exp2(-static_cast<double>(age.count()) / static_cast<double>(half_life.count()));
}

}  // namespace tocsin

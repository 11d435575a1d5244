#include "detectors/limits/limit.h"

#include <array>
#include <limits>

#include "base/hash.h"

namespace tocsin::detectors {
namespace {

__extension__ using Wide = __int128;
constexpr Wide kWideMax = (Wide{1} << 126) - 1 + (Wide{1} << 126);
constexpr int kScaleMax = 18;

constexpr Wide PowerOfTen(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool Usable(const ExchangeRate& rate) {
  return rate.mantissa > 0 && rate.scale >= 0 && rate.scale <= kScaleMax;
}

const ExchangeRate* FindRate(Currency from, Currency to, const LimitTable& table) {
  for (const ExchangeRate& rate : table.rates) {
    const bool direct = rate.base == from && rate.quote == to;
    const bool inverse = rate.base == to && rate.quote == from;
    if ((direct || inverse) && Usable(rate)) return &rate;
  }
  return nullptr;
}

// minor · 10^exponent · multiply / divide, rounded half up; kWideMax when it is beyond all range. REQUIRES:
// minor >= 0.
Wide Scale(int64_t minor, Wide multiply, Wide divide, int exponent) {
  Wide numerator = Wide{minor} * multiply;  // Below 2^127: both fit int64.
  if (exponent >= 0) {
    if (__builtin_mul_overflow(numerator, PowerOfTen(exponent), &numerator)) return kWideMax;
  } else {
    divide *= PowerOfTen(-exponent);  // REQUIRES below: then `divide` was 1.
  }
  constexpr int64_t kNarrowMax = std::numeric_limits<int64_t>::max();
  if (numerator <= kNarrowMax && divide <= kNarrowMax) {  // Many times as fast, and nearly always.
    const auto narrow = static_cast<int64_t>(numerator);
    const auto by = static_cast<int64_t>(divide);
    return Wide{narrow / by} + (narrow % by >= by - narrow % by ? 1 : 0);
  }
  const Wide quotient = numerator / divide;
  const Wide rest = numerator % divide;
  return quotient + (rest >= divide - rest ? 1 : 0);
}

Wide ConvertWide(int64_t minor, Currency from, Currency to, const ExchangeRate& rate) {
  const int shift = to.decimals() - from.decimals();
  if (rate.base == from) return Scale(minor, rate.mantissa, 1, shift - rate.scale);
  // By the inverse: the power of ten goes to the side where it is not negative.
  const int exponent = shift + rate.scale;
  if (exponent >= 0) return Scale(minor, 1, rate.mantissa, exponent);
  return Scale(minor, 1, Wide{rate.mantissa} * PowerOfTen(-exponent), 0);
}

}  // namespace

std::optional<Money> Convert(const Money& money, Currency to, const LimitTable& table) {
  if (money.currency == to) return money;
  const ExchangeRate* rate = FindRate(money.currency, to, table);
  if (rate == nullptr || money.minor == std::numeric_limits<int64_t>::min()) return std::nullopt;
  const bool negative = money.minor < 0;
  const Wide size = ConvertWide(negative ? -money.minor : money.minor, money.currency, to, *rate);
  if (size > kMoneyMinorMax) return std::nullopt;
  const auto minor = static_cast<int64_t>(size);
  return Money{.minor = negative ? -minor : minor, .currency = to};
}

bool CanConvert(Currency from, Currency to, const LimitTable& table) {
  return from == to || FindRate(from, to, table) != nullptr;
}

std::optional<int64_t> ConvertForSum(const Money& money, Currency to, const LimitTable& table,
                                     const ExchangeRate** rate) {
  if (rate != nullptr) *rate = nullptr;
  if (money.currency == to) return money.minor;
  const ExchangeRate* found = FindRate(money.currency, to, table);
  if (found == nullptr) return std::nullopt;
  if (rate != nullptr) *rate = found;
  const Wide size = ConvertWide(money.minor, money.currency, to, *found);
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return size > kMax ? kMax : static_cast<int64_t>(size);
}

uint64_t LimitKey(const Limit& limit) {
  uint64_t kinds = 0;
  for (const schemas::TransactionKind kind : limit.kinds) kinds |= uint64_t{1} << static_cast<unsigned>(kind);
  const bool rolling = limit.window == Limit::Window::kRolling;
  const bool calendar = limit.window == Limit::Window::kCalendar;
  const uint64_t cross_border = limit.cross_border ? 1 + (*limit.cross_border ? 1U : 0U) : 0U;
  const std::array<uint64_t, 2> meaning = {
      static_cast<uint64_t>(limit.window) |
          static_cast<uint64_t>(calendar ? limit.unit : CalendarUnit::kDay) << 8 |
          static_cast<uint64_t>(limit.direction.value_or(schemas::Direction::kNone)) << 16 |
          cross_border << 24 | static_cast<uint64_t>(limit.max ? limit.max->currency.packed() : 0) << 32 |
          kinds << 48,
      rolling ? static_cast<uint64_t>(limit.rolling.count()) : 0};
  uint64_t seed = 0x6c696d6974;  // "limit"
  for (const uint64_t word : meaning) seed = (seed ^ word) * 0x9e3779b97f4a7c15 + (seed >> 29);
  if (limit.min) {
    seed = (seed ^ limit.min->currency.packed()) * 0x9e3779b97f4a7c15 + (seed >> 29);
    seed = (seed ^ static_cast<uint64_t>(limit.min->minor)) * 0x9e3779b97f4a7c15 + (seed >> 29);
  }
  return Hash64(limit.name, seed);
}

}  // namespace tocsin::detectors

#include "base/money.h"

#include <algorithm>
#include <limits>

namespace tocsin {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Error Invalid(const char* detail) { return {.code = ErrorCode::kInvalid, .field = {}, .detail = detail}; }

// A JSON number taken apart: value = integer.fraction * 10^exponent.
struct Literal {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int64_t exponent = 0;
};

std::string_view TakeDigits(std::string_view& rest) {
  size_t count = 0;
  while (count < rest.size() && IsDigit(rest[count])) ++count;
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

// The grammar of RFC 8259 §6.
std::optional<Literal> Split(std::string_view rest) {
  Literal literal;
  const auto take = [&rest](char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  };
  literal.negative = take('-');
  literal.integer = TakeDigits(rest);
  if (literal.integer.empty() || (literal.integer.size() > 1 && literal.integer.front() == '0'))
    return std::nullopt;
  if (take('.')) {
    literal.fraction = TakeDigits(rest);
    if (literal.fraction.empty()) return std::nullopt;
  }
  if (take('e') || take('E')) {
    const bool negative = take('-');
    if (!negative) take('+');
    const std::string_view digits = TakeDigits(rest);
    if (digits.empty()) return std::nullopt;
    // Beyond this no text that fits in memory can bring the point back, so the exact exponent no longer
    // matters.
    constexpr int64_t kExponentMax = 1'000'000'000'000;
    for (const char digit : digits)
      literal.exponent = std::min(literal.exponent * 10 + (digit - '0'), kExponentMax);
    if (negative) literal.exponent = -literal.exponent;
  }
  if (!rest.empty()) return std::nullopt;
  return literal;
}

}  // namespace

Result<int64_t> ParseMinor(std::string_view literal, Currency currency) {
  if (currency.none()) return Invalid("no currency");
  const std::optional<Literal> split = Split(literal);
  if (!split) return Invalid("not a decimal number");

  // The first `whole` of all digits are the amount in minor units; what follows must be zeros.
  const int64_t whole = static_cast<int64_t>(split->integer.size()) + split->exponent + currency.decimals();
  int64_t minor = 0;
  int64_t position = 0;
  for (const std::string_view digits : {split->integer, split->fraction}) {
    for (const char digit : digits) {
      if (position++ < whole) {
        minor = minor * 10 + (digit - '0');
        if (minor > kMoneyMinorMax) return Invalid("amount is too large");
      } else if (digit != '0') {
        return Invalid("more decimals than the currency has");
      }
    }
  }
  // Zeros that the exponent adds: at most sixteen, as each makes the amount ten times larger.
  for (; minor != 0 && position < whole; ++position) {
    minor *= 10;
    if (minor > kMoneyMinorMax) return Invalid("amount is too large");
  }
  return split->negative ? -minor : minor;
}

Result<Money> ParseMoney(std::string_view text) {
  constexpr const char* kForm = "not an amount of money (write it as \"CNY 5000.00\")";
  if (text.size() < 5 || text[3] != ' ') return Invalid(kForm);
  const std::optional<Currency> currency = Currency::Find(text.substr(0, 3));
  if (!currency) return Invalid("not a currency of ISO 4217");
  Result<int64_t> minor = ParseMinor(text.substr(4), *currency);
  if (!minor) return minor.error();
  return Money{.minor = *minor, .currency = *currency};
}

std::string FormatAmount(const Money& money) {
  const auto decimals = static_cast<size_t>(money.currency.decimals());
  uint64_t rest =
      money.minor < 0 ? uint64_t{0} - static_cast<uint64_t>(money.minor) : static_cast<uint64_t>(money.minor);
  char text[24];  // 20 digits, sign and point at most.
  char* at = text + sizeof text;
  for (size_t written = 0; rest != 0 || written <= decimals; ++written) {
    if (written == decimals && decimals != 0) *--at = '.';
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (money.minor < 0) *--at = '-';
  return {at, static_cast<size_t>(text + sizeof text - at)};
}

std::string FormatMoney(const Money& money) {
  if (money.currency.none()) return FormatAmount(money);
  return std::string(money.currency.code()) + ' ' + FormatAmount(money);
}

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

}  // namespace tocsin

// Amounts as integer minor units of an ISO 4217 currency. No floating point touches an amount.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin {

// An ISO 4217 currency in two bytes. Default: none.
class Currency {
 public:
  constexpr Currency() = default;
  // nullopt unless `code` is three upper-case letters and a current ISO 4217 code (no funds codes, metals or
  // test codes).
  [[nodiscard]] static std::optional<Currency> Find(std::string_view code);

  [[nodiscard]] constexpr bool none() const { return index_ == 0; }
  [[nodiscard]] std::string_view code() const;  // "CNY"; "" when none.
  [[nodiscard]] int decimals() const;           // Digits after the point: CNY 2, JPY 0, KWD 3.
  // Stable numeric form for stored bytes: the letters packed in base 32. 0 is none.
  [[nodiscard]] uint16_t packed() const;
  // nullopt when nothing packs to it.
  [[nodiscard]] static std::optional<Currency> FromPacked(uint16_t packed);

  friend constexpr bool operator==(Currency, Currency) = default;
  friend constexpr auto operator<=>(Currency, Currency) = default;

 private:
  uint16_t index_ = 0;  // Position in the table, from 1; 0 is none.
};

struct Money {
  int64_t minor = 0;  // Minor units: 12.34 CNY is 1234.
  Currency currency;

  friend bool operator==(const Money&, const Money&) = default;
};

// Largest amount that is accepted, in minor units either way (about 9.0e15: sums of a thousand never
// overflow).
inline constexpr int64_t kMoneyMinorMax = 9'007'199'254'740'991;

// Reads an amount from its literal text ("12.30", "5", "-0.01", "1.5e3"), never through floating point.
// kInvalid when the text is not a JSON number, has more (non-zero) decimals than the currency, or is beyond
// kMoneyMinorMax, and when the currency is none; `detail` never repeats the text. Time grows with the length
// of the text only, not with its exponent.
[[nodiscard]] Result<int64_t> ParseMinor(std::string_view literal, Currency currency);

// "CNY 5000.00" as in the configuration and limits: code, space, amount.
[[nodiscard]] Result<Money> ParseMoney(std::string_view text);

// "5000.00" / "CNY 5000.00": plain, for records and evidence; people see the locale's form (alerts/).
[[nodiscard]] std::string FormatAmount(const Money& money);
[[nodiscard]] std::string FormatMoney(const Money& money);

// a + b with saturation at the int64 ends.
[[nodiscard]] int64_t SaturatingAdd(int64_t a, int64_t b);

}  // namespace tocsin

// The currencies of ISO 4217, table A.1 (amendment 177), without funds codes, precious metals and test codes.
// CLF and UYW are units of account with prices in daily use. BGN gave way to EUR on 2026-01-01 and stays: old
// events are replayed.
#include <array>

#include "base/money.h"

namespace tocsin {
namespace {

struct Row {
  char code[4];
  unsigned char decimals;
};

// In code order, so that currencies compare as their codes do.
constexpr Row kRows[] = {
    // clang-format off
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2},
    {"BND", 2}, {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2},
    {"CAD", 2}, {"CDF", 2}, {"CHF", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2},
    {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2},
    {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2},
    {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2},
    {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0},
    {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2},
    {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2},
    {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2},
    {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2},
    {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
    {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2},
    {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2},
    {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2},
    {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2},
    {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
    // clang-format on
};

constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// A is 1 and Z is 26, so that no code packs to 0.
constexpr uint16_t Pack(const char* code) {
  return static_cast<uint16_t>((code[0] - 'A' + 1) << 10 | (code[1] - 'A' + 1) << 5 | (code[2] - 'A' + 1));
}

static_assert(std::size(kRows) < 256, "an index takes one byte");
static_assert([] {
  for (size_t i = 1; i < std::size(kRows); ++i) {
    if (Pack(kRows[i - 1].code) >= Pack(kRows[i].code)) return false;
  }
  return true;
}());

// Index (from 1) by packed code; 0 where there is no currency.
constexpr auto kIndexes = [] {
  std::array<uint8_t, size_t{1} << 15> indexes{};
  for (size_t i = 0; i < std::size(kRows); ++i) indexes[Pack(kRows[i].code)] = static_cast<uint8_t>(i + 1);
  return indexes;
}();

}  // namespace

std::optional<Currency> Currency::FromPacked(uint16_t packed) {
  Currency currency;
  if (packed == 0) return currency;
  if (packed >= kIndexes.size() || kIndexes[packed] == 0) return std::nullopt;
  currency.index_ = kIndexes[packed];
  return currency;
}

std::optional<Currency> Currency::Find(std::string_view code) {
  if (code.size() != 3 || !IsUpper(code[0]) || !IsUpper(code[1]) || !IsUpper(code[2])) return std::nullopt;
  return FromPacked(Pack(code.data()));
}

std::string_view Currency::code() const {
  return none() ? std::string_view{} : std::string_view{kRows[index_ - 1].code, 3};
}

int Currency::decimals() const { return none() ? 0 : kRows[index_ - 1].decimals; }

uint16_t Currency::packed() const { return none() ? uint16_t{0} : Pack(kRows[index_ - 1].code); }

}  // namespace tocsin

#include "alerts/reference.h"

#include <array>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time_zone.h"

namespace tocsin::alerts {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kYearDigits = 4;
constexpr int kHashDigits = 7;
constexpr size_t kDigits = kYearDigits + kHashDigits;

// Multiplication by α in GF(32).
unsigned TimesAlpha(unsigned x) {
  x <<= 1;
  return x & 0x20 ? x ^ 0x25 : x;
}

unsigned DivideByAlpha(unsigned x) { return x & 1 ? (x ^ 0x25) >> 1 : x >> 1; }

// The check digit of kDigits base-32 digits: Σ αⁱ·dᵢ + α¹²·check = 0, i from 1.
unsigned CheckDigit(std::string_view digits) {
  unsigned sum = 0;
  for (size_t i = digits.size(); i > 0; --i) {  // Horner, from the last.
    sum = TimesAlpha(sum ^ static_cast<unsigned>(kAlphabet.find(digits[i - 1])));
  }
  for (size_t i = 0; i <= kDigits; ++i) sum = DivideByAlpha(sum);
  return sum;
}

std::string Format(std::string_view digits, char check) {
  std::string reference = "T-";
  reference += digits.substr(0, 4);
  reference += '-';
  reference += digits.substr(4, 4);
  reference += '-';
  reference += digits.substr(8, 3);
  reference += check;
  return reference;
}

}  // namespace

std::string MakeReference(std::string_view case_id, Timestamp opened_at) {
  const int year = TimeZone().ToLocal(opened_at).year;
  CHECK(year >= 1970 && year <= 9999);
  const std::string digits =
      std::to_string(year) + ToCrockford32(Hash64(case_id, 0x7265666572656e63), kHashDigits);
  return Format(digits, kAlphabet[CheckDigit(digits)]);
}

std::optional<std::string> VerifyReference(std::string_view text) {
  std::string digits;
  bool prefixed = false;
  for (char c : text) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!prefixed && digits.empty() && c == 'T') {
      prefixed = true;
      continue;
    }
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos || digits.size() > kDigits) return std::nullopt;
    digits += c;
  }
  if (!prefixed || digits.size() != kDigits + 1) return std::nullopt;
  if (digits.substr(0, kYearDigits).find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const char check = digits.back();
  digits.pop_back();
  if (kAlphabet[CheckDigit(digits)] != check) return std::nullopt;
  return Format(digits, check);
}

}  // namespace tocsin::alerts

// Single tokens of JSON text.
#pragma once

#include <string_view>

namespace tocsin::schemas::codec {

// Without the white space JSON allows after it.
[[nodiscard]] constexpr std::string_view TrimRight(std::string_view token) {
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' || token.back() == '\r')) {
    token.remove_suffix(1);
  }
  return token;
}

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number grammar of RFC 8259 §6: no leading zero or plus, digits on both sides of the point, no NaN, no
// Infinity.
[[nodiscard]] constexpr bool IsJsonNumber(std::string_view token) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t first = at;
    while (at < token.size() && IsDigit(token[at])) ++at;
    return at > first;
  };
  if (at < token.size() && token[at] == '-') ++at;
  const bool leading_zero = at < token.size() && token[at] == '0';
  const size_t integer = at;
  if (!digits() || (leading_zero && at - integer > 1)) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == token.size();
}

}  // namespace tocsin::schemas::codec

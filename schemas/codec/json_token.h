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

// Each backslash of a string is the beginning of an escape of RFC 8259 §7. `raw` is what stands between the
// quotes.
[[nodiscard]] constexpr bool HasWholeEscapes(std::string_view raw) {
  const auto is_hex = [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  for (size_t at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', at)) {
    if (at + 1 >= raw.size()) return false;
    const char kind = raw[at + 1];
    at += 2;
    if (kind != 'u') {
      if (std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) return false;
      continue;
    }
    for (const size_t end = at + 4; at < end; ++at) {
      if (at >= raw.size() || !is_hex(raw[at])) return false;
    }
  }
  return true;
}

}  // namespace tocsin::schemas::codec

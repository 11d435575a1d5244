// Letters of ASCII without regard to their case, for names that protocols define so: media types, header
// names, schemes. No other letter is touched, so that UTF-8 stays UTF-8.
#pragma once

#include <algorithm>
#include <string_view>

namespace tocsin {

constexpr char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `lower` is in small letters already.
constexpr bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(),
                                                   [](char a, char b) { return a == AsciiLower(b); });
}
constexpr bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && StartsWithIgnoringCase(text, lower);
}

}  // namespace tocsin

// Text that comes from strangers, and text that helps people.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin {

// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool IsUtf8(std::string_view bytes);

// Text an attacker controls, made fit to show: control and bidirectional characters (U+202A–E, U+2066–9), zero-width
// characters and line breaks become a space, anything like a URL ("http…", "www.", "name.tld/…") loses its dots, and what
// is left is cut after `code_points_max` code points with "…". Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string CleanText(std::string_view text, size_t code_points_max = 60);

// The candidate nearest to `word` by edit distance (at most a third of its length, at least 1), or "".
[[nodiscard]] std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates);

// "6 to 4 visible": "abcdef1234" -> "ab…34". For accounts, cards and payees in notices; short ones show one character.
[[nodiscard]] std::string MaskId(std::string_view id);

// Crockford base-32 digits (no I, L, O, U), most significant first.
[[nodiscard]] std::string ToCrockford32(uint64_t value, int digits);

}  // namespace tocsin

// Text that comes from strangers, and text that helps people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool IsUtf8(std::string_view bytes);

// Text an attacker controls, made fit to show: control and bidirectional characters (U+202A–E, U+2066–9),
// zero-width characters and line breaks become a space, runs of spaces one, none at the ends; anything like a
// URL ("http…", "www.", "name.tld", "1.2.3.4/…") has its dots and "://" replaced by spaces, so that no mail
// program makes it a link; what is left is cut after `code_points_max` code points with "…". Invalid UTF-8
// becomes U+FFFD. It is still text: HTML and Markdown must be escaped by who writes them.
[[nodiscard]] std::string CleanText(std::string_view text, size_t code_points_max = 60);

// The candidate nearest to `word` by edit distance (insert, delete, replace, swap of neighbours; ASCII case
// does not count; at most a third of the word's length, at least 1), or "". The first of equals.
[[nodiscard]] std::string_view NearestName(std::string_view word,
                                           std::span<const std::string_view> candidates);

// Two code points at each end of eight or more ("abcdef1234" -> "ab…34"), else the first one ("abc" -> "a…"),
// none of a single one. For accounts, cards and payees in notices. Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string MaskId(std::string_view id);

// The lowest 5 × `digits` bits as Crockford base-32 digits (no I, L, O, U), most significant first.
[[nodiscard]] std::string ToCrockford32(uint64_t value, int digits);

}  // namespace tocsin

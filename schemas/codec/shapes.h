// Tests of short texts whose form the contract fixes. Pure, no allocation.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin::schemas::codec {

// Code points of valid UTF-8.
[[nodiscard]] size_t CountCodePoints(std::string_view text);

// The beginning of valid UTF-8, of so many code points.
[[nodiscard]] std::string_view FirstCodePoints(std::string_view text, size_t code_points);

// Empty, "null", "unknown", "n/a", "-" (in any case, white space around them ignored) or the zero UUID (with
// or without hyphens, in braces, as a URN): what programs write when they do not know. Different accounts
// would become one.
[[nodiscard]] bool IsPlaceholder(std::string_view id);

// U+0000–U+001F or U+007F. An id is printed, logged and used as a key; no honest one has such a character.
[[nodiscard]] bool HasControlCharacter(std::string_view text);

// An ISO 3166-1 alpha-2 code in upper case, officially assigned; and XK (Kosovo), which is user-assigned but
// in general use.
[[nodiscard]] bool IsCountry(std::string_view code);

// The shape of a BCP 47 language tag: subtags of 1–8 letters and digits, the first 2–8 letters, or "x" or "i"
// with another behind it; at most 35 characters. "_" is accepted between subtags, as Java and POSIX write it.
[[nodiscard]] bool IsLocale(std::string_view tag);

// What the name of a time zone may look like, this machine's tz database knowing it or not: a letter, then
// letters, digits, "/", "_", "+" and "-", at most 64 bytes.
[[nodiscard]] bool IsZoneName(std::string_view name);

// W3C Trace Context, version 00: "00-<32 hex>-<16 hex>-<2 hex>", lower case, ids not all zero.
[[nodiscard]] bool IsTraceparent(std::string_view text);

}  // namespace tocsin::schemas::codec

// How long a text is as a short message: 160 characters of GSM 03.38 are one part; a text with any other
// character is counted in UTF-16, 70 to one part and 67 to each of several.
//
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin::alerts {

inline constexpr size_t kGsmPartMax = 160;
inline constexpr size_t kUcs2PartMax = 70;
inline constexpr size_t kUcs2TwoPartsMax = size_t{2} * 67;

// In the 7 bits of GSM 03.38, where a few characters count twice; nullopt: it has others.
[[nodiscard]] std::optional<size_t> GsmLength(std::string_view text);
[[nodiscard]] size_t Ucs2Length(std::string_view text);

}  // namespace tocsin::alerts

// A UUID between its text and its sixteen bytes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin {

inline constexpr size_t kUuidSize = 36;
using UuidBytes = std::array<char, 16>;
using UuidText = std::array<char, kUuidSize>;

// Of the canonical lower-case form; nullopt for any other text. Texts are ordered as their bytes are.
[[nodiscard]] std::optional<UuidBytes> PackUuid(std::string_view text);
[[nodiscard]] UuidText UnpackUuid(const UuidBytes& bytes);

}  // namespace tocsin

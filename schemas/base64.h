// Base64 (RFC 4648 §4, padded): bytes that need not be text, inside JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::schemas {

[[nodiscard]] std::string ToBase64(std::string_view bytes);

// nullopt for anything but the canonical form: wrong alphabet, missing padding, stray bits.
[[nodiscard]] std::optional<std::string> FromBase64(std::string_view text);

}  // namespace tocsin::schemas

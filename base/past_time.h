// Times of what may have begun long ago: the opening of an account.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace tocsin {

// As ParseRfc3339 from 1800 on; before 1970 is the beginning of 1970, which is older than anything that asks.
[[nodiscard]] std::optional<Timestamp> ParsePastTime(std::string_view text);

}  // namespace tocsin

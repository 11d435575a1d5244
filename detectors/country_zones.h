// The clocks of each country.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace tocsin::detectors {

// An ISO 3166-1 alpha-2 code that is in use and has a clock.
[[nodiscard]] bool IsCountry(std::string_view code);

// How far a clock that is `offset` from UTC is off the nearest of the country's clocks at that instant: at
// most twelve hours. nullopt for a country that is not known, and without a tz database.
[[nodiscard]] std::optional<std::chrono::minutes> OffClocksOf(std::string_view country,
                                                              std::chrono::minutes offset, Timestamp at);

// One of the names of the country's zones (not every one: of zones with equal clocks one is kept).
[[nodiscard]] bool IsZoneOf(std::string_view country, std::string_view zone);

// The name of the country's only zone; "" when it has several, or is not known.
[[nodiscard]] std::string_view OnlyZoneOf(std::string_view country);

}  // namespace tocsin::detectors

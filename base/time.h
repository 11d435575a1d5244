// Event time: milliseconds since 1970, UTC. The wall clock is not here; who needs it gets it passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

using Millis = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Millis>;
using Hours = std::chrono::duration<double, std::ratio<3600>>;
using Days = std::chrono::duration<double, std::ratio<86400>>;

// Accepted range of every time in Tocsin: 1970-01-01 to 9999-12-31, inclusive.
inline constexpr Timestamp kTimestampMin{Millis{0}};
inline constexpr Timestamp kTimestampMax{Millis{253402300799999}};

[[nodiscard]] constexpr Timestamp FromMillis(int64_t millis) { return Timestamp{Millis{millis}}; }
[[nodiscard]] constexpr int64_t ToMillis(Timestamp at) { return at.time_since_epoch().count(); }
[[nodiscard]] constexpr Millis AbsDifference(Timestamp a, Timestamp b) { return a < b ? b - a : a - b; }

// RFC 3339 with an offset ("Z" or "+08:00", "t" and "z" too); fractions beyond milliseconds are cut. A leap
// second (":60", only at 23:59 UTC) is the last millisecond of its minute. nullopt for anything else, and
// outside the accepted range. Takes 10 to 20 ns; never allocates.
[[nodiscard]] std::optional<Timestamp> ParseRfc3339(std::string_view text);

// "2026-03-01T04:05:06.789Z"; always UTC, always three digits of fraction. REQUIRES: years 0000 to 9999;
// beyond them the nearest instant inside is written.
[[nodiscard]] std::string FormatRfc3339(Timestamp at);
void AppendRfc3339(std::string& out, Timestamp at);

// exp2(-age / half_life): what is left of a count after `age`. 1 for age <= 0. REQUIRES: half_life > 0.
[[nodiscard]] double Decay(Millis age, Millis half_life);

}  // namespace tocsin

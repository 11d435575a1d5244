// One row of configuration, next to the struct it fills: the parser, the reference, the JSON Schema and the
// chart's schema are all made from these rows.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/money.h"

namespace tocsin {

enum class Reload { kLive, kRestart };

// `Config` is the struct that holds the value; its default member initialiser is the default of the key.
template <class Config>
struct Setting {
  std::string_view key;  // "speed_kmh_max"
  // Durations are read as "5s", "10m", "24h", "30d"; amounts as "SGD 1000.00", not negative.
  std::variant<double Config::*, int Config::*, bool Config::*, std::chrono::seconds Config::*,
               std::string Config::*, Money Config::*>
      member;
  double min = 0;  // In the member's own unit (seconds for durations); not used for bool, string and amounts.
  double max = 0;
  std::string_view unit;  // "km/h"; "" when the key or the type says it.
  std::string_view doc;   // One sentence, ends with a full stop.
  Reload reload = Reload::kLive;
};

}  // namespace tocsin

// Cities, and the networks people in them use: where generated traffic comes from.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/geo.h"

namespace tocsin::daemon::generate {

enum class NetworkKind : uint8_t { kResidential, kMobile, kBusiness, kHosting, kAnonymiser };

struct City {
  std::string_view name;
  std::string_view country;   // ISO 3166-1 alpha-2.
  std::string_view zone;      // IANA.
  std::string_view language;  // BCP 47.
  std::string_view currency;  // ISO 4217.
  int share;                  // Homes there, as a weight; 0: nobody of the population lives there.
  GeoPoint point;
};

struct Prefix {
  uint32_t first;  // IPv4, host byte order.
  uint8_t length;  // 16–24.
};

struct Network {
  uint8_t city;  // Index in Cities().
  NetworkKind kind;
  uint32_t asn;
  std::array<Prefix, 3> prefixes;  // A network with fewer repeats its last one.
};

// Constant tables.
[[nodiscard]] std::span<const City> Cities();
[[nodiscard]] std::span<const Network> Networks();

}  // namespace tocsin::daemon::generate

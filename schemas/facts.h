// What enrichment found out about an event: its place, its network and its device. Missing data is a fact
// too: each part says why it is missing, so that a detector can answer "not evaluable" instead of a silent
// "clean".
#pragma once

#include <cstdint>
#include <string>

#include "base/geo.h"
#include "base/ip_address.h"

namespace tocsin::schemas {

enum class Missing : uint8_t {
  kNo,          // It is there.
  kNoAddress,   // The event has no IP address (or no user agent and no device, for the device).
  kPrivate,     // A private or reserved address: it has no place.
  kNoDatabase,  // No database is configured for it.
  kNotFound,    // The database does not know the address.
};

enum class Precision : uint8_t { kCity, kRegion, kCountry };

struct Place {
  Missing missing = Missing::kNoAddress;
  Precision precision = Precision::kCountry;
  std::string country;  // ISO 3166-1 alpha-2, upper case.
  std::string region;   // First subdivision, English name or ISO code, as the database has it; may be empty.
  std::string city;     // English name; may be empty.
  GeoPoint point;
  double radius_km = 0;  // Accuracy; from the database, else by precision: city 25, region 100, country 500.

  [[nodiscard]] bool known() const { return missing == Missing::kNo; }
  // "country only" is never used for speed.
  [[nodiscard]] bool usable_for_speed() const { return known() && precision != Precision::kCountry; }
};

// Ordered by how unusual a login from there is; values are stored, so they never change.
enum class NetworkClass : uint8_t {
  kUnknown = 0,
  kMobile = 1,
  kResidential = 2,
  kBusiness = 3,
  kHosting = 4,
  kAnonymiser = 5,
  kSatellite = 6,
  kPrivate = 7,
};

enum class Anonymiser : uint8_t { kNone = 0, kVpn = 1, kProxy = 2, kTor = 3, kRelay = 4 };

struct Network {
  Missing missing = Missing::kNoAddress;  // Of the autonomous system.
  Missing anonymity_missing =
      Missing::kNoAddress;  // Of the anonymity verdict: kNoDatabase when nothing could tell.
  bool has_address = false;
  IpAddress address;  // REQUIRES: has_address.
  uint32_t asn = 0;   // 0: unknown.
  std::string organization;
  NetworkClass network_class = NetworkClass::kUnknown;
  Anonymiser anonymiser = Anonymiser::kNone;
  std::string evidence;  // Where the class comes from: "asn:hosting list", "anonymous-ip:is_tor_exit_node".

  [[nodiscard]] bool anonymous() const {
    return anonymiser != Anonymiser::kNone || network_class == NetworkClass::kHosting ||
           network_class == NetworkClass::kAnonymiser;
  }
};

struct Device {
  Missing missing = Missing::kNoAddress;
  std::string id;        // The platform's device id; may be empty.
  std::string platform;  // "ios", "android", "windows", "macos", "linux", "web", "other"; may be empty.
  std::string model;
  std::string os_family;       // "iOS", "Android", "Windows", from the user agent or the platform.
  std::string browser_family;  // "Chrome Mobile", "Safari"; or the app's name.
  int os_major = 0;            // 0: unknown.
  int browser_major = 0;       // Of the browser, or of the app.
  bool emulator = false;
  bool rooted = false;

  [[nodiscard]] bool known() const { return missing == Missing::kNo; }
};

struct Facts {
  Place place;
  Network network;
  Device device;
};

}  // namespace tocsin::schemas

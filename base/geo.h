// Points on earth and the distance between them.
#pragma once

namespace tocsin {

// Degrees; latitude −90…90, longitude −180…180.
struct GeoPoint {
  double latitude = 0;
  double longitude = 0;
  friend bool operator==(const GeoPoint&, const GeoPoint&) = default;
};

// Great-circle distance in km on the mean sphere (6371.0088 km, IUGG), by the haversine formula: within 0.6 %
// of the geodesic on WGS 84 (the flattening), exact to rounding across the ±180° meridian and at the poles.
[[nodiscard]] double DistanceKm(const GeoPoint& a, const GeoPoint& b);

}  // namespace tocsin

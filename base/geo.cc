#include "base/geo.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tocsin {
namespace {

constexpr double kEarthRadiusKm = 6371.0088;
constexpr double kRadiansPerDegree = std::numbers::pi / 180;

double Squared(double value) { return value * value; }

}  // namespace

double DistanceKm(const GeoPoint& a, const GeoPoint& b) {
  const double latitude_a = a.latitude * kRadiansPerDegree;
  const double latitude_b = b.latitude * kRadiansPerDegree;
  const double half_latitude = (latitude_b - latitude_a) / 2;
  const double half_longitude = (b.longitude - a.longitude) * kRadiansPerDegree / 2;
  const double haversine = Squared(std::sin(half_latitude)) +
                           std::cos(latitude_a) * std::cos(latitude_b) * Squared(std::sin(half_longitude));
  // Rounding may lift the sum above 1 at the antipode.
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(haversine, 1.0)));
}

}  // namespace tocsin

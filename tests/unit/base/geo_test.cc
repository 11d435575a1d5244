#include "base/geo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace tocsin {
namespace {

constexpr double kHalfWayRoundKm = std::numbers::pi * 6371.0088;

struct Leg {
  const char* name;
  GeoPoint from;
  GeoPoint to;
  double km;
  double tolerance_km;
};

class DistanceTest : public testing::TestWithParam<Leg> {};

TEST_P(DistanceTest, IsTheSameBothWays) {
  EXPECT_NEAR(DistanceKm(GetParam().from, GetParam().to), GetParam().km, GetParam().tolerance_km);
  EXPECT_DOUBLE_EQ(DistanceKm(GetParam().from, GetParam().to), DistanceKm(GetParam().to, GetParam().from));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DistanceTest,
    testing::Values(Leg{"SamePoint", {52.52, 13.405}, {52.52, 13.405}, 0, 0},
                    // Geodesics on WGS 84: 8941 km and 26.5 km.
                    Leg{"BerlinTokyo", {52.52, 13.405}, {35.6895, 139.6917}, 8941, 8941 * 0.006},
                    Leg{"BerlinPotsdam", {52.52, 13.405}, {52.3906, 13.0645}, 27.2, 0.2},
                    Leg{"OneMetre", {0, 0}, {0.000009, 0}, 0.0010008, 1e-6},
                    Leg{"AcrossTheDateLine", {0, 179.5}, {0, -179.5}, kHalfWayRoundKm / 180, 1e-6},
                    Leg{"SameMeridianTwoNames", {10, 180}, {10, -180}, 0, 1e-9},
                    Leg{"SamePoleTwoLongitudes", {90, 0}, {90, 123}, 0, 1e-9},
                    Leg{"PoleToPole", {90, 0}, {-90, 77}, kHalfWayRoundKm, 1e-6},
                    Leg{"Antipodes", {31.23, 121.47}, {-31.23, -58.53}, kHalfWayRoundKm, 1e-3},
                    Leg{"QuarterOfTheEquator", {0, 0}, {0, 90}, kHalfWayRoundKm / 2, 1e-6}),
    [](const auto& tested) { return tested.param.name; });

TEST(DistanceTest, IsAMetricOnRandomPoints) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> latitude(-90, 90);
  std::uniform_real_distribution<double> longitude(-180, 180);
  for (int i = 0; i < 10'000; ++i) {
    const GeoPoint a{latitude(random), longitude(random)};
    const GeoPoint b{latitude(random), longitude(random)};
    const GeoPoint c{latitude(random), longitude(random)};
    const double ab = DistanceKm(a, b);
    ASSERT_GE(ab, 0);
    ASSERT_LE(ab, kHalfWayRoundKm * (1 + 1e-12));
    ASSERT_LE(ab, DistanceKm(a, c) + DistanceKm(c, b) + 1e-6);
    ASSERT_NEAR(DistanceKm({-a.latitude, -a.longitude}, {-b.latitude, -b.longitude}), ab, 1e-6);
  }
}

}  // namespace
}  // namespace tocsin

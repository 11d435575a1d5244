// The words of base/ that every event passes through. Their budget together is a tenth of the 4 µs an event
// has.
#include <benchmark/benchmark.h>

#include <string>

#include "base/geo.h"
#include "base/hash.h"
#include "base/ip_address.h"
#include "base/time.h"

namespace tocsin {
namespace {

void ParseTime(benchmark::State& state) {
  const std::string text = "2026-03-01T12:05:06.789+08:00";
  for (auto _ : state) benchmark::DoNotOptimize(ParseRfc3339(text));
}
BENCHMARK(ParseTime);

void WriteTime(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendRfc3339(out, FromMillis(1772338206789));
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(WriteTime);

void ParseIpv4(benchmark::State& state) {
  const std::string text = "203.0.113.254";
  for (auto _ : state) benchmark::DoNotOptimize(IpAddress::Parse(text));
}
BENCHMARK(ParseIpv4);

void ParseIpv6(benchmark::State& state) {
  const std::string text = "2001:db8:85a3::8a2e:370:7334";
  for (auto _ : state) benchmark::DoNotOptimize(IpAddress::Parse(text));
}
BENCHMARK(ParseIpv6);

void HashOfAKey(benchmark::State& state) {
  const std::string text = "account-0123456789";
  for (auto _ : state) benchmark::DoNotOptimize(Hash64(text));
}
BENCHMARK(HashOfAKey);

void DistanceOfTwoPlaces(benchmark::State& state) {
  GeoPoint berlin{52.52, 13.405};
  const GeoPoint tokyo{35.68, 139.69};
  for (auto _ : state) {
    benchmark::DoNotOptimize(berlin);  // Or the compiler computes it once, before the loop.
    benchmark::DoNotOptimize(DistanceKm(berlin, tokyo));
  }
}
BENCHMARK(DistanceOfTwoPlaces);

}  // namespace
}  // namespace tocsin

// Repeatable chance: the same seed gives the same numbers on every machine, whatever its standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace tocsin::daemon::generate {

// SplitMix64 (Steele, Lea and Flood, 2014): one addition and three multiplications a number, any seed is
// good.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // A stream of its own for each (seed, a, b): the order in which accounts are asked does not matter.
  Random(uint64_t seed, uint64_t a, uint64_t b) : state_(seed) {
    state_ = Next() ^ (a * 0x9E3779B97F4A7C15U);
    state_ = Next() ^ (b * 0xC2B2AE3D27D4EB4FU);
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  // 0 … n − 1, even to within n / 2^64. REQUIRES: n > 0.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // low … high, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low + 1)));
  }
  double Unit() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }
  double Between(double low, double high) { return low + (high - low) * Unit(); }
  bool Chance(double p) { return Unit() < p; }
  // Standard normal (Box and Muller, 1958).
  double Normal() { return std::sqrt(-2 * std::log(1 - Unit())) * std::cos(2 * std::numbers::pi * Unit()); }
  // How many times something happens whose mean is `mean` (Knuth); small means only.
  int Poisson(double mean) {
    const double limit = std::exp(-mean);
    int count = 0;
    for (double product = Unit(); product > limit; product *= Unit()) ++count;
    return count;
  }
  template <class T, size_t N>
  const T& Pick(const T (&all)[N]) {
    return all[Below(N)];
  }

 private:
  uint64_t state_;
};

}  // namespace tocsin::daemon::generate

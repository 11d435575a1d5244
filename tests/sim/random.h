// Chance from a seed: the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::sim {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 0xD1B54A32D192ED03U) {}
  uint64_t Next() {  // splitmix64
    uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  // 0 … below - 1.
  uint64_t Below(uint64_t below) { return below == 0 ? 0 : Next() % below; }
  int64_t Between(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(Below(static_cast<uint64_t>(last - first + 1)));
  }
  bool Chance(double p) { return static_cast<double>(Next() >> 11U) * 0x1.0p-53 < p; }

 private:
  uint64_t state_;
};

}  // namespace tocsin::sim

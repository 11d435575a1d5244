// Counters and histograms with one writer: anyone may read them meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tocsin::daemon {

// A counter with one writer: cheaper than a locked add.
class Count {
 public:
  void Add(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void Set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Upper bounds of buckets, in seconds: of what waits for disks, brokers and people, and of what does not.
inline constexpr std::array<double, 22> kWaitBounds = {50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3,
                                                       20e-3, 50e-3,  0.1,    0.25,   0.5,  1,    2.5,  5,
                                                       10,    30,     60,     300,    900,  3600};
inline constexpr std::array<double, 13> kWorkBounds = {100e-9, 200e-9, 500e-9, 1e-6,   2e-6, 5e-6, 10e-6,
                                                       20e-6,  50e-6,  100e-6, 500e-6, 1e-3, 10e-3};

template <const auto& kBoundsOf>
struct Buckets {
  static constexpr const auto& kBounds = kBoundsOf;
  std::array<Count, kBoundsOf.size() + 1> buckets;
  std::atomic<double> sum{0};
  void Observe(double seconds, uint64_t times = 1) {
    size_t i = 0;
    while (i < kBounds.size() && seconds > kBounds[i]) ++i;
    buckets[i].Add(times);
    sum.store(sum.load(std::memory_order_relaxed) + seconds * static_cast<double>(times),
              std::memory_order_relaxed);
  }
};
using Distribution = Buckets<kWaitBounds>;
using StageTimes = Buckets<kWorkBounds>;

}  // namespace tocsin::daemon

// How POST /v1/events answered. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tocsin::daemon {

class IngestCounts {
 public:
  // Those of EventsEndpoint; what the server refuses before it (too large a body) is not among them.
  static constexpr std::array<int, 6> kCodes = {202, 400, 401, 415, 429, 503};

  void Add(int code) {
    for (size_t i = 0; i < kCodes.size(); ++i) {
      if (kCodes[i] == code) counts_[i].fetch_add(1, std::memory_order_relaxed);
    }
  }
  [[nodiscard]] std::array<uint64_t, kCodes.size()> Read() const {
    std::array<uint64_t, kCodes.size()> counts{};
    for (size_t i = 0; i < kCodes.size(); ++i) counts[i] = counts_[i].load(std::memory_order_relaxed);
    return counts;
  }

 private:
  std::array<std::atomic<uint64_t>, kCodes.size()> counts_{};
};

}  // namespace tocsin::daemon
